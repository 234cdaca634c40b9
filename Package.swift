// swift-tools-version: 6.2
import PackageDescription

// The target list is the architecture: a target imports only targets above it.

/// Warnings are errors in our own code; Swift 6 language mode is the tools version's default.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// Tests that compute much themselves. The others compile in half the time without optimisation; what they call has it in any case.
let computingTests: Set = ["NumericsTests", "ModelsTests", "EmbeddingTests", "ObjectivesTests", "TrainingTests"]

let package = Package(
    name: "bellm",
    products: [
        .executable(name: "bellm", targets: ["bellm"]),
        // Everything but the command line: `import Bellm`.
        .library(name: "Bellm", targets: ["Bellm"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // System libraries and C: nothing else touches C headers.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "COnig", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"])]),
        .target(name: "CKernels"),

        // Ground floor: what went wrong and where; files read whole, written whole, hashed.
        .target(name: "Diagnostics", swiftSettings: strict),
        .target(name: "Files", dependencies: ["Diagnostics", "CCrypto"], swiftSettings: strict),
        .target(name: "HDF5", dependencies: ["Diagnostics", "Files", "CHDF5"], swiftSettings: strict),
        .target(name: "Hub", dependencies: ["Diagnostics", "Files", "CCurl"], swiftSettings: strict),
        .target(
            name: "EmbeddingCache",
            dependencies: ["Diagnostics", "Files", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),

        // The model.
        .target(name: "Workers", swiftSettings: strict),
        .target(name: "Numerics", dependencies: ["COpenBLAS", "COneDNN", "CKernels"], swiftSettings: strict),
        .target(name: "Weights", dependencies: ["Diagnostics", "Files", "CKernels"], swiftSettings: strict),
        .target(name: "Oniguruma", dependencies: ["Diagnostics", "COnig"], swiftSettings: strict),
        .target(
            name: "Tokenizers", dependencies: ["Diagnostics", "Files", "Weights", "Oniguruma"], swiftSettings: strict),
        .target(
            name: "Models", dependencies: ["Diagnostics", "Files", "Workers", "Numerics", "Weights", "Oniguruma"],
            swiftSettings: strict),
        .target(
            name: "Embedding",
            dependencies: [
                "Diagnostics", "Files", "EmbeddingCache", "Numerics", "Weights", "Tokenizers", "Models",
            ], swiftSettings: strict),

        // The measurement.
        .target(
            name: "Tasks", dependencies: ["Diagnostics", "Files", "Workers", "Numerics", "Embedding"],
            swiftSettings: strict),

        // Changing the model.
        .target(
            name: "Objectives", dependencies: ["Diagnostics", "Numerics", "Models", "Embedding"],
            swiftSettings: strict),
        .target(
            name: "Training",
            dependencies: [
                "Diagnostics", "Files", "Numerics", "Weights", "Tokenizers", "Models", "Embedding", "Tasks",
                "Objectives",
            ], swiftSettings: strict),

        // What came out.
        .target(
            name: "Results",
            dependencies: [
                "Diagnostics", "Files", "HDF5", "Embedding", "Tasks", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "Reports", dependencies: ["Diagnostics", "Files", "Embedding", "Tasks", "Results"],
            // Styles and script are parts of the program: a page needs nothing beside it, nor does the program.
            resources: [.embedInCode("report.css"), .embedInCode("chart.css"), .embedInCode("report.js")],
            swiftSettings: strict),
        .target(
            name: "Specification",
            dependencies: [
                "Diagnostics", "Files", "Hub", "Numerics", "Weights", "Models", "Embedding", "Tasks", "Objectives",
                "Training", "Results", .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),
        .target(
            name: "Running",
            dependencies: [
                "Diagnostics", "Files", "HDF5", "EmbeddingCache", "Numerics", "Weights", "Tokenizers", "Models",
                "Embedding", "Tasks", "Objectives", "Training", "Results", "Specification", "CMalloc",
            ], swiftSettings: strict),
        .target(
            name: "Launching",
            dependencies: [
                "Diagnostics", "Files", "Numerics", "Models", "Embedding", "Tasks", "Results", "Specification",
                "Running",
            ], swiftSettings: strict),
        .target(
            name: "Bellm",
            dependencies: [
                "Diagnostics", "Workers", "Numerics", "Weights", "Tokenizers", "Models", "Embedding", "Tasks",
                "Objectives", "Training", "Results", "Specification", "Running",
            ], path: "Sources/Library", swiftSettings: strict),
        .executableTarget(
            name: "bellm",
            // All that it imports, so that a change of a type's layout below compiles it anew.
            dependencies: [
                "Diagnostics", "Files", "Hub", "Numerics", "Models", "Embedding", "Tasks", "Training", "Results",
                "Reports", "Specification", "Running", "Launching",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .target(name: "TestSupport", dependencies: ["CAllocations"], path: "Tests/TestSupport"),
    ]
        + [
            // A test names all that it imports, as other targets do: what isn't named doesn't compile it anew.
            ("bellmTests", ["bellm", "Diagnostics", "Files", "HDF5", "Embedding", "Tasks", "Results", "Reports"]),
            // It imports Bellm alone, and holds types of these, whose layouts are compiled into it.
            ("LibraryTests", ["Bellm", "Diagnostics", "Numerics", "Weights", "Tokenizers", "Models", "Embedding"]),
            ("DiagnosticsTests", ["Diagnostics"]),
            ("FilesTests", ["Files", "Diagnostics"]),
            ("HDF5Tests", ["HDF5", "Diagnostics"]),
            ("HubTests", ["Hub", "Diagnostics", "Files"]),
            ("EmbeddingCacheTests", ["EmbeddingCache", "Files"]),
            ("WorkersTests", ["Workers"]),
            ("NumericsTests", ["Numerics"]),
            ("WeightsTests", ["Weights", "Diagnostics", "Files"]),
            ("OnigurumaTests", ["Oniguruma", "Diagnostics"]),
            ("TokenizersTests", ["Tokenizers", "Diagnostics", "Files", "Weights"]),
            ("ModelsTests", ["Models", "Diagnostics", "Files", "Numerics", "Weights"]),
            (
                "EmbeddingTests",
                [
                    "Embedding", "Diagnostics", "Files", "HDF5", "EmbeddingCache", "Numerics", "Weights", "Tokenizers",
                    "Models",
                ]
            ),
            ("TasksTests", ["Tasks", "Diagnostics", "Files", "Numerics", "Specification"]),
            ("ObjectivesTests", ["Objectives", "Diagnostics", "Numerics", "Models", "Embedding"]),
            (
                "TrainingTests",
                [
                    "Training", "Diagnostics", "Files", "Numerics", "Models", "Embedding", "Objectives", "Tasks",
                    "Specification",
                ]
            ),
            ("ResultsTests", ["Results", "Diagnostics", "Files", "HDF5", "Numerics", "Tasks"]),
            ("ReportsTests", ["Reports", "Diagnostics", "Files", "Tasks", "Results"]),
            ("SpecificationTests", ["Specification", "Diagnostics", "Files", "Hub", "Models", "Embedding", "Tasks"]),
            (
                "RunningTests",
                [
                    "Running", "Diagnostics", "Files", "Numerics", "Weights", "Models", "Embedding", "Tasks",
                    "Objectives",
                    "Training",
                    "Specification",
                ]
            ),
            ("LaunchingTests", ["Launching"]),
        ].map { (name: String, rooms: [String]) in
            .testTarget(
                name: name, dependencies: (rooms + ["TestSupport"]).map { .target(name: $0) },
                swiftSettings: computingTests.contains(name) ? [] : [.unsafeFlags(["-Onone"])])
        }
)

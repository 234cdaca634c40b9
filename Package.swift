// swift-tools-version: 6.2
import PackageDescription

// The target list is the architecture: a target imports only targets above it.

/// Warnings are errors in our own code; Swift 6 language mode is the tools version's default.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Kernels are tuned for throughput in every configuration: a debug test run must not take minutes.
/// `-ffp-contract=fast` lets `a * b + c` become one fused multiply-add.
let fastKernels: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-strict-aliasing"])]

let package = Package(
    name: "bellm",
    products: [.executable(name: "bellm", targets: ["bellm"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // System libraries and C: nothing else touches C headers.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "COnig", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"])]),
        .target(name: "CKernels", cSettings: fastKernels),

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
            name: "Models", dependencies: ["Diagnostics", "Files", "Workers", "Numerics", "Weights"],
            swiftSettings: strict),
        .target(
            name: "Embedding",
            dependencies: [
                "Diagnostics", "Files", "EmbeddingCache", "Numerics", "Weights", "Tokenizers", "Models",
            ], swiftSettings: strict),

        // The measurement.
        .target(name: "Tasks", dependencies: ["Diagnostics", "Files", "Numerics", "Embedding"], swiftSettings: strict),

        // Changing the model.
        .target(
            name: "Training",
            dependencies: [
                "Diagnostics", "Files", "Numerics", "Weights", "Tokenizers", "Models", "Embedding", "Tasks",
            ], swiftSettings: strict),

        // What came out.
        .target(
            name: "Results",
            dependencies: [
                "Diagnostics", "Files", "HDF5", "Embedding", "Tasks", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "Reports", dependencies: ["Diagnostics", "Files", "Embedding", "Results"],
            // The style is a part of the program: a page needs nothing beside it, nor does the program.
            resources: [.embedInCode("report.css")], swiftSettings: strict),
        .target(
            name: "Specification",
            dependencies: [
                "Diagnostics", "Files", "Hub", "Numerics", "Weights", "Models", "Embedding", "Tasks", "Training",
                "Results", .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),
        .target(
            name: "Running",
            dependencies: [
                "Diagnostics", "Files", "HDF5", "EmbeddingCache", "Numerics", "Weights", "Tokenizers", "Models",
                "Embedding", "Tasks", "Training", "Results", "Specification",
            ], swiftSettings: strict),
        .target(
            name: "Launching",
            dependencies: [
                "Diagnostics", "Files", "Models", "Embedding", "Tasks", "Results", "Specification", "Running",
            ], swiftSettings: strict),
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
            "Diagnostics", "Files", "HDF5", "Hub", "EmbeddingCache", "Workers", "Numerics", "Weights", "Oniguruma",
            "Tokenizers",
            "Models", "Results", "Reports", "Specification", "Running", "Launching",
        ].map { room in
            .testTarget(name: "\(room)Tests", dependencies: [.target(name: room), "TestSupport"])
        }
        + [
            .testTarget(name: "TasksTests", dependencies: ["Tasks", "Specification", "TestSupport"]),
            .testTarget(name: "TrainingTests", dependencies: ["Training", "Specification", "TestSupport"]),
            .testTarget(name: "EmbeddingTests", dependencies: ["Embedding", "HDF5", "TestSupport"]),
            .testTarget(name: "bellmTests", dependencies: ["bellm", "Files", "HDF5", "Results", "Tasks", "TestSupport"]),
        ]
)

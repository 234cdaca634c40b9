// swift-tools-version: 6.2
import PackageDescription

// A package that depends on bellm, as another project would. `make check-library` builds it against a tagged version and runs it.

let bellm: Package.Dependency =
    if let url = Context.environment["BELLM_PACKAGE"] {
        .package(url: url, exact: "0.1.0")
    } else {
        .package(name: "bellm", path: "../..")
    }

let package = Package(
    name: "Example",
    dependencies: [bellm],
    targets: [.executableTarget(name: "Example", dependencies: [.product(name: "Bellm", package: "bellm")])]
)

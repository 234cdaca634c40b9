import Tasks
import Diagnostics
import Files
import Foundation
import Hub
import Specification
import TestSupport
import Testing

struct HubReferenceTests {
    private static let commit = String(repeating: "c", count: 40)

    /// A cache with one GGUF file of `org/tiny`, as huggingface_hub leaves it.
    private func withCache(_ check: (ModelCatalogue, _ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let repository = folder + "/hub/models--org--tiny"
            try AtomicFile.replace("\(repository)/refs/main", with: Self.commit)
            try AtomicFile.replace("\(repository)/snapshots/\(Self.commit)/tiny.gguf", with: "weights")
            let catalogue = ModelCatalogue(
                configs: ConfigFolder(path: nil), cache: CacheFolder(path: folder), hub: HubCache(path: folder + "/hub")
            )
            try check(catalogue, folder)
        }
    }

    @Test("A repository of the hub is found in the cache, by its branch or its commit")
    func cached() throws {
        try withCache { catalogue, folder in
            for text in ["org/tiny", "org/tiny@main", "org/tiny@\(Self.commit)"] {
                let model = try catalogue.model(text)
                #expect(model.name == "tiny")
                #expect(
                    try model.existingFile() == "\(folder)/hub/models--org--tiny/snapshots/\(Self.commit)/tiny.gguf")
                #expect(model.hub?.snapshot?.pinned == "org/tiny@\(Self.commit)")
            }
        }
    }

    @Test("One that isn't here is named without asking the hub, and reading it says what to run")
    func missing() throws {
        try withCache { catalogue, _ in
            let place = SourceLocation(file: "x.yaml", line: 1)
            let model = try catalogue.model("org/Other-2.5@v1", at: place)
            #expect(model.name == "Other-2.5")
            let error = #expect(throws: Diagnostic.self) { try model.existingFile() }
            #expect(error?.description.hasPrefix("x.yaml:1: the model org/Other-2.5@v1 is not downloaded yet") == true)
            #expect(error?.description.contains("bellm fetch model org/Other-2.5@v1") == true)
            // A GGUF file alone is no adapter.
            guard case .hub(let adapter) = try catalogue.adapter("org/tiny") else {
                Issue.record("expected a repository")
                return
            }
            #expect(adapter.path == nil)
        }
    }

    @Test("What is a path stays one: a folder that exists, and whatever a repository cannot be named")
    func paths() throws {
        try withCache { catalogue, folder in
            try AtomicFile.createFolder(folder + "/org/tiny")
            #expect(try catalogue.model("org/tiny", relativeTo: folder).hub == nil)
            #expect(try catalogue.adapter("org/tiny", relativeTo: folder) == .folder(folder + "/org/tiny"))
            for path in ["./tiny", "../tiny", "org/tiny.gguf", "a/b/c", "/org/tiny", "~/tiny"] {
                #expect(try catalogue.model(path, relativeTo: folder).hub == nil, "\(path)")
            }
        }
    }

    @Test("The committed manifests name every benchmark's file with a SHA-256, and the addresses are web addresses")
    func manifests() throws {
        let configs = ConfigFolder(path: Fixtures.packageRoot + "/configs")
        #expect(configs.names(of: .data) == ["all-nli", "senteval"])
        for name in configs.names(of: .data) {
            let files = try DataManifest(named: name, in: configs).files
            #expect(!files.isEmpty)
            for address in files.flatMap(\.addresses) { #expect(address.hasPrefix("https://"), "\(address)") }
            for file in files { #expect(file.addresses.count > 1) }
        }
        let senteval = try DataManifest(named: "senteval", in: configs).files
        #expect(senteval.allSatisfy { $0.sha256 != nil && $0.size != nil })
        let paths = Set(senteval.map(\.path))
        #expect(paths.count == senteval.count)
        let tasks = try configs.tasks()
        for task in tasks.standardTasks {
            for file in task.paths { #expect(paths.contains("raw/downstream/\(file)")) }
        }
        for task in tasks.suite("Avg transfer") {
            for file in task.paths { #expect(paths.contains("senteval/downstream/\(file)")) }
        }
    }

    @Test(
        "A manifest with a wrong digest, an unknown mirror, a path out of the folder or another key is an error with its line"
    )
    func wrongManifest() throws {
        try Fixtures.withTemporaryFolder { folder in
            let text = """
                mirrors: { a: https://a.org/x }
                files:
                  - { path: x, sha256: 12, from: { a: x } }
                  - { path: x, from: { b: x } }
                  - { path: ../x, from: { a: x } }
                  - { path: x, from: { a: x }, sha1: y }
                """
            try AtomicFile.replace("\(folder)/data/broken.yaml", with: text)
            let error = #expect(throws: (any Error).self) {
                try DataManifest(named: "broken", in: ConfigFolder(path: folder))
            }
            let lines = "\(try #require(error))".split(separator: "\n")
            #expect(lines.count == 4)
            #expect(
                lines[0].contains("broken.yaml:3:24: expected 64 lower-case hexadecimal digits, found the integer 12"))
            #expect(lines[1].contains("broken.yaml:4:27: unknown mirror \"b\"; expected one of: a"))
            #expect(lines[2].contains("broken.yaml:5:13: expected a path below the data folder"))
            #expect(lines[3].contains("broken.yaml:6:32: unknown key of a file \"sha1\""))
        }
    }
}

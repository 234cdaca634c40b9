import Diagnostics
import Files
import Foundation
import Specification
import TestSupport
import Testing

@Suite("Shared parts and weights are found, or missed with advice")
struct ConfigFolderTests {
    @Test("The nearest configs above the experiment is used; BELLM_CONFIGS beats it")
    func search() throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.createFolder(folder + "/configs/models")
            try AtomicFile.createFolder(folder + "/deep/er/configs")
            let file = folder + "/deep/er/x.yaml"
            let found = try ConfigFolder.find(for: file, environment: [:])
            #expect(found.path == folder.replacing("//", with: "/") + "/configs")
            let named = try ConfigFolder.find(for: file, environment: ["BELLM_CONFIGS": folder + "/deep"])
            #expect(named.path == folder + "/deep")
            #expect(throws: Diagnostic("BELLM_CONFIGS is not a folder", at: SourceLocation(file: "/no/such"))) {
                try ConfigFolder.find(for: file, environment: ["BELLM_CONFIGS": "/no/such"])
            }
        }
    }

    @Test("The program's own folder is searched last, so that it works from anywhere")
    func program() throws {
        let program = Fixtures.packageRoot + "/.build/release/bellm"
        let found = try ConfigFolder.find(for: "/nowhere/x.yaml", environment: [:], program: program)
        #expect(found.names(of: .prompt).contains("prompteol"))
    }

    @Test("Without a configs folder, paths still work and names say what to do")
    func noFolder() throws {
        let catalogue = ModelCatalogue(configs: ConfigFolder(path: nil), cache: CacheFolder(path: "/c"))
        #expect(try catalogue.model("a/b.gguf").file == "a/b.gguf")
        let error = #expect(throws: Diagnostic.self) { try catalogue.model("b") }
        #expect(
            error?.description == """
                cannot look up the model "b": no folder configs above the experiment, the current folder or the \
                program; a path to a .gguf file or a model folder works too, and a repository of the hub such as org/name; set BELLM_CONFIGS
                """)
    }

    @Test("A model whose file is missing says how to get it")
    func missingFile() throws {
        let catalogue = ModelCatalogue(configs: TemporaryExperiment.configs, cache: CacheFolder(path: "/no/cache"))
        let place = SourceLocation(file: "x.yaml", line: 2, column: 8)
        let named = #expect(throws: Diagnostic.self) {
            try catalogue.model("smollm2-135m", at: place).existingFile()
        }
        #expect(
            named?.description == """
                x.yaml:2:8: the file of the model "smollm2-135m" is not in the cache: \
                /no/cache/models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf; run make setup
                """)
        let path = #expect(throws: Diagnostic.self) { try catalogue.model("/no/b.gguf", at: place).existingFile() }
        #expect(path?.description == "x.yaml:2:8: no such model file: /no/b.gguf")
        let folder = #expect(throws: Diagnostic.self) { try catalogue.model("/tmp/", at: place).existingFile() }
        #expect(folder?.description == "x.yaml:2:8: expected a model, found a folder without config.json: /tmp/")
    }

    @Test("A mistake in a shared part names that part's file")
    func brokenParts() throws {
        let files = [
            "configs/models/m.yaml": "name: n\nsha256: abc\nfil: x\n",
            "configs/prompts/p.yaml": "template: '{text'\nnormaliser: [none]\ncolour: red\n",
            "x.yaml": "model: m\nprompt: p\npooling: mean\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let error = #expect(throws: ConfigProblems.self) {
                try ExperimentSpec.load(
                    path: experiment.folder + "/x.yaml", tasks: KnownTasks.all(),
                    configs: ConfigFolder(path: experiment.folder + "/configs"))
            }
            #expect(
                error?.description.replacing(experiment.folder + "/configs/", with: "") == """
                    models/m.yaml:3:1: unknown key of a model "fil"; expected one of: \
                    name, description, file, sha256, fetch, source, architecture, hub, licence, ignore_keys, method, \
                    adapter, unit_length; did you mean "file"?
                    models/m.yaml:1:7: expected the file's own name, "m", found the text "n"
                    models/m.yaml:1:1: the key "file" is missing
                    models/m.yaml:2:9: expected 64 lower-case hexadecimal digits, found the text "abc"
                    prompts/p.yaml:3:1: unknown key of a prompt "colour"; expected one of: \
                    description, template, tokenise, normaliser, wording, source
                    prompts/p.yaml:1:11: expected {text} in the template, found none: {text
                    prompts/p.yaml:2:13: expected a normaliser, found a list
                    """)
        }
    }

    @Test("The cache folder follows BELLM_CACHE, then XDG_CACHE_HOME, then the home folder")
    func cacheFolder() {
        #expect(CacheFolder(environment: ["BELLM_CACHE": "/a", "XDG_CACHE_HOME": "/b"]).path == "/a")
        #expect(CacheFolder(environment: ["BELLM_CACHE": "", "XDG_CACHE_HOME": "/b"]).path == "/b/bellm")
        #expect(CacheFolder(environment: ["HOME": "/h"]).file("m/x") == "/h/.cache/bellm/m/x")
    }

    @Test("A model that is fetched by a command of its own says that one")
    func fetchCommand() throws {
        let catalogue = ModelCatalogue(configs: TemporaryExperiment.configs, cache: CacheFolder(path: "/no/cache"))
        let error = #expect(throws: Diagnostic.self) { try catalogue.model("all-mpnet-base-v2").existingFile() }
        #expect(error?.suggestion == "run make setup-mpnet")
    }

    @Test(
        "A model's config names a file of one's own by a path relative to the config, with a digest or without",
        arguments: ["", "sha256: \(String(repeating: "ab", count: 32))\n"])
    func ownFile(digest: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.createFolder(folder + "/configs/models")
            func catalogue(_ lines: String) throws -> ModelCatalogue {
                try AtomicFile.replace(folder + "/configs/models/mine.yaml", with: "name: mine\n\(lines)")
                return ModelCatalogue(configs: ConfigFolder(path: folder + "/configs"), cache: CacheFolder(path: "/c"))
            }
            let relative = try catalogue("file: ../../mine.gguf\n" + digest).model("mine")
            #expect(relative.file == folder + "/configs/models/../../mine.gguf")
            #expect((relative.sha256 == nil) == digest.isEmpty)
            #expect(throws: Diagnostic.self) { try relative.existingFile() }
            try AtomicFile.replace(folder + "/mine.gguf", with: "")
            #expect(try relative.existingFile() == relative.file)
            #expect(try catalogue("file: /models/mine.gguf\n" + digest).model("mine").file == "/models/mine.gguf")
            let cached = try? catalogue("file: models/mine.gguf\n" + digest).model("mine")
            #expect(cached?.file == (digest.isEmpty ? nil : "/c/models/mine.gguf"))
        }
    }

    @Test("Every committed model and prompt reads")
    func committedParts() throws {
        let configs = TemporaryExperiment.configs
        for name in ModelCatalogue(configs: configs).names {
            let model = try ModelCatalogue(configs: configs).model(name)
            #expect(model.hub != nil || model.sha256?.count == 64)
        }
        #expect(configs.names(of: .prompt).joined(separator: ", ") == SchemaErrorTests.prompts)
        for prompt in configs.names(of: .prompt) {
            let spec = try TemporaryExperiment.spec("model: smollm2-135m\npooling: last\nprompt: \(prompt)\n")
            #expect(spec.runs.map(\.promptName) == [prompt])
        }
    }
}

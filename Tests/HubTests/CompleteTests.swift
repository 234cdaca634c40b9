import Diagnostics
import Files
import Foundation
import Hub
import TestSupport
import Testing

@Suite("A model in the hub's cache is complete when every file that changes a vector is there or known to be absent")
struct CompleteTests {
    private static func text(_ text: String) -> FakeHub.File { HubTrial.file(Array(text.utf8)) }

    /// As the library lays out a model whose backbone has a folder of its own.
    private static let apart: FakeHub = {
        var hub = HubTrial.model
        hub.files = [
            "modules.json": text(
                #"""
                [{"path": "0_Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"path": "my.Dense-2", "type": "sentence_transformers.models.Dense"}]
                """#),
            "config_sentence_transformers.json": text("{}"), "README.md": text("#"),
            "0_Transformer/config.json": text("{}"), "0_Transformer/tokenizer.json": text("{}"),
            "0_Transformer/special_tokens_map.json": text("{}"),
            "0_Transformer/sentence_roberta_config.json": text("{}"),
            "0_Transformer/model.safetensors": HubTrial.file(HubTrial.weights, isLarge: true),
            "1_Pooling/config.json": text("{}"), "my.Dense-2/config.json": text("{}"),
            "my.Dense-2/model.safetensors": HubTrial.file(HubTrial.weights, isLarge: true),
            "1_Pooling/model.safetensors": text("of no module"),
            "2_Other/config.json": text("{}"),
        ]
        return hub
    }()

    /// What no vector depends on.
    private static let strange: Set = ["README.md", "2_Other/config.json", "1_Pooling/model.safetensors"]

    @Test("Modules in folders of their own bring their own files, whatever they are called")
    func modules() async throws {
        try await HubTrial.run(Self.apart) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            let names = FileManager.default.enumerator(atPath: snapshot.folder)?.compactMap { $0 as? String } ?? []
            let files = names.filter { $0.contains(".json") || $0.contains(".safetensors") }
            #expect(Set(files) == Set(Self.apart.files.keys).subtracting(Self.strange))
            #expect(snapshot.modelPath == snapshot.folder)
        }
    }

    @Test(
        "A snapshot that lacks a file that matters is no whole one",
        arguments: [
            "1_Pooling/config.json", "my.Dense-2/model.safetensors", "0_Transformer/sentence_roberta_config.json",
            "modules.json",
        ])
    func lacking(_ file: String) async throws {
        try await HubTrial.run(Self.apart) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            unlink("\(snapshot.folder)/\(file)")
            #expect(snapshot.modelPath == nil)
            trial.client.environment.isOffline = true
            let client = trial.client
            let error = #expect(throws: Diagnostic.self) { try client.fetch(trial.id, .model) }
            #expect(error?.message.contains("has not all of org/name") == true, "\(error?.message ?? "")")
            trial.client.environment.isOffline = false
            _ = try trial.client.fetch(trial.id, .model)
            #expect(snapshot.modelPath == snapshot.folder)
        }
    }

    @Test("What another library left without asking for all of it is fetched in full, and offline it stops")
    func strangers() async throws {
        var hub = HubTrial.model
        hub.files["modules.json"] = Self.text(#"[{"path": ""}, {"path": "1_Pooling"}]"#)
        hub.files["1_Pooling/config.json"] = Self.text("{}")
        try await HubTrial.run(hub) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            // As transformers' AutoModel leaves it.
            for file in ["modules.json", "1_Pooling/config.json"] { unlink("\(snapshot.folder)/\(file)") }
            try FileManager.default.removeItem(atPath: "\(trial.repository)/.no_exist")
            let cached = try trial.client.cached(trial.id, .model)
            #expect(cached == nil)
            trial.client.environment.isOffline = true
            let client = trial.client
            #expect(throws: Diagnostic.self) { try client.fetch(trial.id, .model) }
            trial.client.environment.isOffline = false
            #expect(try trial.client.fetch(trial.id, .model).modelPath == snapshot.folder)
        }
    }

    @Test("What the commit hasn't is noted as huggingface_hub notes it")
    func absences() async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            for file in ["modules.json", "tokenizer_config.json", "added_tokens.json", "adapter_config.json"] {
                let path = "\(trial.repository)/.no_exist/\(snapshot.commit)/\(file)"
                #expect(try TextFile.text(of: path).isEmpty)
                unlink(path)
                #expect(snapshot.modelPath == nil)
                try Data().write(to: URL(fileURLWithPath: path))
                #expect(snapshot.modelPath != nil)
            }
        }
    }

    @Test("The listing that huggingface_hub notes of a whole download says what the commit hasn't")
    func listings() async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            try FileManager.default.removeItem(atPath: "\(trial.repository)/.no_exist")
            #expect(snapshot.modelPath == nil)
            let path = "\(trial.repository)/trees/\(snapshot.commit).json"
            func note(_ version: Int, _ files: [String]) throws {
                let list = files.map { "\"\($0)\": {\"size\": 1}" }.joined(separator: ", ")
                try AtomicFile.replace(path, with: "{\"format_version\": \(version), \"files\": {\(list)}}")
            }
            try note(1, ["config.json", "tokenizer.json", "model.safetensors"])
            #expect(snapshot.modelPath == snapshot.folder)
            try note(1, ["config.json", "tokenizer.json", "model.safetensors", "added_tokens.json"])
            #expect(snapshot.modelPath == nil)
            try note(2, ["config.json", "tokenizer.json", "model.safetensors"])
            #expect(snapshot.modelPath == nil)
        }
    }

    @Test("An adapter beside a model's weights is fetched, so that the model is refused as a folder with one is")
    func adapters() async throws {
        var hub = HubTrial.model
        hub.files["adapter_config.json"] = Self.text("{}")
        try await HubTrial.run(hub) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(FileManager.default.fileExists(atPath: "\(snapshot.folder)/adapter_config.json"))
        }
        var apart = Self.apart
        apart.files["0_Transformer/adapter_config.json"] = Self.text("{}")
        try await HubTrial.run(apart) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(FileManager.default.fileExists(atPath: "\(snapshot.folder)/0_Transformer/adapter_config.json"))
        }
    }

    @Test("A list of modules that leads out of the repository is refused")
    func hostile() async throws {
        var hub = Self.apart
        hub.files["modules.json"] = Self.text(#"[{"path": "../../x"}]"#)
        try await HubTrial.run(hub) { trial in
            let client = trial.client
            let error = #expect(throws: Diagnostic.self) { try client.fetch(trial.id, .model) }
            #expect(error?.message.contains("a folder in the model's") == true)
        }
    }
}

import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Running
import Specification
import TestSupport
import Testing
import Weights

/// A case of Tests/Golden/released.json; dump_released.py says how it was made.
private struct ReleasedEncoder: Sendable, CustomTestStringConvertible {
    struct LowRank: Sendable {
        var name: String
        var config: String
        var tensors: [FormulaTensor]
    }

    /// That of its config.
    var name: String
    /// By path in its folder.
    var files: [String: String]
    var tensors: [FormulaTensor]
    var adapters: [LowRank]
    var isNormalised: Bool
    var isBidirectional: Bool
    var texts: [String]
    /// By role.
    var rows: [String: [[Float]]]

    var testDescription: String { name }

    static func all() throws -> [ReleasedEncoder] {
        let root = try JSONDocument(path: Fixtures.golden("released.json")).root
        let texts = try root.required("texts").elements().map { try $0.string() }
        let tokenizers = try root.required("tokenizers")
        return try root.required("cases").elements().map { node in
            let files = [
                "config.json": try node.required("config").text,
                "tokenizer_config.json": try node.required("tokenizer_config").text,
                "tokenizer.json": try tokenizers.required(node.required("tokenizer").string()).text,
            ]
            let adapters = try node.required("adapters").elements().map { adapter in
                LowRank(
                    name: try adapter.required("name").string(), config: try adapter.required("config").text,
                    tensors: try tensors(adapter.required("tensors")))
            }
            let rows = try ["sentence", "query", "document"].map { role in
                (role, try JSONDecoder().decode([[Float]].self, from: Data(node.required(role).text.utf8)))
            }
            return ReleasedEncoder(
                name: try node.required("name").string(), files: files, tensors: try tensors(node.required("tensors")),
                adapters: adapters, isNormalised: try node.required("unit_length").flag(),
                isBidirectional: try node.required("bidirectional").flag(), texts: texts,
                rows: Dictionary(uniqueKeysWithValues: rows))
        }
    }

    private static func tensors(_ node: JSONNode) throws -> [FormulaTensor] {
        try node.elements().map { pair in
            let parts = Array(try pair.elements())
            try #require(parts.count == 2)
            return FormulaTensor(name: try parts[0].string(), shape: try parts[1].elements().map { try $0.integer() })
        }
    }

    /// Writes the model, and its adapters beside it.
    ///
    /// - Returns: the adapters' folders
    func write(to folder: String) throws -> [String] {
        for (path, text) in files { try AtomicFile.replace("\(folder)/\(path)", with: text) }
        try Self.write(tensors, to: folder + "/model.safetensors") { $0.values }
        return try adapters.map { adapter in
            let own = "\(folder)/\(adapter.name)"
            try AtomicFile.replace(own + "/adapter_config.json", with: adapter.config)
            try Self.write(adapter.tensors, to: own + "/adapter_model.safetensors") {
                $0.values(as: "\(adapter.name) \($0.name)")
            }
            return own
        }
    }

    private static func write(_ tensors: [FormulaTensor], to path: String, values: (FormulaTensor) -> [Float]) throws {
        var writer = SafetensorsWriter()
        for tensor in tensors { writer.add(.init(tensor.name, shape: tensor.shape, values: values(tensor))) }
        try writer.write(to: path)
    }
}

@Suite("Released encoders, as their configs in configs/models say them")
struct ReleasedEncoderTests {
    private static let encoders = (try? ReleasedEncoder.all()) ?? []
    private static let catalogue = ModelCatalogue(configs: ConfigFolder(path: Fixtures.packageRoot + "/configs"))

    private struct Opened {
        var model: PretrainedModel
        var method: EmbeddingMethod
        var adapter: Adapter?
    }

    /// A tiny model in the place of the released one.
    private func open(_ encoder: ReleasedEncoder, in folder: String) throws -> Opened {
        let reference = try Self.catalogue.model(encoder.name)
        let released = try #require(reference.method)
        #expect(released.isNormalised == encoder.isNormalised)
        let folders = try encoder.write(to: folder)
        let model = try PretrainedModel(path: folder, ignoring: KeyPolicy(ignoring: reference.ignoredKeys))
        var method = EmbeddingMethod.unsaid
        try released.complete(&method) { _ in false }
        var opened = Opened(model: model, method: method, adapter: nil)
        guard let own = try Self.catalogue.adapter(of: reference) else {
            #expect(folders.isEmpty)
            return opened
        }
        guard case .merged(let sources, let merge) = own else {
            Issue.record("expected several adapters, found \(own)")
            return opened
        }
        #expect(sources.count == folders.count)
        let here = AdapterReference.merged(folders.map(AdapterReference.folder), merge)
        let merged = try #require(try here.folder(on: model, in: CacheFolder(path: folder + "/cache")))
        opened.adapter = try AdapterFolder(merged).adapter()
        return opened
    }

    @Test("Embeddings of each role are those of the release's documented code, within 1e-4", arguments: encoders)
    private func golden(encoder: ReleasedEncoder) async throws {
        try await Fixtures.withTemporaryFolder { folder in
            let opened = try open(encoder, in: folder)
            let runner = Encoder(backbone: try opened.model.backbone(merging: opened.adapter), workers: 1)
            for role in [TextRole.sentence, .query, .document] {
                let expected = try #require(encoder.rows[role.description])
                let prompts = try Prompts(
                    encoder.texts, by: opened.method, as: role, tokenizer: opened.model.tokenizer,
                    contextLength: opened.model.shape.contextLength)
                #expect(prompts.truncated == 0)
                let found = try await runner.encode(prompts, methods: [opened.method]).embeddings[0]
                try #require(found.rows == expected.count && found.rows == encoder.texts.count)
                for (row, numbers) in expected.enumerated() {
                    var own = found.array(row: row)
                    if encoder.isNormalised {
                        let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
                        own = own.map { $0 / norm }
                    }
                    let difference = Difference(own, numbers)
                    #expect(difference.largest < 1e-4, "\(role), \"\(encoder.texts[row])\": \(difference)")
                }
            }
        }
    }

    @Test("NV-Embed is neither trained nor exported, and what its code would do otherwise is refused, null too")
    func latentAttention() throws {
        let encoder = try #require(Self.encoders.first { $0.name == "nv-embed-v2" })
        try Fixtures.withTemporaryFolder { folder in
            let model = try open(encoder, in: folder).model
            let error = try #require(throws: Diagnostic.self) { try model.modules?.checkTrainable() }
            #expect(error.message.contains("cannot be trained"))
            // Five vectors, two heads of six, a hidden size of 16.
            #expect(model.shape.endWeights == 2 * 12 * (16 + 5) + 3 * 64 * 16)
            let config = try #require(encoder.files["config.json"])
            for (key, value) in [
                ("is_mask_instruction", "true"), ("add_eos", "true"), ("padding_side", "\"right\""),
                ("mask_type", "\"b\""),
            ] {
                let said = "\"\(key)\":\(value)"
                try #require(config.contains(said), "\(said)")
                for other in ["null", value == "true" ? "false" : "\"left\""] {
                    let changed = config.replacing(said, with: "\"\(key)\":\(other)")
                    try AtomicFile.replace(folder + "/config.json", with: changed)
                    let error = try #require(throws: Diagnostic.self) { try PretrainedModel(path: folder) }
                    #expect(error.message.contains("expected \(value)"), "\(error)")
                }
            }
        }
    }

    @Test(
        "The last token moves the first where the config attends in both directions, and nowhere else",
        arguments: encoders)
    private func attention(encoder: ReleasedEncoder) throws {
        try Fixtures.withTemporaryFolder { folder in
            let opened = try open(encoder, in: folder)
            let inspection = try Inspection(
                layersOf: opened.model, attention: opened.method.attention, text: encoder.texts[0])
            let table = try #require(inspection.tables.first { $0.name == "movement table" })
            let column = try #require(table.columns.firstIndex(of: "first token moved by"))
            let moved = try table.rows.map { row in
                guard case .number(let number) = row[column] else { throw CancellationError() }
                return number
            }
            #expect(moved.count == 3 && moved[0] == 0)
            if encoder.isBidirectional {
                #expect(moved[1] > 1e-4 && moved[2] > 1e-4, "\(moved)")
            } else {
                #expect(moved.allSatisfy { $0 == 0 }, "\(moved)")
            }
        }
    }

    @Test("Each kind of architecture, attention, pooling and prompt among the configs has a case")
    func complete() throws {
        let tested = Set(Self.encoders.map(\.name))
        let sizes = [
            "bge-base-en-v1.5": "bge-small-en-v1.5", "bge-large-en-v1.5": "bge-small-en-v1.5",
            "gte-qwen2-7b-instruct": "gte-qwen2-1.5b-instruct", "multilingual-e5-large": "multilingual-e5-base",
            "multilingual-e5-small-q4": "multilingual-e5-small", "qwen3-embedding-8b": "qwen3-embedding-0.6b",
        ]
        // Its backbone and its dense layers are held against their library in FamilyTests and DenseFolderTests, and its GGUF file
        // in its place: nomic-embed-text-v1 is the same method.
        let elsewhere: Set = ["embeddinggemma-300m", "nomic-embed-text-v1.5"]
        let released = try Self.catalogue.names.filter { try Self.catalogue.model($0).method != nil }
        #expect(Set(released).subtracting(tested).subtracting(elsewhere) == Set(sizes.keys))
        for (name, like) in sizes {
            #expect(tested.contains(like))
            #expect(try Self.catalogue.model(name).method == Self.catalogue.model(like).method, "\(name)")
        }
    }
}

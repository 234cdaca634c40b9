import Diagnostics
import Embedding
import Files
import Foundation
import TestSupport
import Testing
import Weights

/// Tests/Golden/static_embedding.json; dump_static_embedding.py says how it was made.
private struct GoldenStaticEmbedding: Decodable {
    struct Folder: Decodable {
        var name: String
        var rows: [[Float]]
        /// The folder's, by path.
        var files: [String: Data]
    }

    var sentences: [String]
    var folders: [Folder]

    static func load() throws -> GoldenStaticEmbedding {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("static_embedding.json")))
        return try JSONDecoder().decode(GoldenStaticEmbedding.self, from: data)
    }
}

@Suite("Folders of sentence-transformers with a StaticEmbedding")
struct StaticEmbeddingTests {
    private func rows(of folder: String, _ sentences: [String]) async throws -> [[Float]] {
        let pretrained = try PretrainedModel(path: folder)
        let own = try #require(try pretrained.ownMethod())
        var encoder = Encoder(backbone: try pretrained.backbone(), workers: 1)
        encoder.head = try pretrained.sentenceTransformer?.head()
        var method = EmbeddingMethod(pooling: .first, attention: .native)
        own.complete(&method) { _ in false }
        let prompts = try Prompts(
            sentences, by: method, tokenizer: pretrained.tokenizer, contextLength: pretrained.shape.contextLength)
        let found = try await encoder.encode(prompts, methods: [method]).embeddings[0]
        return (0..<found.rows).map { index in
            let row = found.array(row: index)
            let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return own.isNormalised && norm > 0 ? row.map { $0 / norm } : row
        }
    }

    /// The first folder with a change.
    private func with<R>(_ change: (String) throws -> Void, _ body: (String) async throws -> R) async throws -> R {
        let golden = try GoldenStaticEmbedding.load()
        return try await Fixtures.withTemporaryFolder { folder in
            try golden.folders[0].files.write(to: folder)
            try change(folder)
            return try await body(folder)
        }
    }

    @Test(
        "Embeddings are the library's within 1e-6: no frame, cut where the tokenizer's file says, unknown words counted"
    )
    func golden() async throws {
        let golden = try GoldenStaticEmbedding.load()
        #expect(golden.folders.map(\.name) == ["alone", "normalised", "a Dense"])
        for example in golden.folders {
            try await Fixtures.withTemporaryFolder { folder in
                try example.files.write(to: folder)
                let found = try await rows(of: folder, golden.sentences)
                for (index, (row, numbers)) in zip(found, example.rows).enumerated() {
                    #expect(row.count == numbers.count)
                    // Here a text without a token has zeros, whatever a Dense makes of them.
                    guard !golden.sentences[index].isEmpty else {
                        #expect(row.allSatisfy { $0 == 0 })
                        continue
                    }
                    let distance = zip(row, numbers).map { abs($0 - $1) }.max() ?? .nan
                    #expect(distance <= 1e-6, "\(example.name), \"\(golden.sentences[index])\": \(distance)")
                }
            }
        }
    }

    @Test("model2vec's tensors: a token's vector times what it weighs")
    func weighted() async throws {
        func write(_ folder: String, _ more: [SafetensorsWriter.Tensor]) throws {
            var writer = SafetensorsWriter()
            let values = (0..<24).map { Float($0) }
            for tensor in [.init("embeddings", shape: [12, 2], values: values)] + more { writer.add(tensor) }
            try writer.write(to: folder + "/model.safetensors")
        }
        let weights = (0..<12).map { Float($0) / 2 }
        try await with({ try write($0, [.init("weights", shape: [12], values: weights)]) }) { folder in
            // "a" is token 3, "bird" token 4.
            let found = try await rows(of: folder, ["a", "a bird"])
            #expect(found == [[9, 10.5], [12.5, 14.25]])
        }
        try await with({ try write($0, [.init("mapping", shape: [12], values: weights)]) }) { folder in
            let error = #expect(throws: Diagnostic.self) { try PretrainedModel(path: folder) }
            #expect(error?.message == "tokens that share rows by the tensor \"mapping\" are not supported")
        }
        try await with({ try write($0, [.init("weights", shape: [2], values: [1, 2])]) }) { folder in
            let error = #expect(throws: Diagnostic.self) { try PretrainedModel(path: folder) }
            #expect(error?.message == "expected \"weights\" as [12], one for each token, found [2]")
        }
    }

    @Test("A Pooling behind it, a missing tokenizer and fewer vectors than tokens are refused")
    func refusals() async throws {
        func change(_ folder: String, _ file: String, _ text: (String) -> String) throws {
            let path = "\(folder)/\(file)"
            try AtomicFile.replace(
                path, with: text(String(decoding: Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)))
        }
        let pooling =
            ", {\"idx\": 1, \"name\": \"1\", \"path\": \"\", \"type\": \"sentence_transformers.models.Pooling\"}]"
        try await with({ folder in
            try change(folder, "modules.json") { $0.replacing("}\n]", with: "}\(pooling)") }
        }) { folder in
            let error = #expect(throws: Diagnostic.self) { try PretrainedModel(path: folder).ownMethod() }
            #expect(
                error?.message.contains("the module Pooling is not supported here; expected perhaps Dense") == true)
        }
        for length in ["0", "-1", "7.5"] {
            try await with({ folder in
                try change(folder, "tokenizer.json") {
                    $0.replacing(/"max_length": ?7/, with: "\"max_length\": \(length)")
                }
            }) { folder in
                let error = #expect(throws: Diagnostic.self) { try PretrainedModel(path: folder) }
                #expect(error?.message.hasPrefix("truncation.max_length: expected") == true)
            }
        }
        try await with({ try FileManager.default.removeItem(atPath: $0 + "/tokenizer.json") }) {
            folder in
            _ = #expect(throws: Diagnostic.self) { try PretrainedModel(path: folder) }
        }
        try await with({ folder in
            var writer = SafetensorsWriter()
            writer.add(.init("embedding.weight", shape: [11, 2], values: Array(repeating: 1, count: 22)))
            try writer.write(to: folder + "/model.safetensors")
        }) { folder in
            let error = #expect(throws: Diagnostic.self) { try PretrainedModel(path: folder) }
            #expect(error?.message == "the tokenizer has 12 tokens, the embedding matrix only 11")
        }
    }
}

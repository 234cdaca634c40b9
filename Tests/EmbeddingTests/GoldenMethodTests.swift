import Embedding
import Foundation
import Models
import TestSupport
import Testing

/// Reference embeddings of the papers' training-free methods; Tests/Golden/dump_methods.py made them.
private struct GoldenMethods: Decodable {
    struct Method: Decodable, CustomTestStringConvertible {
        var name: String
        var template: String
        var pooling: String
        var normaliser: String?
        var layer: Int?
        var bidirectional: [Int]?
        var prepend: [Int]?
        var embeddings: [[Float]]

        var testDescription: String { name }

        func method() throws -> EmbeddingMethod {
            var method = EmbeddingMethod(
                template: try PromptTemplate(template), normaliser: try Normaliser(named: normaliser ?? "none"),
                pooling: try Pooling(named: pooling), layer: HiddenLayer(layer ?? -1),
                attention: .layers(bidirectional ?? []))
            if let prepend { method.prependLayers = prepend[0]..<prepend[1] }
            return method
        }
    }

    var sentences: [String]
    var methods: [Method]

    static func read() throws -> GoldenMethods {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("methods.json")))
        return try JSONDecoder().decode(GoldenMethods.self, from: data)
    }
}

@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
struct GoldenMethodTests {
    @Test("Echo, Token Prepending and the other training-free methods agree with Hugging Face's layers within 1e-4")
    func agreesWithReference() async throws {
        let golden = try GoldenMethods.read()
        let pretrained = try PretrainedModel(path: Fixtures.smolLM2)
        let encoder = Encoder(backbone: try pretrained.backbone(), workers: 2)
        for reference in golden.methods {
            let method = try reference.method()
            try method.check(layerCount: pretrained.shape.layerCount)
            let prompts = try Prompts(
                golden.sentences, by: method,
                tokenizer: pretrained.tokenizer, contextLength: pretrained.shape.contextLength)
            let embeddings = try await encoder.encode(prompts, methods: [method]).embeddings[0]
            let expected = reference.embeddings
            let scale = expected.joined().map(abs).max() ?? 0
            let difference = expected.indices.flatMap { row in
                zip(embeddings.array(row: row), expected[row]).map { abs($0 - $1) }
            }.max()
            print("\(reference.name): largest difference \((difference ?? .nan) / scale)")
            #expect((difference ?? .nan) / scale < 1e-4, "\(reference.name)")
        }
    }
}

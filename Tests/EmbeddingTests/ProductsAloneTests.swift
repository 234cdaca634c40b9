import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import TestSupport
import Testing

@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
struct ProductsAloneTests {
    private static let sentences = ["A dog walks.", "Two men play chess in the park.", "", "\"Quoted\", he said."]

    private func prompts(_ model: PretrainedModel, _ method: EmbeddingMethod) throws -> Prompts {
        try Prompts(
            Self.sentences, by: method, tokenizer: model.tokenizer,
            contextLength: model.shape.contextLength)
    }

    @Test(
        "The products alone are as many operations as the plan forecasts, and the shared prefix's once",
        arguments: [(Pooling.last, -1), (.last, -3), (.mean, -1)])
    func operations(pooling: Pooling, layer: Int) async throws {
        let model = try PretrainedModel(path: Fixtures.smolLM2)
        let method = EmbeddingMethod(
            template: try PromptTemplate("This sentence : \"{text}\" means in one word:\""), pooling: pooling,
            layer: HiddenLayer(layer))
        let prompts = try prompts(model, method)
        let encoder = Encoder(backbone: try model.backbone(), workers: 2)
        let products = try ProductsAlone(encoder, prompts, method: method)

        let workload = try Workload(prompts, methods: [method], shape: model.shape)
        let layers = try method.layer.resolved(layerCount: model.shape.layerCount)
        let prefix = Double(workload.prefixTokens * layers) * model.shape.operationsPerTokenAndLayer
        #expect(prefix > 0)
        #expect(abs(products.operations / (workload.operations + prefix) - 1) < 1e-12)
        try await products.run()
    }

    @Test("A method with bidirectional layers, whose chunks have other rows, is refused")
    func bidirectional() throws {
        let model = try PretrainedModel(path: Fixtures.smolLM2)
        let method = EmbeddingMethod(pooling: .mean, attention: .last(1))
        let encoder = Encoder(backbone: try model.backbone(isStreamed: true), workers: 1)
        let prompts = try prompts(model, method)
        #expect(throws: Diagnostic.self) { try ProductsAlone(encoder, prompts, method: method) }
    }
}

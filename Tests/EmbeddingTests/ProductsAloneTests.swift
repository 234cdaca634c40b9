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
        arguments: [
            (Pooling.last, -1, AttentionPlan.none), (.last, -3, .last(4)), (.mean, -1, .last(2)), (.mean, -1, .all),
        ])
    func operations(pooling: Pooling, layer: Int, attention: AttentionPlan) async throws {
        let model = try PretrainedModel(path: Fixtures.smolLM2)
        let method = EmbeddingMethod(
            template: try PromptTemplate("This sentence : \"{text}\" means in one word:\""), pooling: pooling,
            layer: HiddenLayer(layer), attention: attention)
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
}

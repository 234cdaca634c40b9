import Embedding
import EmbeddingCache
import Foundation
import Models
import TestSupport
import Testing

@Suite("Embeddings that are no vectors")
struct NotFiniteTests {
    @Test(
        "A state beyond float32 stops the encoding with the prompt and the first layer that has one",
        arguments: [1, 3], [Settings(), Settings(workers: 2, isStreamed: true), Settings(sharesBeginnings: false)])
    func refused(layer: Int, settings: Settings) async throws {
        let model = TinyLlama(layers: 5)
        let method = EmbeddingMethod(
            template: try PromptTemplate("Say \"{text}\":"), pooling: .last, attention: .last(2))
        let error = await #expect(throws: NotFinite.self) {
            _ = try await embed(
                ["a", "bb"], [method], by: model.overflowing(inLayer: layer).backbone(), settings: settings)
        }
        // A layer's output is the next hidden layer: 0 is the embedding layer's.
        #expect(error?.layer == layer + 1)
        #expect(try #require(error).description.contains("has NaN or infinity, from layer \(layer + 1) on"))
        // What is read lies below it.
        var low = method
        low.layer = HiddenLayer(layer)
        #expect(try await embed(["a", "bb"], [low], by: model.overflowing(inLayer: layer).backbone())[0].count == 2)
    }

    @Test("A long sentence is quoted by its beginning")
    func quoted() {
        #expect(NotFinite.quoted("a dog") == "\"a dog\"")
        #expect(NotFinite.quoted(String(repeating: "x", count: 61)) == "\"\(String(repeating: "x", count: 60))…\"")
    }
}

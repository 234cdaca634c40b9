import Diagnostics
import Models
import Numerics
import TestSupport
import Testing

@Suite struct LlamaCheckpointTests {
    /// What reading a changed model must throw.
    private func message(_ change: (inout TinyLlama) -> Void) throws -> String {
        var model = TinyLlama()
        change(&model)
        return try #require(throws: Diagnostic.self) { try model.backbone() }.description
    }

    @Test(
        "a missing tensor is an error that names it",
        arguments: ["blk.1.attn_q.weight", "output_norm.weight", "blk.0.ffn_norm.weight"])
    func missingTensor(name: String) throws {
        let message = try message { $0.tensors[name] = nil }
        #expect(message.contains("found tensors 1 missing: \(name)"))
    }

    @Test(
        "left-over tensors are an error that names them",
        arguments: ["blk.3.attn_q.weight", "blk.0.attn_q.bias", "rope_factors.weight"])
    func leftOverTensor(name: String) throws {
        let message = try message { $0.tensors[name] = TinyLlama.Tensor(shape: [2], values: [1, 2]) }
        #expect(message.hasPrefix("tiny.gguf: ") && message.contains("that a llama model doesn't have: \(name)"))
    }

    @Test(
        "a tensor of another shape is an error with both shapes",
        arguments: [
            ("blk.2.attn_k.weight", [12, 24], [11, 24]), ("blk.0.ffn_down.weight", [24, 40], [40, 24]),
            ("blk.1.attn_norm.weight", [24], [1, 24]), ("output_norm.weight", [24], [23]),
            ("token_embd.weight", [256, 24], [256, 23]),
        ])
    func misshapenTensor(name: String, expected: [Int], found: [Int]) throws {
        let message = try message {
            $0.tensors[name] = TinyLlama.Tensor(
                shape: found, values: [Float](repeating: 1, count: found.reduce(1, *)))
        }
        #expect(message.hasSuffix("found tensors 1 of another shape: \(name) has \(found), expected \(expected)"))
    }

    @Test("the vocabulary's output matrix may be there: it isn't read")
    func outputMatrix() throws {
        var model = TinyLlama()
        model.tensors["output.weight"] = TinyLlama.Tensor(shape: [1], values: [0])
        #expect(throws: Never.self) { try model.backbone() }
    }

    @Test("the sizes are those of the metadata")
    func sizes() throws {
        let model = TinyLlama()
        let shape = try model.backbone().shape
        #expect((shape.layerCount, shape.hiddenSize, shape.contextLength, shape.vocabularySize) == (3, 24, 128, 256))
        #expect(shape.keyValueColumns == 24)
        let perLayer = model.tensors.filter { $0.key.hasPrefix("blk.0.") && $0.value.shape.count == 2 }
        #expect(shape.weightsPerLayer == perLayer.values.map(\.values.count).reduce(0, +))
        #expect(shape.operationsPerTokenAndLayer == 2 * Double(shape.weightsPerLayer))
    }
}

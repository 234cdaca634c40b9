import Embedding
import Models
import TestSupport
import Testing

@Suite struct PlanEffectTests {
    @Test(
        "the analysis says that a plan has no effect exactly where the vectors are bit-equal",
        arguments: Pooling.allCases)
    func bruteForce(pooling: Pooling) async throws {
        let model = TinyLlama()
        let subsets = (0..<1 << model.layers).map { bits in (0..<model.layers).filter { bits >> $0 & 1 == 1 } }
        let plans = [AttentionPlan.none, .all, .last(1), .last(2), .from(1)] + subsets.map { .layers($0) }
        let backbone = try model.backbone()
        for layer in 0...model.layers {
            let methods = plans.map { EmbeddingMethod(pooling: pooling, layer: HiddenLayer(layer), attention: $0) }
            let vectors = try await embed(["A sentence."], methods, by: backbone)
            for (index, method) in methods.enumerated() {
                let differs = vectors[index][0].bits != vectors[0][0].bits
                let resolved = try ResolvedMethod(method, layerCount: model.layers)
                let hasEffect = resolved.attentionPlanHasEffect
                #expect(hasEffect == differs, "\(method.attention), layer \(layer)")
                let isBidirectional = !resolved.bidirectionalLayers.isEmpty
                let warning = resolved.noEffectWarning
                #expect((warning != nil) == (isBidirectional && !differs), "\(method.attention), layer \(layer)")
            }
        }
    }

    @Test("An encoder's layers are bidirectional by nature: only hidden layer 0 has nothing of them")
    func encoders() throws {
        var shape = try TinyLlama().backbone().shape
        shape.isEncoder = true
        func warning(_ pooling: Pooling, _ layer: Int) throws -> String? {
            let method = EmbeddingMethod(pooling: pooling, layer: HiddenLayer(layer), attention: .native)
            return try ResolvedMethod(method, shape).noEffectWarning
        }
        #expect(
            try warning(.mean, 0)
                == "the layers are bidirectional by nature, but no attention has a part in the mean-pooled vector: hidden "
                + "layer 0 is below them")
        #expect(try warning(.last, 1) == nil && warning(.mean, 2) == nil)
    }

    @Test("the warning says which layers and why")
    func warning() throws {
        let released = EmbeddingMethod(pooling: .last, attention: .last(1))
        #expect(
            try ResolvedMethod(released, layerCount: 30).noEffectWarning
                == "making layer 29 bidirectional cannot change the last-pooled vector: the last token sees every token "
                + "in a causal layer too, and no layer above reads the others")
        let above = EmbeddingMethod(pooling: .mean, layer: HiddenLayer(-3), attention: .last(2))
        #expect(
            try ResolvedMethod(above, layerCount: 30).noEffectWarning
                == "making layers 28, 29 bidirectional cannot change the mean-pooled vector: hidden layer -3 is below them"
        )
    }
}

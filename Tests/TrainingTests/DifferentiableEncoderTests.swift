import Embedding
import Models
import Numerics
import Objectives
import TestSupport
import Testing
import Training

@Suite("Gradients through the model")
struct DifferentiableEncoderTests {
    @Test(
        "The gradient is the same by a bit for any number of workers, with activations kept or computed again",
        arguments: [
            (AttentionPlan.none, Pooling.last, Float(0)), (.last(1), .mean, 0), (.all, .mean, 0),
            (.last(1), .last, 0.2),
        ])
    func sameBits(plan: AttentionPlan, pooling: Pooling, dropoutRate: Float) async throws {
        var training = try TinyTraining()
        (training.method.attention, training.method.pooling) = (plan, pooling)
        let adapter = try training.adapter(AdapterConfiguration(rank: 3, alpha: 6))
        let backbone = try training.backbone.adapted(by: adapter)
        let dropout = dropoutRate > 0 ? Dropout(rate: dropoutRate, seed: 5) : nil
        // Of several chunks.
        let prompts = try training.prompts(TinyTraining.triplets(16))
        #expect(prompts.tokenCount > 2 * Encoder.defaultChunkTokens)

        var found: [[UInt32]] = []
        for (workers, bytes) in [(1, Int.max), (2, Int.max), (3, Int.max), (3, 0), (2, 1 << 21)] {
            let encoder = DifferentiableEncoder(
                training.method, adapter: adapter, workers: workers, activationBytes: bytes)
            // Twice: what the first batch left in reused memory must not show.
            for _ in 0..<2 {
                let gradient = try await encoder.gradient(of: prompts, through: backbone, dropout: dropout) {
                    try InBatchNegatives().value(of: $0, .triplets).gradients[0]
                }
                found.append(gradient.parameters.array(row: 0).bits)
                #expect(gradient.tokens > 0)
                #expect((gradient.tokensRepeated == 0) == (bytes == .max), "\(gradient.tokensRepeated)")
                if bytes == 0 { #expect(gradient.tokensRepeated == gradient.tokens) }
            }
        }
        #expect(found.allSatisfy { $0 == found[0] })
        #expect(found[0].contains { $0 << 1 != 0 })
    }

    @Test(
        "The gradient of a large batch is that of its loss by each parameter: finite differences of the loss itself",
        arguments: [nil, Dropout(rate: 0.3, seed: 2)])
    func wholeLoss(dropout: Dropout?) async throws {
        let training = try TinyTraining()
        let adapter = try training.adapter(AdapterConfiguration(rank: 2, alpha: 4, layers: [1, 2]))
        let prompts = try training.prompts(TinyTraining.triplets(6))
        let encoder = DifferentiableEncoder(training.method, adapter: adapter, workers: 2, activationBytes: 0)
        try await training.expectSlope(of: adapter, within: 2e-3) { backbone in
            var total = 0.0
            let found = try await encoder.gradient(of: prompts, through: backbone, dropout: dropout) {
                let value = try InBatchNegatives().value(of: $0, .triplets)
                total = value.value
                return value.gradients[0]
            }
            return (total, found.parameters.array(row: 0))
        }
    }

    @Test("With weights and products' inputs rounded to bfloat16 the gradient is float32's but for the rounding")
    func bfloat16() async throws {
        func gradient(_ precision: Precision) async throws -> [Float] {
            let training = try TinyTraining(precision: precision)
            let adapter = try training.adapter(AdapterConfiguration(rank: 2, alpha: 4))
            let encoder = DifferentiableEncoder(training.method, adapter: adapter, workers: 2)
            let found = try await encoder.gradient(
                of: training.prompts(TinyTraining.triplets(8)), through: training.backbone.adapted(by: adapter)
            ) { try InBatchNegatives().value(of: $0, .triplets).gradients[0] }
            return found.parameters.array(row: 0)
        }
        let (whole, rounded) = (try await gradient(.float32), try await gradient(.bfloat16))
        #expect(whole.bits != rounded.bits)
        let products = [(whole, rounded), (whole, whole), (rounded, rounded)].map { a, b in
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let cosine = products[0] / (products[1] * products[2]).squareRoot()
        #expect(cosine > 0.995, "\(cosine)")
    }

    @Test("Nothing below what is read can be trained: an error before any work")
    func nothingToTrain() async throws {
        var training = try TinyTraining()
        training.method.layer = HiddenLayer(1)
        let adapter = try training.adapter(AdapterConfiguration(rank: 2, layers: [2]))
        let encoder = DifferentiableEncoder(training.method, adapter: adapter, workers: 1)
        let prompts = try training.prompts(TinyTraining.triplets(2))
        await #expect(throws: (any Error).self) {
            try await encoder.gradient(of: prompts, through: try training.backbone.adapted(by: adapter)) { $0 }
        }
    }
}

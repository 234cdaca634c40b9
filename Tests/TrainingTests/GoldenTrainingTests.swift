import Embedding
import Foundation
import Models
import Numerics
import Objectives
import TestSupport
import Testing
import Training

/// Tests/Golden/training.json; dump_training.py says how it was made.
private struct GoldenTraining: Decodable {
    struct Case: Decodable {
        var bidirectional: String
        var pooling: String
        var losses: [Double]
        var gradients: [String: [Double]]
    }

    var template: String
    var examples: [[String]]
    var layers: Int
    var rank: Int
    var alpha: Float
    var batchSize: Int
    var temperature: Double
    var learningRate: Double
    var cases: [Case]

    static func load() throws -> GoldenTraining {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("training.json")))
        return try JSONDecoder().decode(GoldenTraining.self, from: data)
    }
}

@Suite("Training equals PyTorch's with PEFT")
struct GoldenTrainingTests {
    @Test("The gradient of every low-rank tensor is within 1e-4, and ten losses under AdamW are within 1e-3")
    func golden() async throws {
        let golden = try GoldenTraining.load()
        #expect(golden.cases.count == 7)
        for expected in golden.cases { try await check(expected, golden) }
    }

    private func check(_ expected: GoldenTraining.Case, _ golden: GoldenTraining) async throws {
        let label = "\(expected.bidirectional), \(expected.pooling)"
        var training = try TinyTraining()
        training.method.templates = RoleTemplates(try PromptTemplate(golden.template))
        training.method.attention = try AttentionPlan(parsing: expected.bidirectional)
        training.method.pooling = try Pooling(named: expected.pooling)
        let adapter = try training.adapter(AdapterConfiguration(rank: golden.rank, alpha: golden.alpha))
        let encoder = DifferentiableEncoder(training.method, adapter: adapter, workers: 2)
        let loss = InBatchNegatives(temperature: golden.temperature)
        let batches = stride(from: 0, to: golden.examples.count, by: golden.batchSize).map { start in
            golden.examples[start..<start + golden.batchSize].map {
                TrainingExample.triplet(anchor: $0[0], positive: $0[1], negative: $0[2])
            }
        }

        let parameters = Matrix(rows: 1, columns: adapter.layout.count, adapter.values.array(row: 0))
        var optimiser = try AdamW(AdamW.Settings(), counts: [adapter.layout.count])
        var losses: [Float] = []
        for step in expected.losses.indices {
            let current = Adapter(
                configuration: adapter.configuration, layout: adapter.layout,
                values: FrozenMatrix(freezing: parameters.copy()))
            let batch = batches[step % batches.count]
            let prompts = try training.prompts(batch)
            #expect(
                prompts.tokens[0]
                    == golden.template.replacing("{text}", with: batch[0].sentences[0]).utf8.map(Int32.init))
            let gradient = try await encoder.gradient(
                of: prompts, through: try training.backbone.adapted(by: current)
            ) { embeddings in
                let value = try loss.value(of: embeddings, .triplets)
                losses.append(Float(value.value))
                return value.gradients[0]
            }
            if step == 0 { compare(gradient.parameters, expected.gradients, adapter.layout, label) }
            try GradientClipping.clip([gradient.parameters], to: 1)
            optimiser.step([parameters], gradients: [gradient.parameters], learningRate: golden.learningRate)
        }
        let difference = Difference(losses, expected.losses)
        #expect(difference.largest <= 1e-3, "\(label), losses: \(difference)")
    }

    private func compare(
        _ gradient: Matrix, _ expected: [String: [Double]], _ layout: ParameterLayout, _ label: String
    ) {
        let found = gradient.array(row: 0)
        #expect(Set(layout.names) == Set(expected.keys))
        var worst = (name: "", difference: Difference([], [Double]()))
        for name in layout.names {
            guard let place = layout[name], let numbers = expected[name] else { continue }
            let difference = Difference(Array(found[place.range]), numbers)
            if difference.relative >= worst.difference.relative { worst = (name, difference) }
        }
        #expect(worst.difference.relative <= 1e-4, "\(label), \(worst.name): \(worst.difference)")
    }
}

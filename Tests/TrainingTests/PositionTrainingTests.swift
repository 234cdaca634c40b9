import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Training

@Suite("Training a position between two adapters")
struct PositionTrainingTests {
    private let training: TinyTraining
    private let adapters: [Adapter]

    init() throws {
        training = try TinyTraining()
        let one = try training.adapter(AdapterConfiguration(rank: 2, alpha: 4))
        let other = try training.adapter(
            AdapterConfiguration(rank: 3, alpha: 1, targets: .named(["q_proj", "down_proj"])))
        adapters = [one, other]
    }

    private var recipe: TrainingRecipe {
        var recipe = TrainingRecipe()
        (recipe.steps, recipe.batchSize, recipe.learningRate, recipe.checkpointInterval) = (8, 5, 0.5, 3)
        return recipe
    }

    private func arc() throws -> AdapterArc {
        try AdapterArc(adapters, on: try #require(training.model.modules))
    }

    private func trainer(
        _ recipe: TrainingRecipe, penalty: Double = 0.01, checkpoint: String? = nil,
        from start: AdapterArc.Position = .init(weights: [1, 1], scale: 1), workers: Int = 2
    ) throws -> Trainer {
        var trainer = try Trainer(recipe, method: training.method, workers: workers)
        trainer.positioning = Positioning(try arc(), from: start, scalePenalty: penalty)
        trainer.checkpoint = checkpoint.map { ($0, "one") }
        return trainer
    }

    private func train(
        _ trainer: Trainer, observe: @escaping @Sendable (Trainer.Event) -> Void = { _ in }
    ) async throws -> TrainedAdapter {
        try await trainer.train(
            training.model, backbone: training.backbone, examples: TinyTraining.triplets(40), observe: observe)
    }

    @Test("The adapter at a position is slerp's", arguments: [[1.0, 1.0, 1.0], [1.0, 3.0, 2.0], [0.2, 0.1, 0.5]])
    func slerp(numbers: [Double]) throws {
        let (weights, scale) = (Array(numbers.prefix(2)), numbers[2])
        var merge = AdapterMerge()
        (merge.method, merge.weights, merge.scale) = (.slerp, weights, scale)
        let merged = try merge.merged(adapters, on: try #require(training.model.modules)).adapter
        let found = try arc().adapter(at: .init(weights: weights, scale: scale))
        #expect(found.configuration == merged.configuration && found.layout == merged.layout)
        #expect(
            zip(found.values.array(row: 0), merged.values.array(row: 0)).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("The gradient of a_1, a_2 and λ is that of central differences")
    func gradient() throws {
        let arc = try arc()
        let at = AdapterArc.Position(weights: [0.7, 1.6], scale: 1.2)
        let count = arc.adapter(at: at).layout.count
        let slopes = FormulaNumbers.floats("slopes", count: count, within: 1)
        func loss(_ position: AdapterArc.Position) -> Double {
            zip(arc.adapter(at: position).values.array(row: 0), slopes).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let found = arc.gradient(of: Matrix(rows: 1, columns: count, slopes), at: at)
        let step = 1e-3
        for index in 0..<3 {
            var (up, down) = (at, at)
            if index < 2 {
                up.weights[index] += step
                down.weights[index] -= step
            } else {
                up.scale += step
                down.scale -= step
            }
            let expected = (loss(up) - loss(down)) / (2 * step)
            #expect(abs(found[index] - expected) < 1e-2 * max(1, abs(expected)), "\(index)")
            #expect(abs(expected) > 1e-3)
        }
    }

    @Test("A small step along the gradient changes the probe's loss by the rate times its squared length")
    func descends() async throws {
        var recipe = recipe
        (recipe.steps, recipe.batchSize, recipe.schedule, recipe.warmUp, recipe.clipping) = (
            2, 40, .constant, .steps(0), nil
        )
        recipe.learningRate = 1e-3
        let log = try await train(trainer(recipe)).log
        let expected = recipe.learningRate * log[0].gradientNorm * log[0].gradientNorm
        #expect(expected > 0)
        #expect(abs((log[0].loss - log[1].loss) - expected) < 0.1 * expected + 1e-6, "\(log.map(\.loss)), \(expected)")
    }

    @Test("The penalty adds μ λ to the loss, and makes the scale smaller")
    func penalty() async throws {
        var recipe = recipe
        (recipe.steps, recipe.learningRate, recipe.schedule, recipe.warmUp) = (4, 0.05, .constant, .steps(0))
        let free = try await train(trainer(recipe, penalty: 0))
        let held = try await train(trainer(recipe, penalty: 0.5))
        #expect(abs(held.log[0].loss - free.log[0].loss - 0.5) < 1e-5)
        #expect(try #require(held.position).scale < #require(free.position).scale)
    }

    @Test("Stopped and resumed it gives the bits of an uninterrupted one, on any number of workers")
    func resumed() async throws {
        let whole = try await train(trainer(recipe))
        let start = AdapterArc.Position(weights: [1, 1], scale: 1)
        #expect(whole.position != nil && whole.position != start)
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/checkpoint.safetensors"
            let stopping = try trainer(recipe, checkpoint: path)
            let stopped = Task {
                try await train(stopping) { event in
                    guard case .step(let step) = event, step.number == 5 else { return }
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await stopped.value }
            let resumed = try await train(trainer(recipe, checkpoint: path, workers: 1))
            #expect(resumed.position == whole.position && resumed.adapter.bits == whole.adapter.bits)
            #expect(resumed.log.map(\.loss) == whole.log.map(\.loss))
        }
    }

    @Test("A rate that leads off the arc is refused with its step")
    func leaves() async throws {
        var recipe = recipe
        (recipe.learningRate, recipe.schedule, recipe.warmUp, recipe.clipping) = (1e4, .constant, .steps(0), nil)
        let error = await #expect(throws: Diagnostic.self) { _ = try await train(trainer(recipe, penalty: 1)) }
        #expect(error?.message.hasPrefix("step 1: the position has left the arc") ?? false)
    }
}

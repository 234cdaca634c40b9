import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Objectives
import TestSupport
import Testing
import Training
import Weights

/// Of Tests/Golden/heads.json; dump_heads.py says how it was made.
private struct GoldenHeadTrainings: Decodable {
    struct Case: Decodable {
        var head: String
        var losses: [Double]
    }

    var examples: [[String]]
    var learningRate: Double
    var temperature: Double
    var trainings: [Case]
}

@Suite("Training with a head")
struct HeadTrainingTests {
    private static func mlp(_ hidden: Int, _ dimensions: Int, trainOnly: Bool = false) -> HeadRecipe {
        var kind = MLPHead()
        (kind.hidden, kind.dimensions, kind.activation) = ([hidden], dimensions, .gelu)
        return HeadRecipe(kind, isForTrainingOnly: trainOnly)
    }

    private static func linear(_ dimensions: Int?, _ activation: HeadActivation = .identity) -> HeadRecipe {
        var kind = LinearHead()
        (kind.dimensions, kind.activation) = (dimensions, activation)
        return HeadRecipe(kind)
    }

    private func recipe(_ head: HeadRecipe?) -> TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.adapter = AdapterConfiguration(rank: 2, alpha: 4)
        recipe.head = head
        (recipe.steps, recipe.batchSize, recipe.learningRate, recipe.checkpointInterval) = (8, 5, 0.01, 3)
        return recipe
    }

    /// A checkpoint before the first step: where a training starts from.
    private func writeStart(_ values: [Float], to path: String) throws {
        var hasher = SHA256Hasher()
        hasher.update(Array("start\n[]\n0\n".utf8))
        for numbers in [values, values.map { _ in 0 }, values.map { _ in 0 }] {
            numbers.withUnsafeBytes { hasher.update(bytes: $0) }
        }
        let digest = hasher.finalize().description
        var writer = SafetensorsWriter(metadata: ["fingerprint": "start", "log": "[]", "sha256": digest])
        writer.add(.init("parameters", shape: [values.count], values: values))
        for name in ["first_moments.0", "second_moments.0"] {
            writer.add(.init(name, shape: [values.count], values: values.map { _ in 0 }))
        }
        try writer.write(to: path)
    }

    @Test("Ten losses of low-rank factors and a head under one AdamW are PyTorch's within 1e-3")
    func golden() async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("heads.json")))
        let golden = try JSONDecoder().decode(GoldenHeadTrainings.self, from: data)
        let heads: [String: HeadRecipe] = [
            "linear": Self.linear(7), "mlp gelu": Self.mlp(11, 6), "simcse": Self.linear(24, .tanh),
        ]
        #expect(Set(golden.trainings.map(\.head)) == Set(heads.keys))
        let training = try TinyTraining()
        let examples = golden.examples.map {
            TrainingExample.triplet(anchor: $0[0], positive: $0[1], negative: $0[2])
        }
        for expected in golden.trainings {
            var recipe = recipe(try #require(heads[expected.head]))
            recipe.objective = AnyObjective(InBatchNegatives(temperature: golden.temperature))
            (recipe.steps, recipe.batchSize, recipe.learningRate) = (10, examples.count, golden.learningRate)
            (recipe.schedule, recipe.warmUp) = (.constant, .steps(0))
            let adapter = try training.adapter(recipe.adapter).values.array(row: 0)
            let count = try #require(recipe.head).shape(inputs: 24).parameterCount
            try await Fixtures.withTemporaryFolder { folder in
                let path = folder + "/start.safetensors"
                try writeStart(adapter + FormulaNumbers.floats("head", count: count, within: 0.4), to: path)
                let log = try await training.train(recipe, checkpoint: (path, "start"), examples: examples).log
                let difference = Difference(log.map { Float($0.loss) }, expected.losses)
                #expect(difference.largest <= 1e-3, "\(expected.head): \(difference)")
            }
        }
    }

    @Test("A stopped training with a head resumes to the bits of an uninterrupted one, its head too")
    func resumed() async throws {
        let (training, recipe) = (try TinyTraining(), recipe(Self.mlp(9, 7)))
        let whole = try await training.train(recipe, workers: 1)
        let head = try #require(whole.head)
        #expect(head.shape.inputs == 24 && head.shape.outputs == 7)
        #expect(head.values.array(row: 0) != Head(head.shape, seed: 1).values.array(row: 0), "it learnt nothing")
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/checkpoint.safetensors"
            let stopped = Task {
                try await training.train(recipe, checkpoint: (path, "one")) { event in
                    guard case .step(let step) = event, step.number == 5 else { return }
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await stopped.value }
            let resumed = try await training.train(recipe, workers: 3, checkpoint: (path, "one"))
            #expect(resumed.adapter.bits == whole.adapter.bits)
            #expect(resumed.head?.values.array(row: 0).bits == head.values.array(row: 0).bits)
            #expect(resumed.log.map(\.loss) == whole.log.map(\.loss))
        }
    }

    @Test(
        "An objective's own layers learn, go on after a stop to the bits of an uninterrupted training, and are thrown away"
    )
    func objectiveLayers() async throws {
        let training = try TinyTraining()
        var objective = PairHead()
        (objective.alpha, objective.hidden) = (0, [5])
        var changed = recipe(Self.linear(6))
        changed.objective = AnyObjective(objective)
        (changed.steps, changed.batchSize) = (12, 8)
        let recipe = changed
        let pairs = TinyTraining.triplets(8).enumerated().map { index, example in
            TrainingExample.scoredPair(
                first: example.sentences[0], second: example.sentences[1], score: Double(index % 6))
        }
        let whole = try await training.train(recipe, workers: 1, examples: pairs)
        let losses = whole.log.map(\.loss)
        #expect(losses[11] < losses[0] && whole.head?.shape.outputs == 6)
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/checkpoint.safetensors"
            let stopped = Task {
                try await training.train(recipe, checkpoint: (path, "one"), examples: pairs) { event in
                    guard case .step(let step) = event, step.number == 5 else { return }
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await stopped.value }
            let resumed = try await training.train(recipe, workers: 3, checkpoint: (path, "one"), examples: pairs)
            #expect(resumed.adapter.bits == whole.adapter.bits && resumed.log.map(\.loss) == losses)
        }
    }

    @Test("A head for the training only trains alike and is thrown away; without a head there is none")
    func trainingOnly() async throws {
        let training = try TinyTraining()
        let kept = try await training.train(recipe(Self.mlp(9, 7)))
        let thrownAway = try await training.train(recipe(Self.mlp(9, 7, trainOnly: true)))
        #expect(thrownAway.head == nil && kept.head != nil)
        #expect(thrownAway.adapter.bits == kept.adapter.bits)
        let plain = try await training.train(recipe(nil))
        #expect(plain.head == nil && plain.adapter.bits != kept.adapter.bits)
    }

    @Test("Weight decay and the clipped norm include the head; batches are accumulated with it")
    func sharesTheOptimiser() async throws {
        let training = try TinyTraining()
        var recipe = recipe(Self.linear(7))
        (recipe.steps, recipe.learningRate, recipe.schedule, recipe.warmUp) = (1, 0.1, .constant, .steps(0))
        let plain = try await training.train(recipe)
        recipe.optimiser.weightDecay = 0.5
        let decayed = try await training.train(recipe)
        let pairs = try zip(
            #require(plain.head).values.array(row: 0), #require(decayed.head).values.array(row: 0))
        #expect(pairs.contains { abs($0 - $1) > 1e-4 })
        #expect(plain.log[0].gradientNorm == decayed.log[0].gradientNorm)
        recipe.optimiser.weightDecay = 0
        (recipe.accumulation, recipe.learningRate, recipe.steps) = (1, 1e-12, 2)
        let apart = try await training.train(recipe).log
        (recipe.accumulation, recipe.steps, recipe.warmUp) = (2, 1, .steps(0))
        let both = try await training.train(recipe).log[0]
        #expect(abs(both.loss - (apart[0].loss + apart[1].loss) / 2) < 1e-5 * both.loss)
        #expect(both.gradientNorm < max(apart[0].gradientNorm, apart[1].gradientNorm))
    }

    @Test("Objectives read the head's dimensions, and no more")
    func dimensions() async throws {
        let training = try TinyTraining()
        var recipe = recipe(Self.linear(8))
        recipe.steps = 2
        func matryoshka(_ dimensions: [Int]) -> AnyObjective {
            var objective = Matryoshka()
            objective.dimensions = dimensions
            return AnyObjective(objective)
        }
        recipe.objective = matryoshka([8, 4])
        #expect(try await training.train(recipe).head != nil)
        recipe.objective = matryoshka([9])
        let error = await #expect(throws: Diagnostic.self) { _ = try await training.train(recipe) }
        #expect(error?.message.contains("embeddings have 8") == true, "\(String(describing: error))")
    }

    @Test(
        "With norm_exits a layer below the last is read behind the final norm: other losses, the last layer's the same")
    func normedExits() async throws {
        var training = try TinyTraining()
        func losses(_ normsExits: Bool) async throws -> [Double] {
            var recipe = recipe(nil)
            (recipe.steps, recipe.normsExits) = (2, normsExits)
            return try await training.train(recipe).log.map(\.loss)
        }
        #expect(try await losses(true) == losses(false))
        training.method.layer = HiddenLayer(2)
        #expect(try await losses(true) != losses(false))
    }
}

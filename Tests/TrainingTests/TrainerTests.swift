import Tasks
import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import Objectives
import Synchronization
import TestSupport
import Testing
import Training

@Suite("Training as a whole")
struct TrainerTests {
    private var recipe: TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.adapter = AdapterConfiguration(rank: 2, alpha: 4)
        (recipe.steps, recipe.batchSize, recipe.learningRate, recipe.checkpointInterval) = (8, 5, 0.01, 3)
        return recipe
    }

    @Test("The same seed gives the same adapter by a bit, on any number of workers; another seed another")
    func seeds() async throws {
        let training = try TinyTraining()
        let first = try await training.train(recipe, workers: 1)
        let second = try await training.train(recipe, workers: 3)
        #expect(first.adapter.bits == second.adapter.bits)
        #expect(first.log.map(\.loss) == second.log.map(\.loss))
        #expect(first.log.map(\.number) == Array(1...8))
        var other = recipe
        other.seed = 2
        #expect(try await training.train(other).adapter.bits != first.adapter.bits)
    }

    @Test("Training makes the loss smaller")
    func learns() async throws {
        var recipe = recipe
        (recipe.steps, recipe.batchSize, recipe.learningRate) = (30, 10, 0.02)
        let log = try await TinyTraining().train(recipe, examples: TinyTraining.triplets(10)).log
        let (before, after) = (log[0].loss, log[29].loss)
        #expect(after < before / 2, "\(before) → \(after)")
        #expect(log.allSatisfy { $0.tokens > 0 && $0.gradientNorm > 0 })
    }

    @Test("The loss of accumulated batches is the mean of theirs, the gradient no longer than the longest")
    func accumulation() async throws {
        let training = try TinyTraining()
        var recipe = recipe
        // Of a rate that changes nothing: both steps see the same adapter.
        (recipe.steps, recipe.learningRate, recipe.schedule, recipe.warmUp) = (2, 1e-12, .constant, .steps(0))
        let apart = try await training.train(recipe).log
        (recipe.steps, recipe.accumulation) = (1, 2)
        let both = try await training.train(recipe).log[0]
        #expect(abs(both.loss - (apart[0].loss + apart[1].loss) / 2) < 1e-5 * both.loss)
        #expect(both.tokens == apart[0].tokens + apart[1].tokens)
        #expect(both.gradientNorm < max(apart[0].gradientNorm, apart[1].gradientNorm))
    }

    @Test("Stopped after some steps and resumed from its checkpoint, training gives the bits of an uninterrupted one")
    func resumed() async throws {
        let (training, recipe) = (try TinyTraining(), recipe)
        let whole = try await training.train(recipe)
        try await Fixtures.withTemporaryFolder { folder in
            let (path, killed) = (folder + "/checkpoint.safetensors", folder + "/killed.safetensors")
            let saved = Events()
            // In a task of its own: only that one is cancelled.
            let stopped = Task {
                try await training.train(recipe, checkpoint: (path, "one")) { event in
                    saved.note(event)
                    guard case .step(let step) = event, step.number == 5 else { return }
                    // What kill -9 would leave here: the checkpoint behind step 3.
                    try? FileManager.default.copyItem(atPath: path, toPath: killed)
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await stopped.value }
            #expect(saved.texts == ["step 1", "step 2", "step 3", "saved", "step 4", "step 5", "saved"])
            for (checkpoint, done) in [(path, 5), (killed, 3)] {
                let events = Events()
                let resumed = try await training.train(
                    recipe, workers: 1, checkpoint: (checkpoint, "one"), observe: events.note)
                #expect(events.texts.first == "resumed \(done)")
                #expect(resumed.adapter.bits == whole.adapter.bits)
                #expect(resumed.log.map(\.loss) == whole.log.map(\.loss))
                // Done: nothing is left to do.
                let again = try await training.train(recipe, checkpoint: (checkpoint, "one"))
                #expect(again.adapter.bits == whole.adapter.bits)
            }
        }
    }

    @Test("A checkpoint of another training, of other sizes, or damaged is refused with its name")
    func badCheckpoints() async throws {
        let (training, recipe) = (try TinyTraining(), recipe)
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/checkpoint.safetensors"
            var short = recipe
            short.steps = 2
            _ = try await training.train(short, checkpoint: (path, "one"))
            func message(_ recipe: TrainingRecipe, _ fingerprint: String) async throws -> String {
                try await #require(throws: Diagnostic.self) {
                    _ = try await training.train(recipe, checkpoint: (path, fingerprint))
                }.description
            }
            let other = try await message(recipe, "two")
            #expect(other.contains("checkpoint.safetensors") && other.contains("is of another training"), "\(other)")
            #expect(other.contains("--fresh"))
            var larger = recipe
            larger.adapter.rank = 3
            #expect(try await message(larger, "one").contains("parameters, expected"))

            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for count in [0, 4, 100, whole.count / 2, whole.count - 1] {
                try whole.prefix(count).write(to: URL(fileURLWithPath: path))
                #expect(try await message(recipe, "one").contains("checkpoint.safetensors"), "\(count) bytes")
            }
            // Damage in the log.
            let log = try #require(whole.range(of: Data("learningRate".utf8)))
            var damaged = whole
            damaged.replaceSubrange(log, with: Data("lerningRates".utf8))
            try damaged.write(to: URL(fileURLWithPath: path))
            #expect(try await message(recipe, "one").contains("no readable log"))

            // One bit of a number, whichever, and one digit of the log: nothing else tells them from right ones.
            // Of these each is another digit with a bit changed, and none 0, with which no number of JSON begins.
            let digit = try #require(
                whole[log.upperBound...].firstIndex { (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0) })
            let last = whole.count - 1
            let places: [Int] = [digit, last, last - 400, last - 800, last - 1200, last - 1600]
            for place in places {
                damaged = whole
                damaged[place] ^= 1
                try damaged.write(to: URL(fileURLWithPath: path))
                let said = try await message(recipe, "one")
                #expect(said.contains("checkpoint.safetensors: the checkpoint is damaged"), "\(place): \(said)")
                #expect(said.contains("--fresh"))
            }
            try whole.write(to: URL(fileURLWithPath: path))
            _ = try await training.train(short, checkpoint: (path, "one"))
        }
    }

    @Test("Evaluations are behind each interval and the last step")
    func evaluations() {
        var recipe = recipe
        for (steps, interval, count) in [(10, 3, 4), (10, 5, 2), (2, 7, 1), (7, 7, 1)] {
            (recipe.steps, recipe.evaluationInterval) = (steps, interval)
            let behind = (1...steps).filter(recipe.evaluates)
            #expect(behind.count == count && recipe.evaluationCount == count)
            for done in 0...steps { #expect(recipe.evaluationCount(behind: done) == behind.count { $0 > done }) }
        }
        recipe.evaluationInterval = nil
        #expect(recipe.evaluationCount == 0)
    }

    @Test("Several prompts train together: the same one twice gives one's loss, another gives another")
    func prompts() async throws {
        let training = try TinyTraining()
        var recipe = recipe
        (recipe.steps, recipe.learningRate) = (2, 1e-12)
        func loss(_ further: [EmbeddingMethod]) async throws -> Double {
            var trainer = try Trainer(recipe, method: training.method, workers: 2)
            trainer.furtherMethods = further
            return try await trainer.train(
                training.model, backbone: training.backbone, examples: TinyTraining.triplets(10)
            ).log[1].loss
        }
        var other = training.method
        other.templates = RoleTemplates(try PromptTemplate("{text} is"))
        let one = try await loss([])
        #expect(abs(try await loss([training.method]) - one) < 1e-5 * one)
        #expect(abs(try await loss([other]) - one) > 1e-3 * one)
    }

    @Test("An objective that reads a drawn layer and cut dimensions resumes with the same bits")
    func drawnViews() async throws {
        let training = try TinyTraining()
        var recipe = recipe
        recipe.objective = AnyObjective(DrawnLayer())
        recipe.separatesDuplicates = true
        let (fixed, whole) = (recipe, try await training.train(recipe))
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/c.safetensors"
            let stopped = Task {
                try await training.train(fixed, checkpoint: (path, "x")) { event in
                    if case .step(let step) = event, step.number == 5 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await stopped.value }
            let resumed = try await training.train(fixed, workers: 1, checkpoint: (path, "x"))
            #expect(resumed.adapter.bits == whole.adapter.bits)
        }
        var matryoshka = Matryoshka()
        matryoshka.dimensions = [training.backbone.hiddenSize + 1]
        recipe.objective = AnyObjective(matryoshka)
        let tooWide = recipe
        await #expect(throws: Diagnostic.self) { _ = try await training.train(tooWide) }
    }

    @Test("An embedding that becomes NaN ends training with the example's name")
    func diverging() async throws {
        let training = try TinyTraining()
        var recipe = recipe
        (recipe.learningRate, recipe.warmUp) = (1e30, .steps(0))
        let error = try await #require(throws: Diagnostic.self) {
            _ = try await training.train(recipe)
        }.description
        #expect(error.contains("of the batch") && error.contains("found NaN or infinity"), "\(error)")
        #expect(error.contains("step 2") && error.contains("lower the learning rate"), "\(error)")
    }

    @Test("A last step that leads to parameters without a number exports nothing; the steps before it stay")
    func lastStep() async throws {
        let training = try TinyTraining()
        var recipe = recipe
        // The first step's rate is 0, the last one's is beyond float32.
        (recipe.steps, recipe.schedule, recipe.warmUp, recipe.learningRate) = (2, .constant, .steps(1), 1e39)
        let fixed = recipe
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/c.safetensors"
            func message() async throws -> String {
                try await #require(throws: Diagnostic.self) {
                    _ = try await training.train(fixed, checkpoint: (path, "x"))
                }.description
            }
            let first = try await message()
            #expect(first.hasPrefix("step 2: ") && first.contains("expected finite parameters, found NaN"), "\(first)")
            // Going on from the checkpoint comes to the same step, and says the same.
            #expect(try await message() == first)
        }
    }

    @Test("A last step that leads to finite parameters, but to embeddings without a number, exports nothing either")
    func lastStepOverflows() async throws {
        let training = try TinyTraining()
        var recipe = recipe
        (recipe.steps, recipe.schedule, recipe.warmUp, recipe.learningRate) = (1, .constant, .steps(0), 1e30)
        let error = try await #require(throws: Diagnostic.self) { _ = try await training.train(recipe) }.description
        #expect(error.hasPrefix("step 1: the embedding of \"") && error.contains("NaN or infinity"), "\(error)")
        #expect(error.contains("lower the learning rate"), "\(error)")
    }

    @Test("Examples that the loss can't take, too few of them, and none are refused")
    func examples() async throws {
        let (training, recipe) = (try TinyTraining(), recipe)
        func message(_ examples: [TrainingExample], _ recipe: TrainingRecipe) async throws -> String {
            try await #require(throws: Diagnostic.self) {
                _ = try await training.train(recipe, examples: examples)
            }.description
        }
        #expect(try await message([], recipe).contains("no examples"))
        #expect(
            try await message(TinyTraining.triplets(4), recipe).contains("expected 5 examples for a batch, found 4"))
        var scored = recipe
        scored.objective = AnyObjective(CoSENT())
        #expect(try await message(TinyTraining.triplets(10), scored).contains("cosent"))
        var deep = recipe
        deep.adapter.layers = [3]
        #expect(try await message(TinyTraining.triplets(10), deep).contains("cannot adapt layer 3"))
    }

    @Test("A recipe's numbers are checked before any work, with their keys' names")
    func recipes() throws {
        func message(_ change: (inout TrainingRecipe) -> Void) throws -> String {
            var recipe = recipe
            change(&recipe)
            return try #require(throws: Diagnostic.self) { try recipe.validate() }.description
        }
        #expect(try message { $0.steps = 0 }.contains("steps: expected 1 to 100000000, found 0"))
        #expect(try message { $0.batchSize = 0 }.contains("batch_size: expected 1 to 10000000, found 0"))
        #expect(try message { $0.accumulation = -1 }.contains("accumulation"))
        #expect(try message { $0.learningRate = .nan }.contains("learning_rate"))
        #expect(try message { $0.warmUp = .ratio(1.5) }.contains("warmup to be a share"))
        #expect(try message { $0.adapter.rank = 0 }.contains("rank"))
        #expect(try message { $0.adapter.targets = .named([]) }.contains("at least one linear map"))
        #expect(try message { $0.clipping = 0 }.contains("clip to be above 0"))
        #expect(try message { $0.patience = 2 }.contains("set evaluate_every"))
        #expect(try message { ($0.evaluationInterval, $0.patience) = (5, 0) }.contains("patience"))
        #expect(try message { $0.evaluationInterval = 0 }.contains("evaluate_every"))
        #expect(try message { $0.checkpointInterval = 0 }.contains("checkpoint_every"))
        #expect(try message { $0.optimiser.weightDecay = -1 }.contains("weight_decay"))
        #expect(
            try message { $0.objective = AnyObjective(InBatchNegatives(temperature: 0)) }.contains("temperature"))
    }
}

/// What a training said, in order.
final class Events: Sendable {
    private let said = Mutex<[String]>([])

    var texts: [String] { said.withLock { $0 } }

    @Sendable func note(_ event: Trainer.Event) {
        let text =
            switch event {
            case .resumed(let steps): "resumed \(steps)"
            case .step(let step): "step \(step.number)"
            case .evaluating(let step, let progress): "\(step): \(progress.prompts) of \(progress.totalPrompts)"
            case .saved: "saved"
            }
        said.withLock { $0.append(text) }
    }
}

/// In-batch negatives of the last layer and of half the dimensions of one drawn in each step.
private struct DrawnLayer: Objective {
    static let name = "drawn_layer"
    static let fields: [ObjectiveField<Self>] = []
    var takes: [ExampleKind] { [.triplet] }

    func validate() throws {}

    func views(_ step: ObjectiveStep) -> [EmbeddingView] {
        var random = SeededRandom(seed: step.seed &* 1000 &+ UInt64(step.number))
        let layer = HiddenLayer(Int.random(in: 1..<max(2, step.layerCount), using: &random))
        return [.whole, EmbeddingView(layer: layer, dimensions: step.dimensions / 2)]
    }

    func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        let found = try embeddings.map { try InBatchNegatives().value(of: $0, batch) }
        return ObjectiveValue(value: found.reduce(0) { $0 + $1.value }, gradients: found.flatMap(\.gradients))
    }
}

import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import Objectives
import TestSupport
import Testing
import Training

@Suite("Trainings that would change nothing, and the lowest that change something")
struct IdleTrainingTests {
    private var recipe: TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.adapter = AdapterConfiguration(rank: 2, alpha: 4)
        (recipe.steps, recipe.batchSize, recipe.learningRate) = (3, 5, 0.01)
        return recipe
    }

    @Test("Low-rank factors times 0, and one step that is all warm-up, are refused; whole modules have no alpha")
    func settings() throws {
        var idle = recipe
        idle.adapter.alpha = 0
        #expect(try #require(throws: Diagnostic.self) { try idle.validate() }.message.contains("alpha"))
        idle.adapter.targets = .full
        try idle.validate()
        var warm = recipe
        warm.steps = 1
        #expect(
            try #require(throws: Diagnostic.self) { try warm.validate() }.suggestion == "set warmup: 0, or more steps")
        warm.warmUp = .steps(0)
        try warm.validate()
    }

    @Test("Examples that give no batch a gradient are refused before any work, with the reason")
    func examples() throws {
        let step = ObjectiveStep(number: 0, seed: 1, layerCount: 2, dimensions: 8)
        func refusal(_ recipe: TrainingRecipe, _ examples: [TrainingExample]) -> String? {
            do {
                try recipe.checkGradient(of: examples, step)
                return nil
            } catch { return "\(error)" }
        }
        var alone = recipe
        alone.batchSize = 1
        let pairs = (0..<6).map { TrainingExample.pair(anchor: "a \($0)", positive: "b \($0)") }
        #expect(
            refusal(alone, pairs)
                == "nothing to learn: with batch_size 1, pairs give the objective in_batch_negatives no gradient; "
                + "set a larger batch_size")
        #expect(refusal(recipe, pairs) == nil && refusal(alone, TinyTraining.triplets(6)) == nil)
        func scored(_ count: Int, _ score: (Int) -> Double) -> [TrainingExample] {
            (0..<count).map { .scoredPair(first: "a \($0)", second: "b \($0)", score: score($0)) }
        }
        var ranked = recipe
        ranked.objective = AnyObjective(CoSENT())
        #expect(refusal(ranked, scored(20) { _ in 3 })?.hasSuffix("no gradient, for every score is the same") == true)
        #expect(refusal(ranked, scored(20) { Double($0 % 7) }) == nil)
        // One other score among many: which batch has it depends on the order.
        ranked.batchSize = 40
        #expect(refusal(ranked, scored(40) { $0 == 17 ? 1 : 3 }) == nil)
        #expect(throws: Never.self) { try recipe.checkGradient(of: .pair, step) }
        #expect(throws: Diagnostic.self) { try alone.checkGradient(of: .pair, step) }
    }

    @Test("A training whose every step had a gradient of 0 is no training")
    func steps() async throws {
        var alone = recipe
        alone.batchSize = 1
        let examples = [TrainingExample.pair(anchor: "It rains.", positive: "Rain falls.")]
        let error = await #expect(throws: Diagnostic.self) {
            try await TinyTraining().train(alone, examples: examples)
        }
        #expect(error?.message == "nothing was learnt: the gradient of each of the 3 steps was 0")
    }

    @Test(
        "Hidden layer 0 trains the embeddings: along their gradient the loss rises as it says",
        arguments: [Pooling.mean, .last])
    func embeddings(pooling: Pooling) async throws {
        var training = try TinyTraining()
        (training.method.layer, training.method.pooling) = (HiddenLayer(0), pooling)
        training.method.templates = RoleTemplates(try PromptTemplate("{text}"))
        var configuration = AdapterConfiguration(targets: .named([]))
        configuration.modulesToSave = ["embed_tokens"]
        let adapter = try training.adapter(configuration)
        let prompts = try training.prompts(TinyTraining.triplets(6))
        let encoder = DifferentiableEncoder(training.method, adapter: adapter, workers: 2)
        try await training.expectSlope(of: adapter, within: 1e-2) { backbone in
            var total = 0.0
            let found = try await encoder.gradient(of: prompts, through: backbone) {
                let value = try InBatchNegatives(temperature: 0.5).value(of: $0, .triplets)
                total = value.value
                return value.gradients[0]
            }
            return (total, found.parameters.array(row: 0))
        }
    }

    @Test("Queries and documents train in their own templates, the rows as they were; without roles by the same bits")
    func roles() throws {
        let training = try TinyTraining()
        var method = training.method
        let (query, document) = (try PromptTemplate("Q: {text}"), try PromptTemplate("{text} is it"))
        method.templates = try RoleTemplates(standard: nil, byRole: [.query: query, .document: document])
        let data = try Fixtures.withTemporaryFolder { folder in
            let text = "query,positive,negative\nrain,It rains.,sun\ndog,A dog.,cat\n"
            try text.write(toFile: folder + "/q.csv", atomically: true, encoding: .utf8)
            return try TrainingData(path: folder + "/q.csv")
        }
        #expect(data.examples[0].textRoles == [.query, .document, .document])
        let prompts = try Trainer.prompts(of: data.examples, methods: [method], model: training.model)
        let expected = try data.examples.flatMap(\.sentences).enumerated().map { row, text in
            try Prompts(
                [text], by: method, as: row % 3 == 0 ? .query : .document, tokenizer: training.model.tokenizer,
                contextLength: training.model.shape.contextLength
            ).tokens[0]
        }
        #expect(prompts.tokens == expected && prompts.pooledPositions(0) == nil)
        let plain = try Trainer.prompts(of: data.examples, methods: [training.method], model: training.model)
        #expect(plain.tokens == (try training.prompts(data.examples).tokens))
        #expect(throws: Diagnostic.self) {
            try Trainer.prompts(of: TinyTraining.triplets(2), methods: [method], model: training.model)
        }
    }
}

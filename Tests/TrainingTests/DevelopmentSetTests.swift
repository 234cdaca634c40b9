import Diagnostics
import Embedding
import Foundation
import Models
import Tasks
import TestSupport
import Testing
import Training

@Suite("Development sets")
struct DevelopmentSetTests {
    @Test("A development set chooses the adapter and stops training that gains nothing")
    func developmentSet() async throws {
        let training = try TinyTraining()
        var recipe = TrainingRecipe()
        recipe.adapter = AdapterConfiguration(rank: 2, alpha: 4)
        (recipe.batchSize, recipe.learningRate, recipe.checkpointInterval) = (5, 0.01, 3)
        (recipe.steps, recipe.schedule, recipe.warmUp) = (30, .constant, .steps(0))
        let plain = recipe
        (recipe.evaluationInterval, recipe.patience) = (1, 3)
        let events = Events()
        let stopped = try await training.train(
            recipe, development: try development(training), observe: events.note)
        #expect(events.texts[0].hasPrefix("1: ") && events.texts.contains("step 1"), "\(events.texts)")
        let scores = stopped.log.compactMap(\.developmentScore)
        let best = try #require(scores.firstIndex(of: scores.max() ?? 0))
        #expect(scores.count == stopped.log.count)
        #expect(scores.count < 30, "it never stopped: \(scores)")
        #expect(scores.count == best + 1 + 3, "\(scores)")
        // What was chosen is the adapter of that step.
        var until = plain
        until.steps = best + 1
        let reference = try await training.train(until)
        #expect(stopped.adapter.bits == reference.adapter.bits)

        // The best is remembered over an interruption.
        try await Fixtures.withTemporaryFolder { folder in
            let path = folder + "/c.safetensors"
            let (development, recipe) = (try development(training), recipe)
            let last = scores.count - 1
            let cancelled = Task {
                try await training.train(
                    recipe, checkpoint: (path, "x"), development: development
                ) { event in
                    if case .step(let step) = event, step.number == last { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await cancelled.value }
            let resumed = try await training.train(recipe, checkpoint: (path, "x"), development: development)
            #expect(resumed.adapter.bits == stopped.adapter.bits)
            #expect(resumed.log.count == stopped.log.count)
        }
    }

    private func development(_ training: TinyTraining) throws -> DevelopmentSet {
        let pairs = TinyTraining.triplets(12).enumerated().map { index, example in
            SentencePair(
                first: example.sentences[0], second: example.sentences[1], gold: Double(index * 7 % 12), subset: "all")
        }
        let description = TaskDescription(name: "dev", kind: STSTask.name)
        let task = LoadedTask(description, STSTask(pairs, by: description))
        return try DevelopmentSet(task, methods: [training.method], model: training.model)
    }

    @Test("Under visible padding a development set is padded as an evaluation pads a task: each column by itself")
    func paddedDevelopment() throws {
        let training = try TinyTraining()
        var method = training.method
        (method.padding, method.attention) = (.visible, .all)
        let (firsts, seconds) = (["a", "b", "c", "a b"], ["a b c", "b c a", "c a b", "a b c a b c"])
        let pairs = firsts.indices.map {
            SentencePair(first: firsts[$0], second: seconds[$0], gold: Double($0), subset: "all")
        }
        let description = TaskDescription(name: "dev", kind: STSTask.name)
        let task = LoadedTask(description, STSTask(pairs, by: description))
        let set = try DevelopmentSet(task, methods: [method], model: training.model)
        let longest = try [firsts, seconds].map { column in
            try Prompts(
                column, by: method, tokenizer: training.model.tokenizer,
                contextLength: training.model.shape.contextLength
            ).tokens.map(\.count).max() ?? 0
        }
        #expect(longest[0] < longest[1])
        #expect(set.tokenCount == 4 * (longest[0] + longest[1]))
    }

    @Test("A development set whose gold scores are all equal is refused before any step")
    func constantGold() throws {
        let training = try TinyTraining()
        let description = TaskDescription(name: "flat", kind: STSTask.name)
        let pairs = (0..<3).map { SentencePair(first: "\($0)", second: "b", gold: 2, subset: "all") }
        let error = #expect(throws: Diagnostic.self) {
            _ = try DevelopmentSet(
                LoadedTask(description, STSTask(pairs, by: description)), methods: [training.method],
                model: training.model)
        }
        #expect(error?.message.contains("all gold scores of the development set flat are equal") ?? false)
    }
}

import Diagnostics
import TestSupport
import Testing
import Training

@Suite("Batches without a sentence twice")
struct ExampleBatchesTests {
    /// Sixty pairs of which every fourth has the same positive.
    private let examples = (0..<60).map { number in
        TrainingExample.pair(anchor: "a\(number)", positive: number % 4 == 0 ? "shared" : "b\(number)")
    }

    private func recipe(seed: UInt64 = 1, apart: Bool = true) -> TrainingRecipe {
        var recipe = TrainingRecipe()
        (recipe.batchSize, recipe.steps, recipe.seed, recipe.separatesDuplicates) = (6, 30, seed, apart)
        return recipe
    }

    private func repeats(_ batch: [Int]) -> Bool {
        let sentences = batch.flatMap { Set(examples[$0].sentences) }
        return Set(sentences).count < sentences.count
    }

    @Test("A repeated sentence is kept out of a batch where it would be a false negative; without the key it isn't")
    func apart() throws {
        let (plain, apart) = (try recipe(apart: false).batches(of: examples), try recipe().batches(of: examples))
        #expect(try (0..<30).contains { repeats(try plain.batch($0)) })
        for number in 0..<30 {
            let batch = try apart.batch(number)
            #expect(batch.count == 6 && !repeats(batch) && Set(batch).count == 6)
        }
        let order = try ExampleOrder(count: 60, batchSize: 6, seed: 1)
        for number in 0..<30 { #expect(try plain.batch(number) == order.batch(number)) }
    }

    @Test("Number and seed alone say a batch, in whichever order they are asked for")
    func resumable() throws {
        let all = try recipe().batches(of: examples)
        let forward = try (0..<30).map(all.batch)
        let fresh = try recipe().batches(of: examples)
        for number in [29, 3, 17, 0, 28] { #expect(try fresh.batch(number) == forward[number]) }
        let other = try recipe(seed: 2).batches(of: examples)
        #expect(try other.batch(0) != forward[0])
        // Within an epoch no example comes twice.
        let epoch = 10 - (try all.separation(ofBatches: 1).leftOut) / 6
        #expect(epoch > 6 && Set(forward[..<epoch].joined()).count == 6 * epoch)
    }

    @Test("What is put off and left out is counted")
    func counted() throws {
        let found = try recipe().batches(of: examples).separation(ofBatches: 30)
        #expect(found.putOff > 0 && found.leftOut > 0)
        #expect(try recipe(apart: false).batches(of: examples).separation(ofBatches: 30) == ExampleBatches.Separation())
        let unlike = (0..<60).map { TrainingExample.pair(anchor: "a\($0)", positive: "b\($0)") }
        let (plain, apart) = (try recipe(apart: false).batches(of: unlike), try recipe().batches(of: unlike))
        for number in 0..<30 { #expect(try plain.batch(number) == apart.batch(number)) }
        #expect(try apart.separation(ofBatches: 30) == ExampleBatches.Separation())
    }

    @Test("Sentences are compared by bytes, an example's own repetition counts for nothing, and no batch is an error")
    func ugly() throws {
        var two = recipe()
        two.batchSize = 2
        let accents = [
            TrainingExample.pair(anchor: "caf\u{E9}", positive: "x"),
            .pair(anchor: "cafe\u{301}", positive: "y"),
        ]
        #expect(try two.batches(of: accents).batch(0).sorted() == [0, 1])
        let own = [TrainingExample.pair(anchor: "z", positive: "z"), .pair(anchor: "u", positive: "v")]
        #expect(try two.batches(of: own).batch(5).sorted() == [0, 1])
        let same = [TrainingExample.pair(anchor: "a", positive: "s"), .pair(anchor: "b", positive: "s")]
        let error = try #require(throws: Diagnostic.self) { _ = try two.batches(of: same) }
        #expect(error.message.contains("no_duplicates"))
    }
}

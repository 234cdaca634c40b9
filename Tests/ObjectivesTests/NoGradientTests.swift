import Diagnostics
import Objectives
import Testing

@Suite("Batches that have nothing to say")
struct NoGradientTests {
    private static func wrapped(_ inner: any Objective) -> any Objective {
        var objective = Matryoshka()
        (objective.inner, objective.dimensions) = (AnyObjective(inner), [8, 4])
        return objective
    }

    @Test(
        "A pair alone, or equal scores, have no gradient, within wrappers either; a hard negative or other scores have one",
        arguments: [
            (InBatchNegatives(), ExampleBatch.pairs, 1, false), (InBatchNegatives(), .pairs, 2, true),
            (InBatchNegatives(temperature: 0.001), .pairs, 2, true), (InBatchNegatives(), .triplets, 1, true),
            (CoSENT(), .scores([3]), 1, false), (CoSENT(), .scores([3, 3, 3]), 3, false),
            (CoSENT(), .scores([3, 3, 4]), 3, true), (AnglE(), .pairs, 1, false), (AnglE(), .triplets, 1, true),
            (CosineRegression(), .scores([3]), 1, true), (wrapped(InBatchNegatives()), .pairs, 1, false),
            (wrapped(InBatchNegatives()), .pairs, 2, true),
        ] as [(any Objective, ExampleBatch, Int, Bool)])
    func gradient(objective: any Objective, batch: ExampleBatch, count: Int, hasGradient: Bool) throws {
        let step = ObjectiveStep(number: 0, seed: 1, layerCount: 2, dimensions: 8)
        #expect(try objective.hasGradient(of: batch, count: count, step) == hasGradient)
    }

    @Test("A sum whose terms learn from nothing in common is refused with what each takes")
    func disjointSum() throws {
        var sum = WeightedSum()
        sum.terms = [.init(CoSENT()), .init(InBatchNegatives())]
        let error = try #require(throws: Diagnostic.self) { try sum.validate() }
        #expect(
            error.message == "expected terms that learn from the same examples, found cosent of pairs with scores, "
                + "in_batch_negatives of pairs or triplets")
        sum.terms = [.init(CoSENT()), .init(AnglE())]
        try sum.validate()
    }

    @Test("More layers a step than there are below the embedding's are refused, as many aren't")
    func layersPerStep() throws {
        var objective = AdaptiveLayers()
        (objective.firstLayer, objective.layersPerStep) = (1, 5)
        let step = ObjectiveStep(number: 0, seed: 1, layerCount: 5, dimensions: 8)
        let error = try #require(throws: Diagnostic.self) { try objective.check(sizes: step) }
        #expect(
            error.message
                == "expected layers_per_step to be at most 4, which are the hidden layers 1…4, found 5")
        objective.layersPerStep = 4
        try objective.check(sizes: step)
    }
}

import Diagnostics
import Embedding
import Models
import Objectives

/// How an adapter is trained: everything but the backbone, the embedding method and the data.
public struct TrainingRecipe: Hashable, Sendable {
    public var adapter = AdapterConfiguration()
    /// What stands between the pooled states and the objective; nil for nothing.
    public var head: HeadRecipe?
    /// Whether the final norm is applied to each hidden layer that is read, not to the last layer alone.
    public var normsExits = false
    /// What is made small.
    public var objective = AnyObjective(InBatchNegatives())
    /// Steps of the optimiser.
    public var steps = 40
    /// Examples that a loss is taken of: each is the others' negative.
    public var batchSize = 48
    /// Whether no two examples of a batch share a sentence: a repeated one would be its own example's false negative.
    /// Off, batches are what the published numbers of this program were made with.
    public var separatesDuplicates = false
    /// Batches whose gradients are averaged for a step.
    public var accumulation = 1
    public var learningRate = 8e-4
    public var schedule = LearningRateSchedule.Shape.cosine
    public var warmUp = LearningRateSchedule.WarmUp.ratio(0.1)
    public var optimiser = AdamW.Settings()
    /// The longest gradient that is not shortened; nil for none.
    public var clipping: Double? = 1
    /// Of the adapter's first values and the order of the examples.
    public var seed: UInt64 = 1
    /// Steps between two evaluations on the development set; the adapter that scored best is the one returned.
    public var evaluationInterval: Int?
    /// Evaluations without a better score after which training stops; nil for never.
    public var patience: Int?
    /// Steps between two checkpoints.
    public var checkpointInterval = 20

    public init() {}

    /// Whether the objective has parameters of its own.
    package var hasObjectiveLayers: Bool { objective.base is any ParametricObjective }

    /// Checks every number that can be wrong by itself.
    public func validate() throws {
        try objective.base.validate()
        try optimiser.validate()
        // Bounded so that no product of them leaves an integer: batches, and the numbers of an adapter.
        for (name, value, most) in [
            ("steps", steps, 100_000_000), ("batch_size", batchSize, 10_000_000),
            ("accumulation", accumulation, 1_000_000),
            ("rank", adapter.rank, 16_384), ("evaluate_every", evaluationInterval ?? 1, 100_000_000),
            ("patience", patience ?? 1, 100_000_000), ("checkpoint_every", checkpointInterval, 100_000_000),
        ] {
            _ = try NumberRange(name, 1...most).check(value)
        }
        guard try rates().isEverAboveZero else {
            throw Diagnostic(
                "the only step's learning rate is 0, for the warm-up begins at 0: nothing would be learnt",
                suggestion: "set warmup: 0, or more steps", subject: "steps")
        }
        guard !adapter.isEmpty else {
            throw Diagnostic(
                "expected at least one linear map in targets or modules_to_save, found none",
                subject: "targets")
        }
        try adapter.check()
        // Masks and scales are of single precision, in which a number next to 1 is 1.
        guard adapter.dropout >= 0, Float(adapter.dropout) < 1 else {
            throw Diagnostic.expectedNumber("dropout", "from 0 to below 1", found: adapter.dropout)
        }
        guard adapter.alpha.isFinite else {
            throw Diagnostic.expectedNumber("alpha", "a number of single precision", found: Double(adapter.alpha))
        }
        guard !adapter.hasLowRankFactors || adapter.scale != 0 else {
            throw Diagnostic(
                "expected alpha to be other than 0: low-rank factors would change nothing, and learn nothing",
                subject: "alpha")
        }
        if let clipping, !(clipping > 0) { throw Diagnostic.expectedNumber("clip", "above 0", found: clipping) }
        if patience != nil, evaluationInterval == nil {
            throw Diagnostic("patience needs evaluations", suggestion: "set evaluate_every", subject: "patience")
        }
    }

    /// Checks before any work that there is enough to learn from, and that the objective can.
    ///
    /// - Throws: also where batches can't be filled.
    package func check(_ examples: [TrainingExample]) throws {
        let all = try ExampleBatch(examples)
        do {
            try objective.base.check(accepts: all.kind)
            try objective.base.check(all)
        } catch var error as Diagnostic {
            error.subject = error.subject ?? "objective"
            throw error
        }
    }

    /// Which examples make up each batch.
    package func batches(of examples: [TrainingExample]) throws -> ExampleBatches {
        let order = try ExampleOrder(count: examples.count, batchSize: batchSize, seed: seed)
        return try ExampleBatches(order, apart: separatesDuplicates ? examples.sentenceNumbers : nil)
    }

    /// Batches of the whole training.
    package var batchCount: Int { steps * accumulation }

    /// Whether the development set is evaluated behind a step, from 1.
    package func evaluates(behind step: Int) -> Bool {
        evaluationInterval.map { step % $0 == 0 || step == steps } ?? false
    }

    /// How often the development set is evaluated, if nothing stops the training before its end.
    package var evaluationCount: Int { evaluationCount(behind: 0) }

    /// How often it is still evaluated behind so many steps.
    package func evaluationCount(behind done: Int) -> Int {
        guard let interval = evaluationInterval, done < steps else { return 0 }
        return steps / interval - done / interval + (steps % interval == 0 ? 0 : 1)
    }

    /// The rate of each step.
    package func rates() throws -> LearningRateSchedule {
        try LearningRateSchedule(schedule, peak: learningRate, steps: steps, warmUp: warmUp)
    }
}

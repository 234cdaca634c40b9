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

    /// Checks every number that can be wrong by itself.
    public func validate() throws {
        try objective.base.validate()
        try optimiser.validate()
        _ = try LearningRateSchedule(schedule, peak: learningRate, steps: steps, warmUp: warmUp)
        for (name, value) in [
            ("batch_size", batchSize), ("accumulation", accumulation), ("rank", adapter.rank),
            ("evaluate_every", evaluationInterval ?? 1), ("patience", patience ?? 1),
            ("checkpoint_every", checkpointInterval),
        ] where value < 1 {
            throw Diagnostic("expected \(name) to be 1 or more, found \(value)")
        }
        guard !adapter.isEmpty else {
            throw Diagnostic("expected at least one linear map in targets or modules_to_save, found none")
        }
        guard (0..<1).contains(adapter.dropout) else {
            throw Diagnostic.expectedNumber("dropout", "from 0 to below 1", found: adapter.dropout)
        }
        if let clipping, !(clipping > 0) { throw Diagnostic.expectedNumber("clip", "above 0", found: clipping) }
        if patience != nil, evaluationInterval == nil {
            throw Diagnostic("patience needs evaluations", suggestion: "set evaluate_every")
        }
    }

    /// Checks before any work that there is enough to learn from, and that the objective can.
    ///
    /// - Throws: also where batches can't be filled.
    package func check(_ examples: [TrainingExample]) throws {
        let all = try ExampleBatch(examples)
        try objective.base.check(accepts: all.kind)
        try objective.base.check(all)
    }

    /// Which examples make up each batch.
    package func batches(of examples: [TrainingExample]) throws -> ExampleBatches {
        let order = try ExampleOrder(count: examples.count, batchSize: batchSize, seed: seed)
        return try ExampleBatches(order, apart: separatesDuplicates ? examples.map(\.sentences) : nil)
    }

    /// Batches of the whole training.
    package var batchCount: Int { steps * accumulation }

    /// The rate of each step.
    func rates() throws -> LearningRateSchedule {
        try LearningRateSchedule(schedule, peak: learningRate, steps: steps, warmUp: warmUp)
    }
}

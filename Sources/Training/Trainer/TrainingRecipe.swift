import Diagnostics
import Models

/// How an adapter is trained: everything but the backbone, the embedding method and the data.
public struct TrainingRecipe: Hashable, Sendable {
    public var adapter = AdapterConfiguration()
    public var loss = Loss.inBatchNegatives(InBatchNegatives())
    /// Steps of the optimiser.
    public var steps = 40
    /// Examples that a loss is taken of: each is the others' negative.
    public var batchSize = 48
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
        try loss.validate()
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

    /// The rate of each step.
    func rates() throws -> LearningRateSchedule {
        try LearningRateSchedule(schedule, peak: learningRate, steps: steps, warmUp: warmUp)
    }
}

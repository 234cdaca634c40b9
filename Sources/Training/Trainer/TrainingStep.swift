/// What a step of training did: a line of the log.
public struct TrainingStep: Hashable, Codable, Sendable {
    /// From 1.
    public var number: Int
    public var loss: Double
    public var learningRate: Double
    /// The length of the gradient before it was shortened.
    public var gradientNorm: Double
    /// Tokens of the step's batches.
    public var tokens: Int
    public var seconds: Double
    /// Spearman's correlation on the development set behind this step, times 100; nil where it wasn't taken.
    public var developmentScore: Double?
    /// The most memory that was resident up to here since this process began or resumed the training; nil where it isn't known.
    public var peakBytes: Int?
}

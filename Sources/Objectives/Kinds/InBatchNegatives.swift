import Diagnostics

/// InfoNCE with the batch's other positives as negatives, and its hard negatives where it has triplets.
///
/// SimCSE, arXiv 2104.08821, equations 1 (pairs) and 5 (triplets: every anchor sees all hard negatives of the batch).
///
/// A batch of one pair has nothing to tell apart: loss and gradient are 0. A sentence that is also another example's
/// positive, or hard negative, counts as a negative there, as in the papers: where it equals the own positive, the two
/// share the probability, the loss can't fall below log 2 and they pull against each other. Nothing here keeps such
/// examples apart: the recipe's `no_duplicates` does, when batches are made.
public struct InBatchNegatives: DirectionalObjective {
    /// What cosines are divided by.
    public var temperature: Double
    /// Whether each positive is also to find its anchor among the batch's anchors: the mean of both directions.
    public var symmetric: Bool

    public init(temperature: Double, symmetric: Bool = false) {
        self.temperature = temperature
        self.symmetric = symmetric
    }

    public init() { self.init(temperature: 0.05) }

    public static let name = "in_batch_negatives"
    public static let fields: [ObjectiveField<Self>] = [
        .number("temperature", \.temperature), .flag("symmetric", \.symmetric),
    ]

    public var takes: [ExampleKind] { [.pair, .triplet] }

    func addGradient(_ units: UnitRows, _ batch: ExampleBatch) -> Double {
        let parts = units.parts(of: batch.kind)
        let share = symmetric ? 0.5 : 1
        let forth = SoftmaxContrast(queries: parts[0], candidates: Array(parts[1...]), scale: 1 / temperature)
        guard symmetric else { return forth.addGradient(weight: share) }
        let back = SoftmaxContrast(queries: parts[1], candidates: [parts[0]], scale: 1 / temperature)
        return forth.addGradient(weight: share) + back.addGradient(weight: share)
    }

    public func validate() throws {
        guard temperature > 0, temperature.isFinite else {
            throw Diagnostic.expectedNumber("temperature", "above 0", found: temperature)
        }
    }
}

extension UnitRows {
    /// The batch's rows by role.
    func parts(of kind: ExampleKind) -> [UnitRows] {
        kind.roles.indices.map { part($0, of: kind.roles.count) }
    }
}

import Diagnostics

/// Asks that cosines follow scores: log(1 + Σ exp(scale · (cos i − cos j))) over all pairs of pairs with score i below
/// score j. Su Jianlin, 2022; angle_emb's `cosine_loss`.
///
/// Only the order of the scores counts, not their scale. One pair, or pairs of equal scores, ask for nothing: loss and
/// gradient are 0.
public struct CoSENT: DirectionalObjective {
    /// What differences of cosines are multiplied by: angle_emb's `tau`.
    public var scale: Double

    public init(scale: Double) { self.scale = scale }

    public init() { self.init(scale: 20) }

    public static let name = "cosent"
    public static let fields: [ObjectiveField<Self>] = [.number("scale", \.scale)]

    public var takes: [ExampleKind] { [.scoredPair] }

    func addGradient(_ units: UnitRows, _ batch: ExampleBatch) -> Double {
        RankedPairs(units, batch).addGradient(of: .cosine, scale: scale, weight: 1)
    }

    public func validate() throws {
        guard scale > 0, scale.isFinite else {
            throw Diagnostic.expectedNumber("scale", "above 0", found: scale)
        }
    }
}

import Diagnostics
import Numerics

/// The mean of (cosine − score)² over pairs with scores: the customary second stage on STS-B (sentence-transformers'
/// `CosineSimilarityLoss` with its default, `MSELoss`; Reimers and Gurevych, arXiv 1908.10084, section 3).
public struct CosineRegression: DirectionalObjective {
    /// The score that asks for a cosine of 0.
    public var lowest = 0.0
    /// The score that asks for a cosine of 1.
    public var highest = 5.0

    /// STS's scores, from 0 to 5.
    public init() {}

    public static let name = "cosine_regression"
    public static let fields: [ObjectiveField<Self>] = [
        .number("lowest_score", \.lowest), .number("highest_score", \.highest),
    ]

    public var takes: [ExampleKind] { [.scoredPair] }

    public func validate() throws {
        guard (highest - lowest).isFinite, highest > lowest else {
            throw Diagnostic.expectedNumber("highest_score", "above lowest_score (\(lowest))", found: highest)
        }
    }

    public func check(_ examples: ExampleBatch) throws {
        if let bad = examples.scores.firstIndex(where: { !(lowest...highest).contains($0) }) {
            throw Diagnostic(
                "example \(bad + 1): expected a score from \(lowest) to \(highest), found \(examples.scores[bad])",
                suggestion: "set lowest_score and highest_score")
        }
    }

    func addGradient(_ units: UnitRows, _ batch: ExampleBatch) -> Double {
        let parts = units.parts(of: batch.kind)
        let cosines = PairSimilarity.cosine.values(parts[0], parts[1])
        let errors = zip(cosines, batch.scores).map { $0 - ($1 - lowest) / (highest - lowest) }
        let count = Double(errors.count)
        PairSimilarity.cosine.addGradient(errors.map { 2 * $0 / count }, parts[0], parts[1])
        return errors.reduce(0) { $0 + $1 * $1 } / count
    }
}

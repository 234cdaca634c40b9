import Diagnostics
import Numerics

/// What training makes small: a number, and its gradient, for a batch of embeddings.
///
/// Every loss looks at directions alone, so the gradient of a row is at right angles to it. The similarities are matrix
/// products in float32; sums are in double precision.
public enum Loss: Hashable, Sendable {
    /// InfoNCE. For pairs and triplets.
    case inBatchNegatives(InBatchNegatives)
    /// The order of cosines by score. For pairs with scores.
    case coSENT(CoSENT)
    /// AnglE's weighted sum. For pairs, triplets and pairs with scores.
    case angle(AnglE)

    /// The loss of a batch and its gradient.
    ///
    /// - Parameters:
    ///   - embeddings: [examples · sentences of an example, hidden], in the order that `LossTargets` documents
    ///   - targets: what the rows stand for
    /// - Throws: a diagnostic that names the example whose embedding holds a NaN or an infinity or is zero, which has no
    ///   direction; one where this loss can't take such targets.
    public func loss(of embeddings: Matrix, targets: LossTargets) throws -> LossValue {
        try validate()
        try check(accepts: targets.kind)
        try targets.validate(rows: embeddings.rows)
        let units = try UnitRows(embeddings, kind: targets.kind)
        let value =
            switch self {
            case .inBatchNegatives(let loss): loss.addGradient(units, targets)
            case .coSENT(let loss): loss.addGradient(units, targets)
            case .angle(let loss): try loss.addGradient(units, targets)
            }
        return LossValue(value: value, gradient: units.gradientOfEmbeddings())
    }

    /// What this loss can learn from.
    public var kinds: [ExampleKind] {
        switch self {
        case .inBatchNegatives: [.pair, .triplet]
        case .coSENT: [.scoredPair]
        case .angle: ExampleKind.allCases
        }
    }

    /// Checks before any work that this loss can learn from such examples.
    public func check(accepts kind: ExampleKind) throws {
        if case .angle(let loss) = self { try loss.checkHasWeight(for: kind) }
        guard !kinds.contains(kind) else { return }
        let wanted = kinds.map(\.plural).joined(separator: " or ")
        let others = kind == .scoredPair ? "cosent or angle" : "in_batch_negatives or angle"
        throw Diagnostic(
            "the loss \(name) learns from \(wanted), found \(kind.plural)", suggestion: "take the loss \(others)")
    }

    /// Checks the numbers it is made of.
    public func validate() throws {
        switch self {
        case .inBatchNegatives(let loss): try loss.validate()
        case .coSENT(let loss): try loss.validate()
        case .angle(let loss): try loss.validate()
        }
    }

    /// The name in experiment files.
    public var name: String {
        switch self {
        case .inBatchNegatives: "in_batch_negatives"
        case .coSENT: "cosent"
        case .angle: "angle"
        }
    }
}

extension Diagnostic {
    /// The error for a number that isn't in the range it must be in.
    static func expectedNumber(_ name: String, _ range: String, found: Double) -> Diagnostic {
        Diagnostic("expected \(name) to be \(range), found \(found)")
    }
}

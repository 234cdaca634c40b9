import Diagnostics

/// What the rows of a batch stand for.
///
/// The rows of an example follow one another in the order of its kind's roles: anchor, positive, anchor, positive, …;
/// or anchor, positive, hard negative, anchor, …; or first sentence, second sentence, ….
public enum LossTargets: Hashable, Sendable {
    case pairs
    case triplets
    /// A score for each pair; the scale is the loss' matter.
    case scores([Double])

    /// The targets of a batch.
    ///
    /// - Throws: a diagnostic where the examples are of several kinds, or there are none.
    public init(_ examples: [TrainingExample]) throws {
        guard let kind = examples.first?.kind else { throw Diagnostic("expected a batch of examples, found none") }
        if let odd = examples.firstIndex(where: { $0.kind != kind }) {
            throw Diagnostic(
                "example \(odd + 1) of the batch: expected a \(kind.roles.count)-sentence example as the first "
                    + "(\(kind.plural)), found one of \(examples[odd].kind.plural)")
        }
        switch kind {
        case .pair: self = .pairs
        case .triplet: self = .triplets
        case .scoredPair: self = .scores(examples.compactMap(\.score))
        }
    }

    public var kind: ExampleKind {
        switch self {
        case .pairs: .pair
        case .triplets: .triplet
        case .scores: .scoredPair
        }
    }

    /// Checks that these are the targets of so many rows, and that every score is a number.
    func validate(rows: Int) throws {
        let width = kind.roles.count
        guard rows > 0, rows % width == 0 else {
            throw Diagnostic("expected \(width) embeddings for each of the \(kind.plural), found \(rows)")
        }
        guard case .scores(let scores) = self else { return }
        guard scores.count == rows / width else {
            throw Diagnostic("expected \(rows / width) scores for \(rows) embeddings, found \(scores.count)")
        }
        if let bad = scores.firstIndex(where: { !$0.isFinite }) {
            throw Diagnostic("example \(bad + 1) of the batch: expected a finite score, found \(scores[bad])")
        }
    }
}

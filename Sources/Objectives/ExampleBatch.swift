import Diagnostics

/// What the rows of a batch stand for, and the numbers that belong to them.
///
/// The rows of an example follow one another in the order of its kind's roles: anchor, positive, anchor, positive, …;
/// or anchor, positive, hard negative, anchor, …; or first sentence, second sentence, ….
public struct ExampleBatch: Hashable, Sendable {
    public let kind: ExampleKind
    /// For each name of `kind.values` a vector an example.
    public let values: [String: [[Double]]]

    public init(_ kind: ExampleKind, values: [String: [[Double]]] = [:]) {
        (self.kind, self.values) = (kind, values)
    }

    public static let pairs = ExampleBatch(.pair)
    public static let triplets = ExampleBatch(.triplet)
    /// A score for each pair; the scale is the objective's matter.
    public static func scores(_ scores: [Double]) -> ExampleBatch {
        ExampleBatch(.scoredPair, values: [ExampleKind.score: scores.map { [$0] }])
    }

    /// The scores of pairs that have some; empty for others.
    public var scores: [Double] { values[ExampleKind.score]?.compactMap(\.first) ?? [] }

    /// What a teacher says of pairs that have one; empty for others.
    public var teacherSimilarities: [Double] { values[ExampleKind.teacherSimilarity]?.compactMap(\.first) ?? [] }

    /// What an objective sees that knows no teacher.
    var untaught: ExampleBatch {
        ExampleBatch(kind.untaught, values: values.filter { $0.key != ExampleKind.teacherSimilarity })
    }

    /// Checks that these are the examples of so many rows, and that every value is a number.
    func validate(rows: Int) throws {
        let width = kind.roles.count
        guard rows > 0, rows % width == 0 else {
            throw Diagnostic("expected \(width) embeddings for each of the \(kind.plural), found \(rows)")
        }
        for name in kind.values {
            let found = values[name] ?? []
            guard found.count == rows / width else {
                throw Diagnostic("expected \(rows / width) \(name)s for \(rows) embeddings, found \(found.count)")
            }
            for (index, vector) in found.enumerated() {
                guard !vector.isEmpty, let bad = vector.first(where: { !$0.isFinite }) else { continue }
                throw Diagnostic("example \(index + 1) of the batch: expected a finite \(name), found \(bad)")
            }
        }
    }
}

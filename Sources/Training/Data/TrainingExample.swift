/// Sentences to learn from.
public enum TrainingExample: Hashable, Sendable {
    case pair(anchor: String, positive: String)
    case triplet(anchor: String, positive: String, negative: String)
    case scoredPair(first: String, second: String, score: Double)

    public var kind: ExampleKind {
        switch self {
        case .pair: .pair
        case .triplet: .triplet
        case .scoredPair: .scoredPair
        }
    }

    /// In the order of the kind's roles, which is that of a batch's rows.
    public var sentences: [String] {
        switch self {
        case .pair(let anchor, let positive): [anchor, positive]
        case .triplet(let anchor, let positive, let negative): [anchor, positive, negative]
        case .scoredPair(let first, let second, _): [first, second]
        }
    }

    /// By bytes: Swift's own equality takes `é` and `e` with a combining accent for the same, which a tokenizer doesn't.
    public static func == (one: TrainingExample, other: TrainingExample) -> Bool {
        one.kind == other.kind && one.score == other.score
            && zip(one.sentences, other.sentences).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(score)
        for sentence in sentences { hasher.combine(Array(sentence.utf8)) }
    }

    public var score: Double? {
        if case .scoredPair(_, _, let score) = self { score } else { nil }
    }
}

/// What the sentences of an example are to each other.
public enum ExampleKind: String, CaseIterable, Hashable, Codable, Sendable {
    /// A sentence and one that means the same.
    case pair
    /// A sentence, one that means the same and one that doesn't, though it looks alike.
    case triplet
    /// Two sentences and how similar they are.
    case scoredPair

    /// What each sentence of an example is for, in order; a batch has as many rows for each example.
    public var roles: [String] {
        switch self {
        case .pair: ["anchor", "positive"]
        case .triplet: ["anchor", "positive", "hard negative"]
        case .scoredPair: ["first sentence", "second sentence"]
        }
    }

    /// As in a message: `triplets`.
    public var plural: String {
        switch self {
        case .pair: "pairs"
        case .triplet: "triplets"
        case .scoredPair: "pairs with scores"
        }
    }
}

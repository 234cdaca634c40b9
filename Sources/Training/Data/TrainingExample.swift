import Diagnostics
import Embedding
import Files
import Objectives

/// Sentences to learn from, and numbers that belong to them.
public struct TrainingExample: Hashable, Sendable {
    public let kind: ExampleKind
    /// In the order of the kind's roles, which is that of a batch's rows.
    public let sentences: [String]
    /// In the order of the kind's values.
    public let values: [[Double]]
    /// What each sentence is, which decides its template.
    public let textRoles: [TextRole]
    /// Which of its source's files it comes from; no part of what it is.
    public var file = 0
    /// What a method makes of each sentence, a number that others have which it can't tell from it; empty as long as nobody
    /// looked. No part of what it is.
    package var seenAs: [Int] = []

    /// - Parameter textRoles: of each sentence; empty where all are sentences among their like
    public init(
        _ kind: ExampleKind, _ sentences: [String], values: [[Double]] = [], textRoles: [TextRole] = []
    ) {
        precondition(sentences.count == kind.roles.count && values.count == kind.values.count)
        precondition(textRoles.isEmpty || textRoles.count == sentences.count)
        (self.kind, self.sentences, self.values) = (kind, sentences, values)
        self.textRoles = textRoles.isEmpty ? Array(repeating: .sentence, count: sentences.count) : textRoles
    }

    public static func pair(anchor: String, positive: String) -> Self { Self(.pair, [anchor, positive]) }

    public static func triplet(anchor: String, positive: String, negative: String) -> Self {
        Self(.triplet, [anchor, positive, negative])
    }

    public static func scoredPair(first: String, second: String, score: Double) -> Self {
        Self(.scoredPair, [first, second], values: [[score]])
    }

    /// By bytes: Swift's own equality takes `é` and `e` with a combining accent for the same, which a tokenizer doesn't.
    public static func == (one: TrainingExample, other: TrainingExample) -> Bool {
        one.kind == other.kind && one.values == other.values && one.textRoles == other.textRoles
            && zip(one.sentences, other.sentences).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(values)
        for sentence in sentences { hasher.combine(Array(sentence.utf8)) }
    }
}

extension [TrainingExample] {
    /// Of all that they are, in their order.
    package var sha256: SHA256Digest {
        let texts = map { example in
            let values = example.values.joined().map(String.init(describing:)).joined(separator: " ")
            // Sentences among their like are what examples always were.
            let roles = example.textRoles.contains { $0 != .sentence } ? example.textRoles.map(\.description) : []
            return (example.sentences + [values] + roles).joined(separator: "\u{1F}")
        }
        return SHA256Digest(of: texts.joined(separator: "\u{1E}"))
    }
}

extension [TrainingExample] {
    /// The same with what all these methods together make of their sentences: tokens.
    package func seen(by methods: [EmbeddingMethod], _ model: PretrainedModel) throws -> [TrainingExample] {
        let prompts = try methods.map { method in
            try Prompts(
                flatMap(\.sentences), roles: flatMap(\.textRoles), by: method, tokenizer: model.tokenizer,
                contextLength: model.shape.contextLength)
        }
        var numbers: [[[Int32]]: Int] = [:]
        var row = 0
        return map { example in
            var seen = example
            seen.seenAs = example.sentences.map { _ in
                defer { row += 1 }
                let tokens = prompts.map { $0.tokens[row] }
                let number = numbers[tokens] ?? numbers.count
                numbers[tokens] = number
                return number
            }
            return seen
        }
    }

    /// Each example's sentences as numbers, of which two have one in common where they share a sentence, or sentences that a method
    /// can't tell apart. By bytes: Swift's own equality takes sentences for the same that a tokenizer tells apart.
    var sentenceNumbers: [[Int]] {
        var numbers: [[UInt8]: Int] = [:]
        return map { example in
            example.seenAs.map { 2 * $0 + 1 }
                + example.sentences.map { sentence in
                    let bytes = Array<UInt8>(sentence.utf8)
                    let number = numbers[bytes] ?? numbers.count
                    numbers[bytes] = number
                    return 2 * number
                }
        }
    }
}

extension ExampleBatch {
    /// What objectives see of some examples.
    ///
    /// - Throws: a diagnostic where the examples are of several kinds, or there are none.
    public init(_ examples: [TrainingExample]) throws {
        guard let kind = examples.first?.kind else { throw Diagnostic("expected a batch of examples, found none") }
        if let odd = examples.firstIndex(where: { $0.kind != kind }) {
            throw Diagnostic(
                "example \(odd + 1) of the batch: expected a \(kind.roles.count)-sentence example as the first "
                    + "(\(kind.plural)), found one of \(examples[odd].kind.plural)")
        }
        let values = kind.values.enumerated().map { index, name in (name, examples.map { $0.values[index] }) }
        self.init(kind, values: Dictionary(uniqueKeysWithValues: values))
    }
}

import Diagnostics
import Embedding
import Objectives

/// Columns of a csv file, or keys of a JSON object, that make an example together.
struct ExampleForm: Hashable {
    let kind: ExampleKind
    /// The kind's sentences in order, and the score last where it has one.
    let fields: [String]

    /// SimCSE's, angle_emb's and sentence-transformers' names; of those that a file has, the one with the most fields counts.
    static let all =
        [
            ExampleForm(kind: .scoredPair, fields: ["text1", "text2", "label"]),
            ExampleForm(kind: .scoredPair, fields: ["sentence1", "sentence2", "score"]),
            ExampleForm(kind: .triplet, fields: ["sent0", "sent1", "hard_neg"]),
        ] + anchors.map { ExampleForm(kind: .triplet, fields: [$0, "positive", "negative"]) }
        + [ExampleForm(kind: .pair, fields: ["sent0", "sent1"])]
        + anchors.map { ExampleForm(kind: .pair, fields: [$0, "positive"]) }

    /// Of its sentences: a file that has queries has what answers them, or doesn't, beside them.
    private var textRoles: [TextRole] {
        fields.first == "query" ? [.query] + Array(repeating: .document, count: kind.roles.count - 1) : []
    }

    private static let anchors = ["anchor", "query", "text"]

    /// The form of a file with these columns or keys.
    static func recognise(_ names: some Sequence<String>, at location: SourceLocation) throws -> ExampleForm {
        let names = Array(names)
        let found = all.filter { $0.fields.allSatisfy(names.contains) }
        if let form = found.first {
            // What is a part of it says the same.
            guard let other = found.first(where: { !Set($0.fields).isSubset(of: form.fields) }) else { return form }
            throw Diagnostic(
                "expected one set of columns, found two: \(form.fields.joined(separator: ",")) and "
                    + other.fields.joined(separator: ","), at: location,
                suggestion: "rename what is not to be learnt from")
        }
        let expected = all.map { $0.fields.joined(separator: ",") }.joined(separator: " or ")
        throw Diagnostic("expected \(expected), found \(names.joined(separator: ","))", at: location)
    }

    /// - Parameters:
    ///   - sentences: as many as the kind has
    ///   - score: for scored pairs
    func example(_ sentences: [String], score: Double) -> TrainingExample {
        TrainingExample(kind, sentences, values: kind.values.map { _ in [score] }, textRoles: textRoles)
    }
}

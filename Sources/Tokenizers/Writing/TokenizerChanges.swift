import Files

/// What is changed of a tokenizer where it is written for others: they have no other place for what a prompt does to a text.
public struct TokenizerChanges: Hashable, Sendable {
    /// A `Replace` of the tokenizers library, by a regular expression.
    public struct Replacement: Hashable, Sendable {
        public var expression: String
        public var content: String

        public init(_ expression: String, with content: String) {
            (self.expression, self.content) = (expression, content)
        }

        var json: String {
            "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \(JSONText.quoted(expression))}, "
                + "\"content\": \(JSONText.quoted(content))}"
        }
    }

    /// Done to a text before all else, in their order.
    public var replacements: [Replacement] = []
    /// Tokens behind each text, before what the model expects at the end of every text.
    public var behind: [Int32] = []
    /// The longest text in tokens.
    public var maximumLength: Int
    /// What batches are padded with; nil where there is no such token.
    public var paddingToken: Int32?
    /// Whether the class that the files name is replaced by the one that takes `tokenizer.json` as it is.
    public var leavesClass = false

    public init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// Whether `tokenizer.json` stays what it is.
    var keepsFile: Bool { replacements.isEmpty && behind.isEmpty }

    /// `normalizer` of a `tokenizer.json`.
    ///
    /// - Parameter own: the tokenizer's; nil for none
    func normalizer(before own: String?) -> String {
        let steps = replacements.map(\.json) + [own].compactMap(\.self)
        if steps.isEmpty { return "null" }
        return steps.count == 1
            ? steps[0] : "{\"type\": \"Sequence\", \"normalizers\": [\(steps.joined(separator: ", "))]}"
    }

    /// `post_processor` of a `tokenizer.json`: what goes around a text.
    ///
    /// - Parameters:
    ///   - frame: the tokenizer's own
    ///   - text: of a token
    func postProcessor(_ frame: SequenceFrame, text: (Int32) throws -> String) rethrows -> String {
        let groups = [("before", frame.before), ("template", behind), ("behind", frame.behind)].filter { !$0.1.isEmpty }
        func part(_ name: String) -> String { "{\"SpecialToken\": {\"id\": \"\(name)\", \"type_id\": 0}}" }
        func template(_ sequence: String, _ type: Int) -> [String] {
            groups.filter { $0.0 == "before" }.map { part($0.0) }
                + ["{\"Sequence\": {\"id\": \"\(sequence)\", \"type_id\": \(type)}}"]
                + groups.filter { $0.0 != "before" }.map { part($0.0) }
        }
        let tokens = try groups.map { name, ids in
            "\"\(name)\": {\"id\": \"\(name)\", \"ids\": \(ids), \"tokens\": \(JSONText.list(try ids.map(text)))}"
        }
        let single = template("A", 0).joined(separator: ", ")
        let pair = single + ", " + template("B", 1).joined(separator: ", ")
        return "{\"type\": \"TemplateProcessing\", \"single\": [\(single)], \"pair\": [\(pair)], "
            + "\"special_tokens\": {\(tokens.joined(separator: ", "))}}"
    }
}

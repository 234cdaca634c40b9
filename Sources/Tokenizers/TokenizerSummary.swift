/// What a tokenizer is, in words.
public struct TokenizerSummary: Sendable {
    /// Such as "byte-level BPE".
    public var kind: String
    /// How a text is changed before it is cut; "none" where it isn't.
    public var normalisation: String
    /// How a text is cut into the pieces that no token crosses; "none" where it isn't.
    public var preTokenizer: String
    /// Where its steps' classes of characters and their mappings come from, and of which version of Unicode they are.
    public var tables: String
    /// What the files beside the tokenizer's own have changed.
    public var notes: [String] = []
    /// Where versions of the libraries that read the same files give other ids, and what is done here.
    public var warnings: [String] = []
    /// Tokens that are found in a text as they are written, by id.
    public var special: [(id: Int32, text: String)]

    public init(
        kind: String, normalisation: String = "none", preTokenizer: String = "none",
        special: [(id: Int32, text: String)] = []
    ) {
        (self.kind, self.normalisation, self.preTokenizer) = (kind, normalisation, preTokenizer)
        tables = "Swift's (\(UnicodeVersion.swift))"
        self.special = special.sorted { $0.id < $1.id }
    }
}

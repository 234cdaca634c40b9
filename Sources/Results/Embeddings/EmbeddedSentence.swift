import Files

/// A sentence as its input has it, and what of its row goes along with its embedding.
public struct EmbeddedSentence: Hashable, Sendable {
    public var text: String
    public var kept: [Field]

    public init(_ text: String, kept: [Field] = []) { (self.text, self.kept) = (text, kept) }

    /// A value beside a sentence, as a table and as JSON have it.
    public struct Field: Hashable, Sendable {
        public var text: String
        public var json: String

        /// A field of a table.
        public init(_ text: String) { (self.text, json) = (text, JSONText.quoted(text)) }

        /// A value in a JSON object, which stays what it is.
        public init(_ node: JSONNode) throws {
            json = node.text
            text = node.kind == .string ? try node.string() : node.isNull ? "" : node.text
        }
    }
}

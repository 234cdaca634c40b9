/// What a text is in a task: a query or the document that answers it, for example. A template may be of one role only.
///
/// Open: a task that tells its texts apart otherwise declares a role of its own beside these, and adds it to `all`.
public struct TextRole: Hashable, Sendable, CustomStringConvertible {
    /// As experiments and prompt files write it.
    public let description: String

    private init(_ name: String) { description = name }

    /// A sentence among its like: what STS, transfer tasks and `bellm embed` have.
    public static let sentence = TextRole("sentence")
    /// What is looked for.
    public static let query = TextRole("query")
    /// What is found.
    public static let document = TextRole("document")
    /// A word or a term alone.
    public static let word = TextRole("word")

    /// All that a template may name.
    public static let all: [TextRole] = [.sentence, .query, .document, .word]
}

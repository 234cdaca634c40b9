/// Texts without repetitions, and where each of the given ones is among them. A text that is there in two roles stands
/// twice: templates may differ by role.
///
/// Compared by their UTF-8 bytes: Swift's own equality takes `é` and `e` with a combining accent for the same, which a
/// tokenizer doesn't.
public struct UniqueSentences: Sendable {
    /// In the order of their first appearance.
    public private(set) var sentences: [String] = []
    /// For each of the unique ones, what it is.
    public private(set) var roles: [TextRole] = []
    /// For each given sentence, its index among the unique ones.
    public private(set) var indices: [Int] = []

    private struct Key: Hashable {
        let bytes: [UInt8]
        let role: TextRole
    }

    /// Sentences among their like.
    public init(_ all: some Collection<String>) { self.init(all.map { (text: $0, role: .sentence) }) }

    public init(_ all: some Collection<(text: String, role: TextRole)>) {
        var seen: [Key: Int] = [:]
        indices.reserveCapacity(all.count)
        for (text, role) in all {
            let key = Key(bytes: Array(text.utf8), role: role)
            if let index = seen[key] {
                indices.append(index)
            } else {
                seen[key] = sentences.count
                indices.append(sentences.count)
                sentences.append(text)
                roles.append(role)
            }
        }
    }
}

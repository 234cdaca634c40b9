/// What an example holds: its sentences by role, and numbers by name. Open: a source of a new kind declares one, and
/// objectives that take its roles and numbers learn from it.
public struct ExampleKind: Hashable, Sendable {
    /// What each sentence of an example is for, in order; a batch has as many rows for each example.
    public let roles: [String]
    /// The numbers beside the sentences: a score, a teacher's outputs, a label's index. Each is a vector.
    public let values: [String]
    /// As in a message: `triplets`.
    public let plural: String

    public init(roles: [String], values: [String] = [], plural: String) {
        (self.roles, self.values, self.plural) = (roles, values, plural)
    }

    /// A sentence and one that means the same.
    public static let pair = ExampleKind(roles: ["anchor", "positive"], plural: "pairs")
    /// A sentence, one that means the same and one that doesn't, though it looks alike.
    public static let triplet = ExampleKind(roles: ["anchor", "positive", "hard negative"], plural: "triplets")
    /// Two sentences and how similar they are.
    public static let scoredPair = ExampleKind(
        roles: ["first sentence", "second sentence"], values: [score], plural: "pairs with scores")

    /// The name of a similarity's number.
    public static let score = "score"
    /// The name of the number that a teacher gives two sentences: a cosine, or what stands for one.
    public static let teacherSimilarity = "teacher's similarity"

    private static let besideTeacher = " and a teacher's similarities"

    /// The same beside a teacher's similarities.
    public var taught: ExampleKind {
        ExampleKind(roles: roles, values: values + [Self.teacherSimilarity], plural: plural + Self.besideTeacher)
    }

    /// The same without them.
    var untaught: ExampleKind {
        let own = plural.hasSuffix(Self.besideTeacher) ? String(plural.dropLast(Self.besideTeacher.count)) : plural
        return ExampleKind(roles: roles, values: values.filter { $0 != Self.teacherSimilarity }, plural: own)
    }

    /// Whether an objective that takes `wanted` can learn from this kind: the sentences are for the same, and no number is
    /// missing.
    public func offers(_ wanted: ExampleKind) -> Bool {
        roles == wanted.roles && wanted.values.allSatisfy(values.contains)
    }
}

/// What cleaning took away, and why: for the terminal and the result.
public struct CleaningReport: Hashable, Codable, Sendable {
    /// Examples before.
    public var examples = 0
    /// Examples after.
    public var kept = 0
    /// Dropped because a sentence is empty or nothing but white space.
    public var empty = 0
    /// Dropped because the same example came before.
    public var repeated = 0
    /// Dropped because a sentence is in an evaluation set.
    public var contaminated = 0
    /// Of the contaminated, by task; an example counts in each task that has one of its sentences.
    public var contaminatedByTask: [String: Int] = [:]

    public init() {}
}

/// Two sentences and how similar people found them.
public struct SentencePair: Hashable, Sendable {
    /// As in the file: white space is left to the normaliser, quotes are literal.
    public var first: String
    public var second: String
    /// The gold score, in the data's own unit: 0 to 5, in SICK 1 to 5.
    public var gold: Double
    /// The part of the task that the pair belongs to: a file's name (`MSRvid`), in the STS Benchmark the year
    /// (`2012`), and `all` in a task without parts.
    public var subset: String
    /// Where the organisers took the pair from, where the row says so: `MSRvid`, `headlines`, …
    public var source: String?

    public init(
        first: String, second: String, gold: Double, subset: String = Aggregation.all.rawValue, source: String? = nil
    ) {
        self.first = first
        self.second = second
        self.gold = gold
        self.subset = subset
        self.source = source
    }
}

/// Sequences of tokens end to end, without the tokens at a sequence's beginning that the sequence before has too. None is padded to another's length, except where padding is part of what is to be
/// computed: then its tokens belong to the sequence.
public struct PackedBatch: Sendable {
    /// All tokens, sequence after sequence.
    public private(set) var tokens: [Int32] = []
    /// Where each sequence's own tokens begin, and the end of the last.
    public private(set) var starts: [Int] = [0]

    /// How many tokens each sequence begins with that are those of the sequence before, and no tokens of its own.
    public private(set) var sharedCounts: [Int] = []

    /// Where each sequence's placeholder stands among its tokens: the first negative id; nil for none.
    public private(set) var placeholders: [Int?] = []

    /// How many of each sequence's last tokens are padding: keys that only bidirectional layers see.
    public private(set) var paddings: [Int] = []

    public init() {}

    public init(_ sequences: some Sequence<some Sequence<Int32>>) {
        for sequence in sequences { append(sequence) }
    }

    /// - Parameters:
    ///   - sequence: at least one token, padding not counted
    ///   - shared: how many tokens of the sequence before stand before these
    ///   - padding: how many of its last tokens are padding
    public mutating func append(_ sequence: some Sequence<Int32>, sharing shared: Int = 0, padding: Int = 0) {
        let start = tokens.count
        sharedCounts.append(shared)
        tokens.append(contentsOf: sequence)
        precondition(tokens.count - padding > start, "a sequence without tokens has no hidden state")
        paddings.append(padding)
        starts.append(tokens.count)
        placeholders.append(tokens[start...].firstIndex { $0 < 0 }.map { $0 - start })
    }

    public var sequenceCount: Int { starts.count - 1 }
}

/// Which token each row of a packed matrix stands for.
struct RowLayout: Sendable {
    /// Where each sequence's rows begin, and the end of the last.
    let starts: [Int]
    /// The positions before each sequence's first row, whose states all sequences share and no row holds.
    let sharedPrefix: Int
    /// The position of each row in its sequence.
    let positions: [Int32]
    /// How many of each sequence's last rows are padding.
    let paddings: [Int]

    /// - Parameter paddings: nil for none
    init(starts: [Int], sharedPrefix: Int, paddings: [Int]? = nil) {
        self.starts = starts
        self.sharedPrefix = sharedPrefix
        self.paddings = paddings ?? starts.dropFirst().map { _ in 0 }
        positions = zip(starts, starts.dropFirst()).flatMap { start, end in
            (0..<end - start).map { Int32(sharedPrefix + $0) }
        }
    }

    var sequenceCount: Int { starts.count - 1 }
    var rowCount: Int { positions.count }

    /// The row of each sequence's last token, padding not counted.
    var lastRows: [Int] { zip(starts.dropFirst(), paddings).map { $0 - $1 - 1 } }

    /// How many keys a sequence has, those of the shared prefix among them, and how many of them are padding.
    func keys(ofSequence sequence: Int) -> (all: Int, padding: Int) {
        (sharedPrefix + starts[sequence + 1] - starts[sequence], paddings[sequence])
    }

    /// The same tokens with the shared prefix as rows of each sequence.
    func expanded() -> RowLayout {
        RowLayout(
            starts: starts.enumerated().map { index, start in start + index * sharedPrefix }, sharedPrefix: 0,
            paddings: paddings)
    }
}

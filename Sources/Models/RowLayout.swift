/// Which token each row of a packed matrix stands for.
struct RowLayout: Sendable {
    /// Where each sequence's rows begin, and the end of the last.
    let starts: [Int]
    /// The positions before each sequence's first row, whose states all sequences share.
    let sharedPrefix: Int
    /// The rows before the first sequence's: the shared prefix itself, or none where its states come from elsewhere.
    let leadingRows: Int
    /// The position of each row in its sequence.
    let positions: [Int32]
    /// How many of each sequence's last rows are padding.
    let paddings: [Int]

    /// - Parameters:
    ///   - starts: the first is 0, or the length of a shared prefix that the rows begin with
    ///   - paddings: nil for none
    init(starts: [Int], sharedPrefix: Int, paddings: [Int]? = nil) {
        self.starts = starts
        self.sharedPrefix = sharedPrefix
        self.paddings = paddings ?? starts.dropFirst().map { _ in 0 }
        leadingRows = starts[0]
        let leading = (0..<starts[0]).map(Int32.init)
        positions =
            leading
            + zip(starts, starts.dropFirst()).flatMap { start, end in
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
            starts: starts.enumerated().map { index, start in start - leadingRows + index * sharedPrefix },
            sharedPrefix: 0, paddings: paddings)
    }
}

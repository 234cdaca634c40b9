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

    /// - Parameter starts: the first is 0, or the length of a shared prefix that the rows begin with
    init(starts: [Int], sharedPrefix: Int) {
        self.starts = starts
        self.sharedPrefix = sharedPrefix
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

    /// The row of each sequence's last token.
    var lastRows: [Int] { starts.dropFirst().map { $0 - 1 } }

    /// The same tokens with the shared prefix as rows of each sequence.
    func expanded() -> RowLayout {
        RowLayout(
            starts: starts.enumerated().map { index, start in start - leadingRows + index * sharedPrefix },
            sharedPrefix: 0)
    }
}

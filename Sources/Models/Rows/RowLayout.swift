import Numerics

/// Which token each row of a packed matrix stands for.
///
/// Where all layers below are causal, sequences that begin alike share the rows of their beginning: each sequence has
/// rows of its own from its first token on that the sequence before it doesn't have.
struct RowLayout: Sendable {
    /// Where each sequence's own rows begin, and the end of the last.
    let starts: [Int]
    /// How many positions of each sequence stand in rows of sequences before it.
    let sharedCounts: [Int]
    /// The positions before each sequence's first row, whose states come from elsewhere.
    let prefixLength: Int
    /// The position of each row in its sequence.
    let positions: [Int32]
    /// How many of each sequence's last rows are padding.
    let paddings: [Int]
    /// Where each sequence stands among the rows, its shared beginning included, sequence after sequence.
    private let runs: [RowRun]
    private let runStarts: [Int]

    /// - Parameters:
    ///   - starts: the first is 0
    ///   - sharedCounts: of each sequence's rows behind the prefix, those that are the sequence before's; nil for none
    ///   - paddings: nil for none
    init(starts: [Int], sharedCounts: [Int]? = nil, prefixLength: Int, paddings: [Int]? = nil) {
        let sharedCounts = sharedCounts ?? starts.dropFirst().map { _ in 0 }
        self.starts = starts
        self.sharedCounts = sharedCounts
        self.prefixLength = prefixLength
        self.paddings = paddings ?? starts.dropFirst().map { _ in 0 }
        positions = sharedCounts.enumerated().flatMap { sequence, shared in
            (0..<starts[sequence + 1] - starts[sequence]).map { Int32(prefixLength + shared + $0) }
        }
        var (runs, runStarts): ([RowRun], [Int]) = ([], [0])
        for (sequence, shared) in sharedCounts.enumerated() {
            let before = sequence > 0 ? runs[runStarts[sequence - 1]...] : []
            runs += Self.beginning(of: before, count: shared)
            runs.append(RowRun(first: starts[sequence], count: starts[sequence + 1] - starts[sequence]))
            runStarts.append(runs.count)
        }
        (self.runs, self.runStarts) = (runs, runStarts)
    }

    private static func beginning(of runs: ArraySlice<RowRun>, count: Int) -> [RowRun] {
        var (beginning, rest): ([RowRun], Int) = ([], count)
        for run in runs where rest > 0 {
            beginning.append(RowRun(first: run.first, count: min(run.count, rest)))
            rest -= min(run.count, rest)
        }
        precondition(rest == 0, "a sequence that shares more rows than the one before it has")
        return beginning
    }

    var sequenceCount: Int { starts.count - 1 }
    var rowCount: Int { positions.count }
    var isShared: Bool { sharedCounts.contains { $0 > 0 } }

    /// The row of each sequence's last token, padding not counted: its own.
    var lastRows: [Int] { zip(starts.dropFirst(), paddings).map { $0 - $1 - 1 } }

    /// The rows of placeholders, and of the last tokens whose states take their place.
    ///
    /// - Parameter batch: what the layout is of, whether its shared prefix has rows of its own by now or not
    func placeholders(of batch: PackedBatch) -> [(placeholder: Int, last: Int)] {
        let lastRows = lastRows
        return batch.placeholders.enumerated().compactMap { sequence, placeholder in
            guard let placeholder else { return nil }
            // The rows of a prefix that isn't shared any more stand before the batch's own; nothing else is shared.
            let rows = starts[sequence + 1] - starts[sequence]
            let unshared = rows - (batch.starts[sequence + 1] - batch.starts[sequence])
            return (starts[sequence] + unshared + placeholder, lastRows[sequence])
        }
    }

    /// A sequence's rows in the order of its positions, those behind the prefix.
    func runs(ofSequence sequence: Int) -> ArraySlice<RowRun> { runs[runStarts[sequence]..<runStarts[sequence + 1]] }

    /// How many keys a sequence has, those of the prefix among them, and how many of them are padding.
    func keys(ofSequence sequence: Int) -> (all: Int, padding: Int) {
        let own = starts[sequence + 1] - starts[sequence]
        return (prefixLength + sharedCounts[sequence] + own, paddings[sequence])
    }

    /// The same tokens with the prefix and shared beginnings as rows of each sequence.
    ///
    /// - Parameter withPrefix: whether the prefix gets rows too; it stays elsewhere otherwise
    func expanded(withPrefix: Bool = true) -> RowLayout {
        let kept = withPrefix ? 0 : prefixLength
        var starts = [0]
        for sequence in 0..<sequenceCount { starts.append(starts[sequence] + keys(ofSequence: sequence).all - kept) }
        return RowLayout(starts: starts, prefixLength: kept, paddings: paddings)
    }

    /// For each row of `expanded`, the row that it is a copy of; nil for the prefix' rows.
    func sources(withPrefix: Bool = true) -> [Int?] {
        (0..<sequenceCount).flatMap { sequence in
            Array(repeating: nil, count: withPrefix ? prefixLength : 0)
                + runs(ofSequence: sequence).flatMap { ($0.first..<$0.first + $0.count).map(Optional.some) }
        }
    }
}

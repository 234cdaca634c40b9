/// A line of the table as it is printed: a run, or the runs of one method that differ by their seed, folded into one.
package struct TableLine: Equatable, Sendable {
    package let name: String
    /// The runs that the line is of.
    package let runs: [String]
    /// What several seeds share of their names; the name of one run.
    package let sharedName: String
    /// For each column the score x 100, the mean where there are several runs; nil where there is none.
    package let cells: [Double?]
    /// The cells as they are printed: `71.00`, or `71.00 ± 1.41`.
    package let texts: [String]
    /// What tells the line from others, a cell for each of the table's head columns.
    package private(set) var heads: [String] = []
    /// The 95 % intervals that the result has, x 100; nil where there is none, as of means over tasks or seeds, whose are
    /// ``ResultTable/intervals``.
    package let intervals: [ClosedRange<Double>?]

    package var isMean: Bool { runs.count > 1 }

    /// The lines of the rows, in their order; a group stands where its first run does.
    static func lines(_ rows: [ResultTable.Row], groups: [SeedGroup], decimals: Int = 2) -> [TableLine] {
        rows.compactMap { row in
            guard !groups.contains(where: { $0.repeats.contains(row.name) }) else { return nil }
            guard let group = groups.first(where: { $0.runs.contains(row.name) }) else {
                return TableLine(row, decimals: decimals)
            }
            return row.name == group.runs.first ? TableLine(group, decimals: decimals) : nil
        }
    }

    func with(heads: [String]) -> TableLine {
        var line = self
        line.heads = heads
        return line
    }

    /// A run that has no score in any column.
    package init(unscored run: String) {
        (name, sharedName, runs, cells, texts, intervals) = (run, run, [run], [], [], [])
    }

    init(_ row: ResultTable.Row, decimals: Int) {
        (name, sharedName) = (row.name, row.name)
        (runs, cells, intervals) = ([row.name], row.cells, row.intervals)
        texts = row.texts(decimals: decimals)
    }

    private init(_ group: SeedGroup, decimals: Int) {
        (name, sharedName) = ("\(group.name) (\(group.runs.count) seeds)", group.name)
        (runs, cells) = (group.runs, group.means)
        texts = cells.indices.map { group.cell($0, decimals: decimals) ?? ResultTable.cellText(nil) }
        intervals = cells.map { _ in nil }
    }
}

/// What came out in a column of a table: the best line, and whether it can be told from the one that it is held against.
package struct Finding: Equatable, Sendable {
    package let column: Int
    package let best: TableLine
    /// The other lines that a paired bootstrap can't tell from the best.
    package let alike: [TableLine]
    /// The baseline, or where that is the best the line with the second highest score; nil where there is no other.
    package let other: TableLine?
    package let baselineIsBest: Bool
    /// The best line's score less the other's; nil where the result holds too little to compare them.
    package let change: TableChange?
}

extension ResultTable {
    /// The columns of whole tasks and their averages, without a task's subsets: the first average first.
    package var wholeColumns: [Int] {
        let whole = columns.indices.filter { !isSlice($0) }
        let averages = whole.filter { isAverage($0) }
        return averages + whole.filter { !averages.contains($0) }
    }

    /// - Parameters:
    ///   - column: its place among the columns
    ///   - baseline: one of the lines
    ///   - best: the table's ``bestCells``, which take a while
    /// - Returns: nil where there are not two lines with a score
    package func finding(column: Int, baseline: TableLine, best marks: [[Bool]]) -> Finding? {
        let scored = lines.filter { $0.score(column) != nil }
        // Of lines with one score the first in the experiment's order.
        let ranked = scored.enumerated().sorted {
            ($1.element.score(column) ?? 0, $0.offset) < ($0.element.score(column) ?? 0, $1.offset)
        }.map(\.element)
        guard ranked.count > 1, let best = ranked.first else { return nil }
        let alike = lines.indices.filter { marks[$0][column] && lines[$0] != best }.map { lines[$0] }
        let isBest = best == baseline
        let other = isBest ? ranked[1] : baseline
        return Finding(
            column: column, best: best, alike: alike, other: other, baselineIsBest: isBest,
            change: change(of: best, from: other, column: column))
    }
}

extension TableLine {
    /// A column's score; nil where there is none, or an undefined one.
    package func score(_ column: Int) -> Double? { cells[column].flatMap { $0.isNaN ? nil : $0 } }
}

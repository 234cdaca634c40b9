import Results

/// What charts are drawn of: a table's lines, runs that differ by their seed alone folded into one, with their intervals.
struct ChartedRuns: Sendable {
    let result: ExperimentResult
    let table: ResultTable
    /// A record a line, under the line's name; of several seeds the first's, whose method is that of all.
    let runs: [RunRecord]
    private let lines: [TableLine]
    /// For each line and column.
    private let intervals: [[ClosedRange<Double>?]]

    init(_ result: ExperimentResult, _ table: ResultTable) {
        (self.result, self.table) = (result, table)
        (lines, intervals) = (table.lines, table.intervals)
        let records = Dictionary(result.runs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        runs = lines.compactMap { line in
            var run = line.runs.first.flatMap { records[$0] }
            run?.name = line.name
            return run
        }
    }

    /// The columns to draw: first the averages, then the tasks; subsets of a task are not drawn.
    var columns: [Int] { table.wholeColumns }

    /// The scores of a column by the lines' names, without those that are undefined.
    func scores(_ column: Int) -> [String: Measurement] {
        let measured = lines.enumerated().compactMap { index, line in
            line.score(column).map { score in
                Measurement(
                    run: line.name, label: table.label(of: line), score: score,
                    interval: intervals[index][column])
            }
        }
        return Dictionary(measured.map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The line with the highest score, the first of several; nil where there is no score.
    func best(_ column: Int) -> TableLine? {
        let highest = lines.compactMap { $0.score(column) }.max()
        return highest.flatMap { highest in lines.first { $0.score(column) == highest } }
    }

    /// The curves of a column.
    func curves(_ scores: [String: Measurement]) -> [Curve] {
        Curve.Kind.allCases.compactMap { Curve($0, of: runs, scores: scores) }
    }

    /// The maps of what the runs combine, without what curves show already.
    func maps(_ column: Int, scores: [String: Measurement], curves: [Curve]) -> [HeatMap] {
        let (kinds, title) = (curves.map(\.kind), table.columns[column])
        return HeatMap.maps(of: runs, scores: scores, over: kinds, title: title)
            + HeatMap.maps(of: runs, scores: scores, without: Set(kinds.map(\.factor)), title: title)
    }

    /// What a published row says of a line in a column, x 100.
    func published(_ line: String, _ column: Int) -> Double? {
        guard let runs = lines.first(where: { $0.name == line })?.runs,
            let row = result.published.first(where: { runs.contains($0.run) })
        else { return nil }
        let name = table.columns[column]
        return name == PublishedRow.averageName ? row.average : row.score(of: name)
    }
}

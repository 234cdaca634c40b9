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

    /// - Parameter intervals: the table's, for each line and column
    init(_ result: ExperimentResult, _ table: ResultTable, intervals: [[ClosedRange<Double>?]]) {
        (self.result, self.table) = (result, table)
        (lines, self.intervals) = (table.lines, intervals)
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

    /// The curves of a column, their lines called as the table calls what they are of.
    func curves(_ scores: [String: Measurement]) -> [Curve] {
        Curve.Kind.allCases.compactMap { Curve($0, of: runs, scores: scores) }.map { curve in
            let lines = curve.series.map { $0.points.map(\.measured.run) }
            return table.labels(of: lines).map(curve.naming) ?? curve
        }
    }

    /// The curves to draw: of two numbers that the runs combine, one may have too many lines to be told apart, and a map has
    /// both.
    func drawn(_ curves: [Curve], _ scores: [String: Measurement]) -> [Curve] {
        let fewest = curves.map(\.series.count).min()
        let drawn = curves.filter { $0.series.count <= Self.mostLines || $0.series.count == fewest }
        let isMapped = !HeatMap.maps(of: runs, scores: scores, over: curves.map(\.kind), title: "").isEmpty
        return isMapped ? drawn : curves
    }

    private static let mostLines = 2 * LineChart.bundleLimit

    /// The maps of what the runs combine, without what curves show already.
    func maps(_ column: Int, scores: [String: Measurement], curves: [Curve]) -> [HeatMap] {
        let (kinds, title) = (curves.map(\.kind), table.columns[column])
        return [
            HeatMap.maps(of: runs, scores: scores, over: kinds, title: title),
            HeatMap.maps(of: runs, scores: scores, without: Set(kinds.map(\.factor)), title: title),
        ].flatMap { maps in titled(maps, title) }
    }

    /// Maps beside each other, called as the table calls what each is of.
    private func titled(_ maps: [HeatMap], _ title: String) -> [HeatMap] {
        guard let labels = table.labels(of: maps.map { $0.measured.map(\.run) }) else { return maps }
        return zip(maps, labels).map { map, label in
            var map = map
            map.title = "\(title): \(label)"
            return map
        }
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

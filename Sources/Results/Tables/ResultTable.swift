import Tasks

/// A result as a reader wants it: a row a run, a column a task, and around it what one must know to judge the numbers.
///
/// Build it once, then render it: ``rendered(as:highlighting:)``.
public struct ResultTable: Equatable, Sendable {
    /// A rendered table's language.
    public enum Format: String, CaseIterable, Sendable {
        case table, markdown, latex, csv, json
    }

    /// One line of numbers.
    package struct Row: Equatable, Sendable {
        /// What the numbers are.
        package enum Kind: String, Sendable {
            case run, published
            /// A run's scores less those of the published row above.
            case difference
        }

        package var name: String
        /// Correlation or accuracy x 100 for each column, or a difference of two; nil where there is none.
        package var cells: [Double?]
        /// The 95 % intervals of the cells, x 100; nil where there is none.
        package var intervals: [ClosedRange<Double>?] = []
        package var kind = Kind.run
    }

    /// What is measured, a line each.
    package let above: [String]
    /// The columns' names, without the one of the runs.
    package let columns: [String]
    package let rows: [Row]
    /// Published rows, each followed by the difference of the run that it stands beside.
    package let published: [Row]
    /// Runs that differ by their seed alone, put together.
    package let seeds: [SeedGroup]
    /// The rows as they are printed: such runs are one line.
    package let lines: [TableLine]
    private let best: BestLines
    /// What a reader must know besides, a line each.
    package let below: [String]

    /// - Parameters:
    ///   - aggregation: how the scores of a task's subsets become one
    ///   - metric: shown for the tasks that have it, such as `pearson`; nil for each task's own, which others show anyway
    public init(_ result: ExperimentResult, aggregation: Aggregation = .all, metric: String? = nil) {
        let tasks = Self.tasks(of: result)
        let lookUp = MeasureLookUp(result, metric: metric)
        let whole = tasks.map { (task: $0, slice: aggregation.rawValue) }
        let slices = tasks.count == 1 ? Self.slices(of: tasks[0], in: result).map { (task: tasks[0], slice: $0) } : []
        let suites = Self.wholeSuites(result, tasks: tasks)

        // A mean over parts of the tasks isn't the one that the literature has.
        let averages = suites.map { result.limit == nil ? $0.average : $0.average + Self.limitedMark }
        columns = tasks + averages + slices.map { "\($0.task)/\($0.slice)" }
        rows = Self.runNames(of: result).map { run in
            let scores = whole.map { lookUp.value(run, $0.task, $0.slice) }
            let averages = suites.map { Self.average(of: scores, at: $0.columns) }
            return Row(
                name: run, cells: scores + averages + slices.map { lookUp.value(run, $0.task, $0.slice) },
                intervals: whole.map { lookUp.interval(run, $0.task, $0.slice) } + averages.map { _ in nil }
                    + slices.map { lookUp.interval(run, $0.task, $0.slice) })
        }
        let runs = rows
        let isComparable = aggregation == .all && (metric == nil || metric == "spearman")
        published = Self.shownPublished(result, tasks: tasks).flatMap { row in
            let averages = suites.map { $0.average == PublishedRow.averageName ? row.average : nil }
            let cells = tasks.map(row.score) + averages + slices.map { _ in nil }
            let difference = isComparable ? runs.first { $0.name == row.run }.map { $0.difference(from: cells) } : nil
            return [Row(name: row.name, cells: cells, kind: .published)] + (difference.map { [$0] } ?? [])
        }
        seeds = SeedGroup.groups(of: result.runs, rows: rows)
        lines = TableLine.lines(rows, groups: seeds)
        let parts = { (task: String) in [BestLines.Part(task: task, slice: aggregation.rawValue)] }
        best = BestLines(
            columns: tasks.map(parts) + suites.map { $0.columns.flatMap { parts(tasks[$0]) } }
                + slices.map { [BestLines.Part(task: $0.task, slice: $0.slice)] },
            items: result.items, metrics: lookUp.metrics)
        above = Self.linesAbove(result, aggregation: aggregation, metric: metric)
        below = Self.linesBelow(result, tasks: tasks, captions: seeds.isEmpty ? [] : [SeedGroup.caption])
    }

    /// Behind the name of a mean over parts of tasks.
    package static let limitedMark = " (limited)"

    /// For each line and column, whether its score is the best or can't be told from it.
    package var bestCells: [[Bool]] { best.marks(lines) }
    /// Whether a line's score should have an interval, and has none.
    package func lacksInterval(_ line: TableLine, column: Int) -> Bool {
        line.intervals[column] == nil && !line.isMean && best.columns[column].count == 1
            && line.cells[column].map { !$0.isNaN } ?? false
    }

    package static var seedCaption: String { SeedGroup.caption }
    /// What that says.
    package static var bestCaption: String { BestLines.caption }

    /// The tasks that have measures: suite after suite, each in its order, then others in the result's order.
    private static func tasks(of result: ExperimentResult) -> [String] {
        let present = inFirstOrder(result.measures.map(\.measure.task))
        let inSuites = result.tasks.filter { !$0.suite.isEmpty && present.contains($0.task) }
            .sorted { ($0.suite, $0.place) < ($1.suite, $1.place) }.map(\.task)
        return inSuites + present.filter { !inSuites.contains($0) }
    }

    /// The suites of which all tasks are there, and where these are among the columns.
    private static func wholeSuites(
        _ result: ExperimentResult, tasks: [String]
    ) -> [(average: String, columns: [Int])] {
        let records = tasks.map { task in result.tasks.first { $0.task == task } }
        return inFirstOrder(records.compactMap { $0?.suite }).compactMap { suite in
            let columns = records.indices.filter { records[$0]?.suite == suite }
            guard !suite.isEmpty, columns.count == columns.first.flatMap({ records[$0]?.suiteCount }) else {
                return nil
            }
            return (suite, columns)
        }
    }

    private static func slices(of task: String, in result: ExperimentResult) -> [String] {
        let aggregations = Aggregation.allCases.map(\.rawValue)
        return inFirstOrder(result.measures.map(\.measure).filter { $0.task == task }.map(\.slice)).filter {
            !aggregations.contains($0)
        }
    }

    /// The published rows that have a score on one of the tasks.
    static func shownPublished(_ result: ExperimentResult, tasks: [String]) -> [PublishedRow] {
        result.published.filter { row in tasks.contains { row.score(of: $0) != nil } }
    }

    /// The runs with a record, then those that only have measures.
    private static func runNames(of result: ExperimentResult) -> [String] {
        inFirstOrder(result.runs.map(\.name) + result.measures.map(\.run))
    }

    /// The mean over a suite; nil unless every task of it has a score.
    private static func average(of scores: [Double?], at columns: [Int]) -> Double? {
        let all = columns.compactMap { scores[$0] }
        return all.count == columns.count ? all.reduce(0, +) / Double(all.count) : nil
    }
}

extension ResultTable.Row {
    /// This run's scores less published ones, where both have one.
    fileprivate func difference(from published: [Double?]) -> Self {
        let cells = zip(cells, published).map { own, other in own.flatMap { own in other.map { own - $0 } } }
        return Self(name: "  difference: \(name)", cells: cells, kind: .difference)
    }
}

/// The measures that a table shows, x 100, by run, task and slice.
private struct MeasureLookUp {
    private struct Key: Hashable {
        let run: String
        let task: String
        let slice: String
    }

    private let measures: [Key: Measure]
    /// The metric that is shown of each task.
    private(set) var metrics: [String: String] = [:]

    init(_ result: ExperimentResult, metric: String?) {
        let own = Dictionary(result.tasks.map { ($0.task, $0.metric) }, uniquingKeysWith: { first, _ in first })
        let having = Set(result.measures.filter { $0.measure.metric == metric }.map(\.measure.task))
        var measures: [Key: Measure] = [:]
        for record in result.measures {
            let measure = record.measure
            let shown = having.contains(measure.task) ? metric : own[measure.task]
            let key = Key(run: record.run, task: measure.task, slice: measure.slice)
            // A task without a record shows what stands first.
            guard shown == nil || shown == measure.metric, measures[key] == nil else { continue }
            measures[key] = measure
            metrics[measure.task] = measure.metric
        }
        self.measures = measures
    }

    func value(_ run: String, _ task: String, _ slice: String) -> Double? {
        measures[Key(run: run, task: task, slice: slice)].map { 100 * $0.value }
    }

    func interval(_ run: String, _ task: String, _ slice: String) -> ClosedRange<Double>? {
        guard let interval = measures[Key(run: run, task: task, slice: slice)]?.interval,
            interval.lower <= interval.upper
        else { return nil }
        return 100 * interval.lower...100 * interval.upper
    }
}

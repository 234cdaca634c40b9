import Diagnostics
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
        /// Of a difference, the run that it is of.
        var run = ""

        fileprivate mutating func choose(_ columns: [Int]) {
            cells = columns.map { cells[$0] }
            if !intervals.isEmpty { intervals = columns.map { intervals[$0] } }
        }
    }

    /// What is measured, a line each.
    package let above: [String]
    /// The columns' names, without those of the runs.
    package private(set) var columns: [String]
    package private(set) var rows: [Row]
    /// Published rows, each followed by the difference of the run that it stands beside.
    package private(set) var published: [Row]
    /// Runs that differ by their seed alone, put together.
    package private(set) var seeds: [SeedGroup]
    /// The rows as they are printed: such runs are one line.
    package private(set) var lines: [TableLine] = []
    /// The names of the columns that say which run a line is of.
    package private(set) var heads: [String] = []
    /// What is shown, and how.
    package private(set) var options = TableOptions()
    /// That of the options, which needn't be shown; nil for none.
    package private(set) var baseline: TableLine?
    /// Against the baseline, a list of columns a line.
    package private(set) var changes: [[TableChange?]] = []
    private var best: BestLines
    private let result: ExperimentResult
    /// The columns that are subsets of the only task.
    private var sliceColumns: Set<Int>
    /// What a reader must know besides, a line each.
    package private(set) var below: [String]
    /// The warnings of what is shown, which `below` may leave out.
    package private(set) var warnings: [String]

    /// What the experiment is called.
    var name: String { result.name }
    private var runs: [RunRecord] { result.runs }

    /// - Parameters:
    ///   - aggregation: how the scores of a task's subsets become one
    ///   - metric: shown for the tasks that have it, such as `pearson`; nil for each task's own, which others show anyway
    public init(_ result: ExperimentResult, aggregation: Aggregation = .all, metric: String? = nil) {
        let tasks = Self.tasks(of: result)
        let lookUp = MeasureLookUp(result, metric: metric)
        let whole = tasks.map { (task: $0, slice: aggregation.rawValue) }
        let slices = tasks.count == 1 ? Self.slices(of: tasks[0], in: result).map { (task: tasks[0], slice: $0) } : []
        let suites = Self.wholeSuites(result, tasks: tasks).filter { suite in
            Set(suite.columns.map { lookUp.metrics[tasks[$0]] }).count == 1
        }

        // A mean over parts of the tasks isn't the one that the literature has.
        let averages = suites.map { result.limit == nil ? $0.average : $0.average + Self.limitedMark }
        columns = tasks + averages + slices.map { "\($0.task)/\($0.slice)" }
        (self.result, sliceColumns) = (result, Set(columns.count - slices.count..<columns.count))
        rows = result.runNames.map { run in
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
        let parts = { (task: String) in [BestLines.Part(task: task, slice: aggregation.rawValue)] }
        best = BestLines(
            columns: tasks.map(parts) + suites.map { $0.columns.flatMap { parts(tasks[$0]) } }
                + slices.map { [BestLines.Part(task: $0.task, slice: $0.slice)] },
            items: result.items, metrics: lookUp.metrics)
        above = Self.linesAbove(result, aggregation: aggregation, metrics: lookUp.metrics)
        below = Self.linesBelow(result, tasks: tasks, captions: SeedGroup.captions(seeds))
        warnings = Self.warnings(of: result)
        layOut()
    }

    /// Makes the lines of the rows.
    private mutating func layOut() {
        let lines = TableLine.lines(rows, groups: seeds, decimals: options.decimals)
        let columns = HeadColumns(lines, of: runs)
        heads = columns.names
        self.lines = zip(lines, columns.cells).map { $0.with(heads: $1) }
    }

    /// The table with a part of its rows and columns, in another order, or against a baseline.
    ///
    /// - Throws: for a column, a key or a run that there isn't
    public func showing(_ options: TableOptions) throws(Diagnostic) -> ResultTable {
        var table = self
        table.options = options
        guard (0...TableOptions.mostDecimals).contains(options.decimals) else {
            throw Diagnostic(
                "expected decimals to be from 0 to \(TableOptions.mostDecimals), found \(options.decimals)")
        }
        let kept = try shownRuns(options.filters)
        table.rows = rows.filter { kept.contains($0.name) }
        table.published = published.filter { row in row.kind == .published || kept.contains(row.run) }
        table.seeds = SeedGroup.groups(of: runs.filter { kept.contains($0.name) }, rows: table.rows)
        if let sort = options.sort {
            guard let column = columns.firstIndex(of: sort) else { throw .unknown("column", sort, among: columns) }
            table.rows = table.rows.sorted(byColumn: column, groups: table.seeds)
        }
        let chosen = try shownColumns(options)
        table.choose(chosen)
        table.published = table.published.filter { row in row.cells.contains { $0 != nil } }
        table.below = Self.linesBelow(
            result.ofRuns(kept), tasks: table.columns, captions: SeedGroup.captions(table.seeds),
            showsWarnings: options.showsWarnings)
        table.warnings = Self.warnings(of: result.ofRuns(kept))
        table.layOut()
        if let name = options.baseline {
            // It may be one that isn't shown.
            guard let line = table.line(called: name) ?? whole(of: chosen, options).line(called: name) else {
                throw .unknown("run", name, among: names)
            }
            (table.options.baseline, table.baseline) = (line.name, line)
            table.changes = table.best.changes(table.lines, from: line)
        }
        return table
    }

    /// All rows, in these columns.
    private func whole(of columns: [Int], _ options: TableOptions) -> ResultTable {
        var table = self
        table.options = options
        table.choose(columns)
        table.layOut()
        return table
    }

    /// A run's record; nil for one that has only measures.
    func record(of run: String) -> RunRecord? { runs.first { $0.name == run } }

    private func shownRuns(_ filters: [RunFilter]) throws(Diagnostic) -> Set<String> {
        let keys = RunRecord.keys(of: runs)
        var shown: [String] = []
        for row in rows {
            var fits = true
            for filter in filters {
                let record = runs.first { $0.name == row.name } ?? RunRecord(name: row.name)
                fits = try filter.fits(record, keys: keys, lines: namesOfLines(with: row.name)) && fits
            }
            if fits { shown.append(row.name) }
        }
        guard !shown.isEmpty || rows.isEmpty else {
            let said = filters.map { "\($0.key)=\($0.pattern)" }.joined(separator: " ")
            throw Diagnostic("no run has \(said); expected a part of: " + rows.map(\.name).shortList())
        }
        return Set(shown)
    }

    private func shownColumns(_ options: TableOptions) throws(Diagnostic) -> [Int] {
        let all = columns.indices.filter { options.showsSubsets || !sliceColumns.contains($0) }
        guard !options.columns.isEmpty else { return all }
        var chosen: [Int] = []
        for pattern in options.columns {
            let found = all.filter { columns[$0].matches(pattern: pattern) }
            guard !found.isEmpty else { throw .unknown("column", pattern, among: all.map { columns[$0] }) }
            chosen += found.filter { !chosen.contains($0) }
        }
        return chosen
    }

    private mutating func choose(_ chosen: [Int]) {
        columns = chosen.map { columns[$0] }
        sliceColumns = Set(chosen.indices.filter { sliceColumns.contains(chosen[$0]) })
        for index in rows.indices { rows[index].choose(chosen) }
        for index in published.indices { published[index].choose(chosen) }
        for index in seeds.indices { seeds[index].choose(chosen) }
        best.columns = chosen.map { best.columns[$0] }
    }

    func isSlice(_ column: Int) -> Bool { sliceColumns.contains(column) }
    package func isAverage(_ column: Int) -> Bool { best.columns[column].count > 1 }

    /// A line's score of a column less another line's; nil where one of them has no score or no items.
    package func change(of line: TableLine, from other: TableLine, column: Int) -> TableChange? {
        best.change(of: line, from: other, column: column)
    }

    /// The 95 % intervals of scores, x 100, for each line and column; also of means over tasks, which draw independently, and of
    /// means over seeds, whose resamples draw the seeds as well as the items. Nil where there is none.
    package var intervals: [[ClosedRange<Double>?]] { best.intervals(lines) }

    /// The metric that a column shows.
    package func metric(ofColumn column: Int) -> String {
        best.columns[column].first.flatMap { best.metrics[$0.task] } ?? ""
    }

    /// Behind the name of a mean over parts of tasks.
    package static let limitedMark = " (limited)"

    /// For each line and column, whether its score is the best or can't be told from it.
    package var bestCells: [[Bool]] { best.marks(lines) }
    /// ``bestCells`` and ``intervals``, from the same resamples.
    package var judged: JudgedCells { best.judge(lines) }

    package static var seedCaption: String { SeedGroup.caption }
    /// How the intervals of means come about.
    package static var meanIntervalCaption: String {
        "intervals of means over tasks or seeds are of \(BestLines.bootstrap.resamples) resamples"
    }
    /// What that says.
    package static var bestCaption: String { BestLines.caption }

    /// The tasks that have measures: suite after suite, each in its order, then others in the result's order.
    static func tasks(of result: ExperimentResult) -> [String] {
        let present = inFirstOrder(result.measures.map(\.measure.task))
        let inSuites = result.tasks.filter { !$0.suite.isEmpty && present.contains($0.task) }
            .sorted { ($0.suite, $0.place) < ($1.suite, $1.place) }.map(\.task)
        return inSuites + present.filter { !inSuites.contains($0) }
    }

    /// The suites of which all tasks are there, and where these are among the columns.
    static func wholeSuites(
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
        return Self(name: "  difference: \(name)", cells: cells, kind: .difference, run: name)
    }
}

extension ExperimentResult {
    /// The runs with a record, then those that only have measures.
    fileprivate var runNames: [String] { inFirstOrder(runs.map(\.name) + measures.map(\.run)) }

    /// What there is to say of some of its runs.
    fileprivate func ofRuns(_ names: Set<String>) -> ExperimentResult {
        var part = self
        part.runs = runs.filter { names.contains($0.name) }
        part.measures = measures.filter { names.contains($0.run) }
        part.checks = checks.filter { names.contains($0.run) }
        return part
    }
}

extension [ResultTable.Row] {
    /// From the highest score, runs of one method together; those without a score last.
    fileprivate func sorted(byColumn column: Int, groups: [SeedGroup]) -> [ResultTable.Row] {
        let scores = map { row in
            let group = groups.first { $0.runs.contains(row.name) }
            let score = group.map { $0.means[column] } ?? row.cells[column]
            return score.flatMap { $0.isNaN ? nil : $0 } ?? -.infinity
        }
        // Rows of one score stay in their order.
        return indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.map { self[$0] }
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

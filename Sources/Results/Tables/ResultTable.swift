/// A result as a reader wants it: a row a run, a column a task, and around it what one must know to judge the numbers.
///
/// Build it once, then render it: ``rendered(as:highlighting:)``.
public struct ResultTable: Equatable, Sendable {
    /// How the scores of a task's subsets become one score.
    public enum Aggregation: String, CaseIterable, Sendable {
        /// One correlation over all pairs of the task: what the papers print.
        case all
        /// The mean of the subsets' correlations.
        case mean
        /// The mean of the subsets' correlations, weighted by their number of pairs.
        case wmean
    }

    /// Which correlation with the gold scores is shown.
    public enum Value: String, CaseIterable, Sendable {
        case spearman, pearson
    }

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

    /// The seven tasks whose mean papers call "Avg", in their order.
    public static let suite = ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"]

    /// The seven transfer tasks, whose mean is a column where all are there.
    public static let transferSuite = ["MR", "CR", "SUBJ", "MPQA", "SST2", "TREC", "MRPC"]
    private static let transferAverageName = "Avg transfer"

    /// What is measured, a line each.
    package let above: [String]
    /// The columns' names, without the one of the runs.
    package let columns: [String]
    package let rows: [Row]
    /// Published rows, each followed by the difference of the run that it stands beside.
    package let published: [Row]
    /// What a reader must know besides, a line each.
    package let below: [String]

    public init(_ result: ExperimentResult, aggregation: Aggregation = .all, value: Value = .spearman) {
        let tasks = Self.tasks(of: result)
        let slices = tasks.count == 1 ? Self.slices(of: tasks[0], in: result) : []
        let hasAverage = Self.suite.allSatisfy(tasks.contains)
        let lookUp = ScoreLookUp(result.scores, value: value)

        let hasTransfer = Self.transferSuite.allSatisfy(tasks.contains)
        columns =
            tasks + (hasAverage ? [PublishedRow.averageName] : [])
            + (hasTransfer ? [Self.transferAverageName] : []) + slices.map { "\(tasks[0])/\($0)" }
        rows = Self.runNames(of: result).map { run in
            let scores = tasks.map { lookUp.score(run, $0, aggregation.rawValue) }
            let average =
                (hasAverage ? [Self.average(of: scores, tasks: tasks, suite: Self.suite)] : [])
                + (hasTransfer ? [Self.average(of: scores, tasks: tasks, suite: Self.transferSuite)] : [])
            let intervals = tasks.map { lookUp.interval(run, $0, aggregation.rawValue) }
            return Row(
                name: run, cells: scores + average + slices.map { lookUp.score(run, tasks[0], $0) },
                intervals: intervals + average.map { _ in nil } + slices.map { lookUp.interval(run, tasks[0], $0) })
        }
        let runs = rows
        published = Self.shownPublished(result, tasks: tasks).flatMap { row in
            let average = (hasAverage ? [row.average] : []) + (hasTransfer ? [nil] : [])
            let cells = tasks.map(row.score) + average + slices.map { _ in nil }
            let isComparable = aggregation == .all && value == .spearman
            let difference = isComparable ? runs.first { $0.name == row.run }.map { $0.difference(from: cells) } : nil
            return [Row(name: row.name, cells: cells, kind: .published)] + (difference.map { [$0] } ?? [])
        }
        above = Self.linesAbove(result, aggregation: aggregation, value: value)
        below = Self.linesBelow(result, tasks: tasks)
    }

    /// The tasks that have scores: the suite's in its order, then others in the result's order.
    private static func tasks(of result: ExperimentResult) -> [String] {
        let present = inFirstOrder(result.scores.map(\.task))
        return suite.filter(present.contains) + present.filter { !suite.contains($0) }
    }

    private static func slices(of task: String, in result: ExperimentResult) -> [String] {
        let aggregations = Aggregation.allCases.map(\.rawValue)
        return inFirstOrder(result.scores.filter { $0.task == task }.map(\.subset)).filter {
            !aggregations.contains($0)
        }
    }

    /// The published rows that have a score on one of the tasks.
    static func shownPublished(_ result: ExperimentResult, tasks: [String]) -> [PublishedRow] {
        result.published.filter { row in tasks.contains { row.score(of: $0) != nil } }
    }

    /// The runs with a record, then those that only have scores.
    private static func runNames(of result: ExperimentResult) -> [String] {
        inFirstOrder(result.runs.map(\.name) + result.scores.map(\.run))
    }

    package static func inFirstOrder(_ names: [String]) -> [String] {
        var seen = Set<String>()
        return names.filter { seen.insert($0).inserted }
    }

    /// The mean over a suite; nil unless every task of it has a score.
    private static func average(of scores: [Double?], tasks: [String], suite: [String]) -> Double? {
        let seven = zip(tasks, scores).filter { suite.contains($0.0) }.compactMap(\.1)
        return seven.count == suite.count ? seven.reduce(0, +) / Double(seven.count) : nil
    }
}

extension ResultTable.Row {
    /// This run's scores less published ones, where both have one.
    fileprivate func difference(from published: [Double?]) -> Self {
        let cells = zip(cells, published).map { own, other in own.flatMap { own in other.map { own - $0 } } }
        return Self(name: "  difference: \(name)", cells: cells, kind: .difference)
    }
}

/// A result's scores x 100, by run, task and subset.
private struct ScoreLookUp {
    private struct Key: Hashable {
        let run: String
        let task: String
        let subset: String
    }

    private let records: [Key: ScoreRecord]
    private let value: ResultTable.Value

    init(_ records: [ScoreRecord], value: ResultTable.Value) {
        let pairs = records.map { (Key(run: $0.run, task: $0.task, subset: $0.subset), $0) }
        self.records = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        self.value = value
    }

    func score(_ run: String, _ task: String, _ subset: String) -> Double? {
        records[Key(run: run, task: task, subset: subset)].map { record in
            let correlation = value == .spearman ? record.spearman : record.pearson
            return 100 * (record.accuracy.isNaN ? correlation : record.accuracy)
        }
    }

    /// The interval of Spearman's coefficient; others have none.
    func interval(_ run: String, _ task: String, _ subset: String) -> ClosedRange<Double>? {
        guard value == .spearman, let record = records[Key(run: run, task: task, subset: subset)],
            record.accuracy.isNaN, record.confidenceLow <= record.confidenceHigh
        else { return nil }
        return 100 * record.confidenceLow...100 * record.confidenceHigh
    }
}

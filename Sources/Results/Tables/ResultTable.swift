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
    struct Row: Equatable, Sendable {
        var name: String
        /// Correlation or accuracy x 100 for each column; nil where there is none.
        var cells: [Double?]
    }

    /// The seven tasks whose mean papers call "Avg", in their order.
    public static let suite = ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"]

    /// The seven transfer tasks, whose mean is a column where all are there.
    public static let transferSuite = ["MR", "CR", "SUBJ", "MPQA", "SST2", "TREC", "MRPC"]
    private static let transferAverageName = "Avg transfer"

    /// What is measured, a line each.
    let above: [String]
    /// The columns' names, without the one of the runs.
    let columns: [String]
    let rows: [Row]
    let published: [Row]
    /// What a reader must know besides, a line each.
    let below: [String]

    public init(_ result: ExperimentResult, aggregation: Aggregation = .all, value: Value = .spearman) {
        let tasks = Self.tasks(of: result)
        let slices = tasks.count == 1 ? Self.slices(of: tasks[0], in: result) : []
        let hasAverage = Self.suite.allSatisfy(tasks.contains)
        let lookUp = ScoreLookUp(result.scores, value: value)

        let hasTransfer = Self.transferSuite.allSatisfy(tasks.contains)
        columns =
            tasks + (hasAverage ? [PublishedScore.averageName] : [])
            + (hasTransfer ? [Self.transferAverageName] : []) + slices.map { "\(tasks[0])/\($0)" }
        rows = Self.runNames(of: result).map { run in
            let scores = tasks.map { lookUp.score(run, $0, aggregation.rawValue) }
            let average =
                (hasAverage ? [Self.average(of: scores, tasks: tasks, suite: Self.suite)] : [])
                + (hasTransfer ? [Self.average(of: scores, tasks: tasks, suite: Self.transferSuite)] : [])
            return Row(name: run, cells: scores + average + slices.map { lookUp.score(run, tasks[0], $0) })
        }
        published = result.published.filter { row in tasks.contains { row.score(of: $0) != nil } }.map { row in
            let average = (hasAverage ? [row.average] : []) + (hasTransfer ? [nil] : [])
            return Row(name: row.name, cells: tasks.map(row.score) + average + slices.map { _ in nil })
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

    /// The runs with a record, then those that only have scores.
    private static func runNames(of result: ExperimentResult) -> [String] {
        inFirstOrder(result.runs.map(\.name) + result.scores.map(\.run))
    }

    static func inFirstOrder(_ names: [String]) -> [String] {
        var seen = Set<String>()
        return names.filter { seen.insert($0).inserted }
    }

    /// The mean over a suite; nil unless every task of it has a score.
    private static func average(of scores: [Double?], tasks: [String], suite: [String]) -> Double? {
        let seven = zip(tasks, scores).filter { suite.contains($0.0) }.compactMap(\.1)
        return seven.count == suite.count ? seven.reduce(0, +) / Double(seven.count) : nil
    }
}

/// A result's scores x 100, by run, task and subset.
private struct ScoreLookUp {
    private struct Key: Hashable {
        let run: String
        let task: String
        let subset: String
    }

    private let scores: [Key: Double]

    init(_ records: [ScoreRecord], value: ResultTable.Value) {
        let pairs = records.map { record in
            let correlation = value == .spearman ? record.spearman : record.pearson
            let score = record.accuracy.isNaN ? correlation : record.accuracy
            return (Key(run: record.run, task: record.task, subset: record.subset), 100 * score)
        }
        scores = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    func score(_ run: String, _ task: String, _ subset: String) -> Double? {
        scores[Key(run: run, task: task, subset: subset)]
    }
}

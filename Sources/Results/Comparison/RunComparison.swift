import Benchmarks
import Diagnostics

/// Two runs on the tasks that both have: is the difference larger than the choice of sentence pairs explains?
public struct RunComparison: Equatable, Sendable {
    /// A task's line, or the one of the average over tasks.
    public struct Line: Equatable, Sendable {
        /// The task's name; `Avg` for the mean over the tasks.
        public var task: String
        public var pairs: Int
        /// Spearman's coefficients of all pairs, and their 95 % intervals.
        public var first: Double
        public var firstInterval: ConfidenceInterval
        public var second: Double
        public var secondInterval: ConfidenceInterval
        /// The second's less the first's.
        public var change: PairedDifference
    }

    public let first: ComparedRun
    public let second: ComparedRun
    public let bootstrap: Bootstrap
    /// A line a common task, in the order of the first run; then, with more than one, their average.
    public let lines: [Line]
    /// Tasks that only one of the runs has, or that have no pairs to draw from.
    public let leftOut: [String]

    /// - Throws: where the runs have no task in common, or different pairs for one.
    public init(_ first: ComparedRun, _ second: ComparedRun, bootstrap: Bootstrap = .standard) throws {
        self.first = first
        self.second = second
        self.bootstrap = bootstrap
        var samples: [Sample] = []
        for table in first.tables {
            guard let other = second.tables.first(where: { $0.task == table.task }) else { continue }
            try Self.checkSamePairs(table, other, of: first, second)
            samples.append(Sample(table, other, bootstrap))
        }
        guard !samples.isEmpty else {
            throw Diagnostic(
                "expected a task that both runs have: \(first.label) has \(Self.tasks(of: first)), "
                    + "\(second.label) has \(Self.tasks(of: second))")
        }
        let common = Set(samples.map(\.task))
        leftOut = ResultTable.inFirstOrder((first.tables + second.tables).map(\.task)).filter { !common.contains($0) }
        lines = samples.map(\.line) + (samples.count > 1 ? [Sample(averageOf: samples).line] : [])
    }

    private static func tasks(of run: ComparedRun) -> String {
        run.tables.isEmpty ? "none" : run.tables.map(\.task).joined(separator: ", ")
    }

    /// A paired comparison of different pairs would be a number about nothing.
    private static func checkSamePairs(
        _ a: PairTable, _ b: PairTable, of first: ComparedRun, _ second: ComparedRun
    ) throws {
        let advice = "compare runs on the same data and the same --limit"
        guard a.rows.count == b.rows.count else {
            throw Diagnostic(
                "expected the same pairs of \(a.task) in both runs: \(first.label) has \(a.rows.count), "
                    + "\(second.label) has \(b.rows.count)", suggestion: advice)
        }
        for (row, (x, y)) in zip(a.rows, b.rows).enumerated()
        where (x.subset, x.index) != (y.subset, y.index) || x.gold != y.gold {
            throw Diagnostic(
                "expected the same pairs of \(a.task) in both runs: row \(row) is pair \(x.index) of "
                    + "\"\(x.subset)\" with gold score \(x.gold) in \(first.label), but pair \(y.index) of "
                    + "\"\(y.subset)\" with \(y.gold) in \(second.label)", suggestion: advice)
        }
    }
}

/// Both runs' coefficients on a task and in its resamples.
private struct Sample {
    var task: String
    var pairs: Int
    var observed: [Double]
    var resampled: [[Double]]

    init(_ a: PairTable, _ b: PairTable, _ bootstrap: Bootstrap) {
        task = a.task
        pairs = a.rows.count
        let gold = a.rows.map(\.gold)
        let cosines = [a, b].map { $0.rows.map(\.cosine) }
        observed = cosines.map { spearman($0, gold) }
        resampled = bootstrap.spearman(of: cosines, with: gold, stream: a.task)
    }

    /// The mean over tasks, in each resample too: the tasks draw independently.
    init(averageOf samples: [Sample]) {
        task = PublishedRow.averageName
        pairs = samples.map(\.pairs).reduce(0, +)
        let count = Double(samples.count)
        observed = [0, 1].map { run in samples.map { $0.observed[run] }.reduce(0, +) / count }
        resampled = [0, 1].map { run in
            samples[0].resampled[run].indices.map { resample in
                samples.map { $0.resampled[run][resample] }.reduce(0, +) / count
            }
        }
    }

    var line: RunComparison.Line {
        RunComparison.Line(
            task: task, pairs: pairs, first: observed[0],
            firstInterval: ConfidenceInterval(percentilesOf: resampled[0]), second: observed[1],
            secondInterval: ConfidenceInterval(percentilesOf: resampled[1]),
            change: PairedDifference(
                observed: observed[1] - observed[0], resampled: zip(resampled[0], resampled[1]).map { $1 - $0 }))
    }
}

import Tasks
import Diagnostics

/// Two runs on the tasks that both have: is the difference larger than the choice of the items explains?
public struct RunComparison: Equatable, Sendable {
    /// A task's line, or the one of the average over tasks.
    public struct Line: Equatable, Sendable {
        /// The task's name; `Avg` for the mean over the tasks.
        public var task: String
        public var isAverage = false
        public var count: Int
        /// What is counted, such as `pairs`; of an average what its tasks have.
        public var unit: String
        /// Such as `spearman`, of all items.
        public var metric: String
        /// Both runs' values, and their 95 % intervals.
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
    /// A line a common task, in the order of the first run; then the average of those of one metric, where there is more
    /// than one.
    public let lines: [Line]
    /// Tasks that only one of the runs has.
    public let leftOut: [String]
    /// Whether only a part of each task's items was scored.
    package var isLimited: Bool { first.limit != nil || second.limit != nil }

    /// Tasks whose files are not the same on both sides: their items may have other texts, by which scores differ too.
    package var ofOtherFiles: [String] {
        lines.map(\.task).filter { task in
            guard let own = first.contents[task], let other = second.contents[task] else { return false }
            return own != other
        }
    }

    /// What the reader of the numbers must know first.
    package var warnings: [String] {
        (isLimited ? [quickLook] : [])
            + (ofOtherFiles.isEmpty
                ? []
                : [
                    "A and B read other files of \(ofOtherFiles.joined(separator: ", ")): texts may differ, not runs alone"
                ])
    }

    /// - Throws: where the runs have no task in common, or different pairs for one.
    public init(_ first: ComparedRun, _ second: ComparedRun, bootstrap: Bootstrap = .standard) throws {
        self.first = first
        self.second = second
        self.bootstrap = bootstrap
        var samples: [Sample] = []
        for table in first.tables {
            guard let other = second.tables.first(where: { $0.task == table.task }) else { continue }
            let sides = [first, second].map { $0.tables(of: table.task) }
            for own in sides[0] { try Self.checkSameItems(own, other, of: first, second) }
            for own in sides[1] { try Self.checkSameItems(table, own, of: first, second) }
            samples.append(
                try Sample(
                    sides.map { $0.map(\.table) }, task: table.task, metric: first.metrics[table.task],
                    labels: [first.label, second.label], bootstrap))
        }
        guard !samples.isEmpty else {
            throw Diagnostic(
                "expected a task that both runs have: \(first.label) has \(Self.tasks(of: first)), "
                    + "\(second.label) has \(Self.tasks(of: second))")
        }
        let common = Set(samples.map(\.task))
        leftOut = inFirstOrder((first.tables + second.tables).map(\.task)).filter { !common.contains($0) }
        let metrics = inFirstOrder(samples.map(\.metric))
        let averages = metrics.map { metric in samples.filter { $0.metric == metric } }.filter { $0.count > 1 }
        let mark = first.limit == nil && second.limit == nil ? "" : ResultTable.limitedMark
        lines =
            samples.map(\.line)
            + averages.map { same in
                var average = Sample(averageOf: same)
                if metrics.count > 1 { average.task += " \(average.metric)" }
                average.task += mark
                return average.line
            }
    }

    private static func tasks(of run: ComparedRun) -> String {
        run.tables.isEmpty ? "none" : run.tables.map(\.task).joined(separator: ", ")
    }

    /// A paired comparison of different items would be a number about nothing.
    private static func checkSameItems(
        _ a: ItemRecord, _ b: ItemRecord, of first: ComparedRun, _ second: ComparedRun
    ) throws {
        let advice = "compare runs on the same data and the same --limit"
        guard a.table.schema == b.table.schema else {
            throw Diagnostic(
                "expected \(a.task) to be of one kind in both runs: \(first.label) has \(a.table.schema.group), "
                    + "\(second.label) has \(b.table.schema.group)")
        }
        guard a.table.count == b.table.count else {
            throw Diagnostic(
                "expected the same \(a.table.schema.group) of \(a.task) in both runs: \(first.label) has "
                    + "\(a.table.count), \(second.label) has \(b.table.count)", suggestion: advice)
        }
        if let row = a.table.firstOtherItem(than: b.table) {
            throw Diagnostic(
                "expected the same \(a.table.schema.group) of \(a.task) in both runs: row \(row) is "
                    + "\(a.table.item(row)) in \(first.label), but \(b.table.item(row)) in \(second.label)",
                suggestion: advice)
        }
    }
}

/// Both runs' values on a task and in its resamples.
private struct Sample {
    var task: String
    var isAverage = false
    var count: Int
    var unit: String
    var metric: String
    var observed: [Double]
    var resampled: [[Double]]

    /// - Parameter sides: of both runs, a table a seed. Items are drawn for all of them, seeds for each side.
    init(
        _ sides: [[ItemTable]], task: String, metric: String?, labels: [String], _ bootstrap: Bootstrap
    ) throws {
        let schema = sides[0][0].schema
        guard let kind = TaskKinds.all.first(where: { $0.items == schema }) else {
            throw Diagnostic("no kind of task has a table of \(schema.group)")
        }
        self.task = task
        (count, unit) = (sides[0][0].count, kind.unit)
        self.metric = metric ?? kind.metrics.first ?? ""
        let found = kind.resample(self.metric, of: sides.flatMap(\.self), bootstrap: bootstrap, stream: task)
        let ofSides = [found.prefix(sides[0].count), found.suffix(sides[1].count)]
        observed = ofSides.map { runs in runs.map(\.observed).reduce(0, +) / Double(runs.count) }
        resampled = zip(ofSides, labels).map { runs, label in
            bootstrap.meansOverSeeds(runs.map(\.resampled), stream: label)
        }
    }

    /// The mean over tasks, in each resample too: the tasks draw independently.
    init(averageOf samples: [Sample]) {
        task = PublishedRow.averageName
        isAverage = true
        (metric, unit) = (samples[0].metric, samples[0].unit)
        count = samples.map(\.count).reduce(0, +)
        let number = Double(samples.count)
        observed = [0, 1].map { run in samples.map { $0.observed[run] }.reduce(0, +) / number }
        resampled = [0, 1].map { run in
            samples[0].resampled[run].indices.map { resample in
                samples.map { $0.resampled[run][resample] }.reduce(0, +) / number
            }
        }
    }

    var line: RunComparison.Line {
        RunComparison.Line(
            task: task, isAverage: isAverage, count: count, unit: unit, metric: metric, first: observed[0],
            firstInterval: ConfidenceInterval(percentilesOf: resampled[0]), second: observed[1],
            secondInterval: ConfidenceInterval(percentilesOf: resampled[1]),
            change: PairedDifference(
                observed: observed[1] - observed[0], resampled: zip(resampled[0], resampled[1]).map { $1 - $0 }))
    }
}

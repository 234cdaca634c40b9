import Tasks

/// What resamples say of a table's lines, for each line and column.
package struct JudgedCells: Equatable, Sendable {
    /// Whether the score is the best or can't be told from it.
    package let isBest: [[Bool]]
    /// The 95 % intervals, x 100; nil where there is none.
    package let intervals: [[ClosedRange<Double>?]]
}

/// Which lines of a table are the best of a column, and which can't be told from it.
///
/// A line is told from the best where a paired bootstrap over the items, and over the seeds of a line that is a mean, has a
/// two-sided p below 0.05: the luckiest seed or the luckiest sentence is no finding.
struct BestLines: Equatable, Sendable {
    /// A task, and a slice of it.
    struct Part: Hashable, Sendable {
        var task: String
        var slice: String
    }

    /// What each column is the mean of.
    var columns: [[Part]]
    var items: [ItemRecord]
    /// The shown metric of each task.
    var metrics: [String: String]

    static let bootstrap = Bootstrap(resamples: 1000, seed: Bootstrap.standard.seed)
    static let level = 0.05

    /// What bold means, for whoever reads the table.
    static let caption =
        "bold: the best of a column, and all that a paired bootstrap (p < 0.05, \(bootstrap.resamples) resamples of items "
        + "and seeds) can't tell from it"

    /// What marks of a difference mean.
    static func changeCaption(_ baseline: String) -> String {
        "differences are to \(baseline); * p < 0.05, ** p < 0.01 of a paired bootstrap (\(bootstrap.resamples) resamples of "
            + "items and seeds)"
    }

    /// Each line's scores less a line's; nil where one of them has no score or no items, and for the line itself.
    func changes(_ lines: [TableLine], from baseline: TableLine) -> [[TableChange?]] {
        var known: Known = [:]
        return lines.map { line in
            columns.indices.map { column in
                line.runs == baseline.runs
                    ? nil : change(of: line, from: baseline, column, &known).map(TableChange.init)
            }
        }
    }

    /// A line's score of a column less another line's; nil where one of them has no score or no items.
    func change(of line: TableLine, from other: TableLine, column: Int) -> TableChange? {
        var known: Known = [:]
        return change(of: line, from: other, column, &known).map(TableChange.init)
    }

    /// The marks and the intervals of lines, for each line and column: both are of the same resamples.
    func judge(_ lines: [TableLine]) -> JudgedCells {
        var known: Known = [:]
        return JudgedCells(isBest: marks(lines, &known), intervals: intervals(lines, &known))
    }

    /// The intervals of lines, x 100, for each line and column: those that the result has, and of means over tasks or seeds
    /// their own; nil where there is none.
    func intervals(_ lines: [TableLine]) -> [[ClosedRange<Double>?]] {
        var known: Known = [:]
        return intervals(lines, &known)
    }

    private func intervals(_ lines: [TableLine], _ known: inout Known) -> [[ClosedRange<Double>?]] {
        lines.map { line in
            columns.indices.map { column in
                guard line.isMean || columns[column].count > 1 else { return line.intervals[column] }
                guard line.cells[column] != nil, let scores = resampled(line, columns[column], &known) else {
                    return nil
                }
                let interval = ConfidenceInterval(percentilesOf: scores.map { 100 * $0 })
                return interval.isDefined ? interval.lower...interval.upper : nil
            }
        }
    }

    private func change(
        of line: TableLine, from other: TableLine, _ column: Int, _ known: inout Known
    ) -> PairedDifference? {
        guard let observed = line.cells[column], let before = other.cells[column],
            let own = resampled(line, columns[column], &known), let base = resampled(other, columns[column], &known)
        else { return nil }
        return PairedDifference(observed: observed - before, resampled: zip(own, base).map { 100 * ($0 - $1) })
    }

    private typealias Known = [String: [Part: [Double]]]

    /// For each line and column, whether it is the best or can't be told from it.
    func marks(_ lines: [TableLine]) -> [[Bool]] {
        var known: Known = [:]
        return marks(lines, &known)
    }

    private func marks(_ lines: [TableLine], _ known: inout Known) -> [[Bool]] {
        let byColumn = columns.indices.map { marks(column: $0, lines, &known) }
        return lines.indices.map { line in byColumn.map { $0[line] } }
    }

    private func marks(column: Int, _ lines: [TableLine], _ known: inout Known) -> [Bool] {
        let scores = lines.map { $0.cells[column].flatMap { $0.isNaN ? nil : $0 } }
        let scored = lines.indices.compactMap { index in scores[index].map { (index: index, score: $0) } }
        guard lines.count > 1, let best = scored.max(by: { $0.score < $1.score }) else {
            return lines.map { _ in false }
        }
        return lines.indices.map { index in
            guard let score = scores[index] else { return false }
            return ResultTable.cellText(score) == ResultTable.cellText(best.score)
                || !isTold(lines[index], from: lines[best.index], column, &known)
        }
    }

    private func isTold(_ line: TableLine, from best: TableLine, _ column: Int, _ known: inout Known) -> Bool {
        guard line.cells[column] != nil, best.cells[column] != nil else { return true }
        // Far apart even if all of both intervals' scatter went against each other: most lines, at no cost.
        if let upper = line.intervals[column]?.upperBound, let lower = best.intervals[column]?.lowerBound, upper < lower
        {
            return true
        }
        guard let change = change(of: best, from: line, column, &known) else { return true }
        return change.pValue < Self.level
    }

    /// A line's score of a column in each resample; nil where a run has no items.
    private func resampled(_ line: TableLine, _ parts: [Part], _ known: inout Known) -> [Double]? {
        var runs: [[Double]] = []
        for run in line.runs {
            var sum = [Double](repeating: 0, count: Self.bootstrap.resamples)
            for part in parts {
                guard let scores = known[run]?[part] ?? resampled(run, part) else { return nil }
                known[run, default: [:]][part] = scores
                for index in sum.indices { sum[index] += scores[index] / Double(parts.count) }
            }
            runs.append(sum)
        }
        return runs.isEmpty ? nil : Self.bootstrap.meansOverSeeds(runs, stream: line.name)
    }

    private func resampled(_ run: String, _ part: Part) -> [Double]? {
        guard let table = items.first(where: { $0.run == run && $0.task == part.task })?.table,
            let kind = TaskKinds.all.first(where: { $0.items == table.schema })
        else { return nil }
        let metric = metrics[part.task] ?? kind.metrics.first ?? ""
        return kind.resample(metric, slice: part.slice, of: [table], bootstrap: Self.bootstrap, task: part.task)
            .first?.resampled
    }
}

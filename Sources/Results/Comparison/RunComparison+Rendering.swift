import Tasks
import Foundation

extension RunComparison {
    /// The comparison as a table for a terminal, without a final newline: coefficients x 100.
    public var text: String {
        let header = [
            "task", metrics == ["spearman"] ? "pairs" : "items", "A", "95 %", "B", "95 %", "B - A", "95 %", "p",
        ]
        let table = TextTable(header: header, rows: lines.map(Self.cells))
        return
            (["A: \(first.label)", "B: \(second.label)"].map(ResultTable.singleLine) + [""] + table.lines + [""] + notes)
            .joined(separator: "\n")
    }

    private static func cells(_ line: Line) -> [String] {
        let change = line.change
        return [
            line.task, String(line.count), ResultTable.cellText(100 * line.first), interval(line.firstInterval),
            ResultTable.cellText(100 * line.second), interval(line.secondInterval), signed(change.difference),
            interval(change.interval), probability(change.pValue),
        ]
    }

    private static func interval(_ interval: ConfidenceInterval) -> String {
        interval.isDefined
            ? "[\(ResultTable.cellText(100 * interval.lower)), \(ResultTable.cellText(100 * interval.upper))]"
            : ResultTable.noInterval
    }

    private static func signed(_ difference: Double) -> String {
        let text = ResultTable.cellText(100 * difference)
        return difference > 0 && text != "0.00" ? "+\(text)" : text
    }

    private static func probability(_ value: Double) -> String {
        value.isNaN ? ResultTable.cellText(.nan) : String(format: value < 0.001 ? "%.1e" : "%.3f", value)
    }

    private var notes: [String] {
        var notes = [
            "\(measured) over all pairs of a task. Intervals: \(bootstrap).",
            "p: two-sided, from the same resamples for A and B: twice the share in which B - A has not the sign of "
                + "most, at least \(Self.probability(smallestProbability)).",
        ]
        let intervals = lines.flatMap { [$0.firstInterval, $0.secondInterval, $0.change.interval] }
        if intervals.contains(where: { !$0.isDefined }) { notes.append(ResultTable.noIntervalCaption) }
        if lines.contains(where: \.isAverage) {
            notes.append("Avg: the mean over the tasks above, which draw independently.")
        }
        if !leftOut.isEmpty {
            notes.append("not compared, in one of the runs only: \(leftOut.joined(separator: ", "))")
        }
        return notes
    }

    private var metrics: [String] { inFirstOrder(lines.map(\.metric)) }

    /// What the numbers are: `Spearman x 100 of cosine and gold score`; by task where they aren't all the same.
    private var measured: String {
        metrics.map { metric in
            let kind = TaskKinds.all.first { $0.metrics.contains(metric) }
            let caption = kind?.caption(of: metric) ?? metric
            let tasks = lines.filter { $0.metric == metric && !$0.isAverage }.map(\.task)
            return metrics.count > 1 ? "\(caption) for \(tasks.joined(separator: ", "))" : caption
        }.joined(separator: "; ")
    }

    private var smallestProbability: Double { min(1, 2 / Double(bootstrap.resamples + 1)) }
}

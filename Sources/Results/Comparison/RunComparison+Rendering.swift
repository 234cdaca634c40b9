import Diagnostics
import Files
import Foundation
import Tasks

extension RunComparison {
    /// The comparison as text with a final newline: scores x 100.
    ///
    /// - Parameter cells: how texts stand in CSV
    public func rendered(as format: ResultTable.Format, cells: CSVText.Style = .forSpreadsheets) -> String {
        switch format {
        case .table: text + "\n"
        case .markdown: markdown
        case .latex: latex
        case .csv: csv(cells)
        case .json: json
        }
    }

    private var header: [String] {
        ["task", units.count == 1 ? units[0] : "items", "A", "95 %", "B", "95 %", "B - A", "95 %", "p"]
    }

    private var labels: [String] { ["A: \(first.label.visible())", "B: \(second.label.visible())"] }

    /// The comparison as a table for a terminal, without a final newline: coefficients x 100.
    public var text: String {
        let table = TextTable(header: header, rows: lines.map(Self.cells))
        return (labels + [""] + table.lines + [""] + notes).joined(separator: "\n")
    }

    private var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let escaped = ResultTable.markdownEscaped
        var found = labels.flatMap { [escaped($0), ""] }
        found += [line(header.map(escaped)), line(header.indices.map { $0 == 0 ? "---" : "---:" })]
        found += lines.map { line(Self.cells($0).map(escaped)) }
        return (found + [""] + notes.map { "- " + escaped($0) }).joined(separator: "\n") + "\n"
    }

    private var latex: String {
        let caption =
            labels.joined(separator: "; ") + ". \(measured), with 95 % intervals" + (isLimited ? ". \(quickLook)" : "")
        let table = LaTeXTable(
            heads: 1, header: header.map(ResultTable.latexEscaped),
            sections: [
                LaTeXTable.Section(
                    title: nil,
                    rows: lines.map { line in
                        let cells = Self.cells(line).map(ResultTable.latexEscaped)
                        return LaTeXTable.Row(heads: Array(cells.prefix(1)), cells: Array(cells.dropFirst()))
                    })
            ], caption: ResultTable.latexEscaped(caption), label: "tab:comparison")
        return (table.lines + notes.map { "% " + ResultTable.singleLine($0) }).joined(separator: "\n") + "\n"
    }

    /// What a line says in numbers, unrounded, by column.
    private static func numbers(_ line: Line) -> [(name: String, value: Double)] {
        let change = line.change
        let scores = [
            ("a", line.first), ("a_low", line.firstInterval.lower), ("a_high", line.firstInterval.upper),
            ("b", line.second), ("b_low", line.secondInterval.lower), ("b_high", line.secondInterval.upper),
            ("difference", change.difference), ("low", change.interval.lower), ("high", change.interval.upper),
        ]
        return scores.map { (name: $0, value: 100 * $1) } + [(name: "p", value: change.pValue)]
    }

    private func csv(_ style: CSVText.Style) -> String {
        let names = lines.first.map { Self.numbers($0).map(\.name) } ?? []
        let rows = lines.map { line in
            [line.task, line.metric, String(line.count)].map { CSVText.field($0, style: style) }
                + Self.numbers(line).map { $0.value.isNaN ? "nan" : String($0.value) }
        }
        return ([["task", "metric", "items"] + names] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    private var json: String {
        let rows = lines.map { line in
            let numbers = Self.numbers(line).map { "\(JSONText.quoted($0.name)): \(JSONText.number($0.value))" }
            return "    {\"task\": \(JSONText.quoted(line.task)), \"metric\": \(JSONText.quoted(line.metric)), "
                + "\"items\": \(line.count), \(numbers.joined(separator: ", "))}"
        }
        return """
            {
              "a": \(JSONText.quoted(first.label)),
              "b": \(JSONText.quoted(second.label)),
              "tasks": [
            \(rows.joined(separator: ",\n"))
              ],
              "notes": \(JSONText.list(notes))
            }

            """
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
        var notes = warnings
        let items = units.joined(separator: " and ")
        notes += [
            isLimited
                ? "\(measured). Intervals: \(bootstrap.description(of: items))."
                : "\(measured) over all \(items) of a task. Intervals: \(bootstrap.description(of: items)).",
            "p: two-sided, from the same resamples for A and B: twice the share in which B - A has not the sign of "
                + "most, at least \(Self.probability(smallestProbability)).",
        ]
        if [first, second].contains(where: { $0.runs.count > 1 }) {
            notes.append("Of several seeds the score is the mean; resamples draw the seeds as well as the items.")
        }
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

    private var units: [String] { inFirstOrder(lines.map(\.unit)) }

    /// Scores of a part of each task look like any others: say first that they are not comparable.
    var quickLook: String {
        let tested = lines.filter { !$0.isAverage }.map { "\($0.count) of \($0.task)" }.joined(separator: ", ")
        return "quick look: scores of only \(tested); not comparable with others"
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

import Diagnostics
import Foundation
import Results

/// What came out: for the average or the first task in a sentence, for the others in a table, which line is best and whether
/// it can be told from the baseline.
struct Outcome {
    let table: ResultTable
    /// The table's.
    let judged: JudgedCells
    let baseline: TableLine
    /// Whether the baseline is the first run for lack of a word about it.
    let isAssumed: Bool

    /// - Parameter name: the baseline's; the first run with a score for nil, and where the result has none of this name
    /// - Returns: nil for a result without a run
    init?(_ table: ResultTable, _ judged: JudgedCells, baseline name: String?) {
        let column = table.wholeColumns.first
        let first = table.lines.first { line in column.flatMap(line.score) != nil } ?? table.lines.first
        let named = name.flatMap(table.line(called:))
        guard let line = named ?? first else { return nil }
        (self.table, self.judged, baseline, isAssumed) = (table, judged, line, named == nil)
    }

    var markup: Markup {
        guard let first = table.wholeColumns.first else { return .nothing }
        return .element("div", ["class": "outcome"], [headline(first)])
    }

    /// The other tasks; nothing where there are none.
    var rest: Markup {
        let findings = table.wholeColumns.dropFirst().compactMap(finding)
        return findings.isEmpty ? .nothing : others(findings)
    }

    private func finding(_ column: Int) -> Finding? {
        table.finding(column: column, baseline: baseline, best: judged.isBest)
    }

    private func headline(_ column: Int) -> Markup {
        let name = table.columns[column]
        guard let found = finding(column) else {
            guard let only = table.lines.first(where: { $0.score(column) != nil }) else {
                return .element("p", ["class": "headline"], text: "\(name): no run has a score.")
            }
            return .group([
                figure(name, score(only, column), of: table.label(of: only)),
                .element("p", text: "It is the only run with a score: there is nothing to hold it against."),
            ])
        }
        return .group(
            [figure("best \(name)", score(found.best, column), of: table.label(of: found.best))] + sentences(found))
    }

    /// The number that a reader takes along.
    private func figure(_ title: String, _ text: String, of run: String) -> Markup {
        .element(
            "p", ["class": "headline"],
            [
                .element("span", ["class": "soft"], text: title), .element("br"), .element("strong", text: text),
                .element("br"), .element("span", ["class": "headline-run"], text: run),
            ])
    }

    private func sentences(_ found: Finding) -> [Markup] {
        let held = found.other.map { other in
            let role = found.baselineIsBest ? "the second, " : "the baseline, "
            let known = found.baselineIsBest ? "It is the baseline. Against " : "Against "
            guard other.score(found.column) != nil else {
                return "The baseline, \(table.label(of: other)), has no score."
            }
            return "\(known)\(role)\(table.label(of: other)) (\(score(other, found.column))): \(Self.verdict(found))"
        }
        let alike = found.alike.map(table.label)
        let rest = alike.isEmpty ? nil : "Not told from the best by the same test: \(alike.shortList())."
        return [
            held, rest,
            isAssumed && !found.baselineIsBest
                ? "The baseline is the first run with a score; --baseline names another." : nil,
        ]
        .compactMap(\.self).map { .element("p", text: $0) }
    }

    /// `+1.20 [0.40, 2.00], p = 0.004: more than chance explains.`
    private static func verdict(_ found: Finding) -> String {
        guard let change = found.change else {
            let difference = found.other.flatMap { other in
                found.best.score(found.column).flatMap { best in other.score(found.column).map { best - $0 } }
            }
            guard let difference else { return "no difference." }
            return "\(ResultTable.signedText(difference)), which the result holds too little to test."
        }
        let interval = change.interval.map { " \(Measurement.text(of: $0))" } ?? ""
        return "\(ResultTable.signedText(change.difference))\(interval), \(probability(change)): \(words(change))."
    }

    private static func words(_ change: TableChange) -> String {
        if change.pValue.isNaN { return "not tested, because a resample of so few items has no score" }
        return change.isTold ? "more than chance explains" : "no more than chance explains"
    }

    private static func probability(_ change: TableChange) -> String {
        change.pValue.isNaN ? "p undefined" : "p = " + String(format: "%.3f", change.pValue)
    }

    private func score(_ line: TableLine, _ column: Int) -> String {
        let intervals = table.lines.firstIndex(of: line).map { judged.intervals[$0] } ?? line.intervals
        return line.texts[column] + (intervals[column].map { " \(Measurement.text(of: $0))" } ?? "")
    }

    /// The other columns, a row each.
    private func others(_ findings: [Finding]) -> Markup {
        let rows = findings.map { found in
            let change = found.change
            let cells = [
                table.label(of: found.best), score(found.best, found.column), found.other.map(table.label) ?? "–",
                change.map { ResultTable.signedText($0.difference) } ?? "–",
                change?.interval.map { Measurement.text(of: $0) } ?? ResultTable.noInterval,
                change.map { $0.pValue.isNaN ? "undefined" : String(format: "%.3f", $0.pValue) } ?? "–",
            ]
            return Page.row(
                table.columns[found.column],
                cells: cells.enumerated().map { $0 == 0 || $0 == 2 ? .element("td", text: $1) : Page.number($1) })
        }
        let caption =
            "The best of each task, held against the baseline, or where that is best against the second; "
            + "differences with 95 % intervals and p of a paired bootstrap"
        return Page.table(
            caption: caption,
            head: [
                Page.head("task"), Page.head("best"), Page.numberHead("score"), Page.head("held against"),
                Page.numberHead("difference"), Page.numberHead("95 % interval"), Page.numberHead("p"),
            ], bodies: [rows])
    }
}

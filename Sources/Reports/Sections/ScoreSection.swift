import Results

/// The scores of all runs with their intervals, the best of each column in bold.
struct ScoreSection {
    let table: ResultTable

    /// A table with more rows scrolls under its head.
    private static let tallRows = 24

    var isTall: Bool { table.rows.count > Self.tallRows }

    var markup: Markup {
        let best = table.bestCells
        let rows = table.rows.map { row in
            let cells = row.texts.indices.map { index in
                cell(row.texts[index], row.intervals[index], isBest: row.texts[index] == best[index])
            }
            return Page.row(row.name, cells: cells)
        }
        let hasIntervals = table.rows.contains { $0.intervals.contains { $0 != nil } }
        let caption =
            "Scores x 100" + (hasIntervals ? "; below each its 95 % bootstrap interval" : "")
            + (best.contains { $0 != nil } ? "; the best of each column in bold" : "")
        return .group([
            .element("h3", text: "Scores"),
            Page.table(
                caption: caption, head: [Page.head("run")] + table.columns.map(Page.numberHead),
                isTall: isTall, bodies: [rows]),
        ])
    }

    private func cell(_ text: String, _ interval: ClosedRange<Double>?, isBest: Bool) -> Markup {
        let number: Markup = isBest ? .element("strong", text: text) : .text(text)
        let range = interval.map { Markup.element("span", ["class": "interval"], text: Measurement.text(of: $0)) }
        return .element("td", ["class": "number"], [number] + (range.map { [$0] } ?? []))
    }
}

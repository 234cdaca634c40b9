import Results

/// The scores of all runs with their intervals, the best of each column in bold.
struct ScoreSection {
    let table: ResultTable
    /// The table's, for each line and column.
    let best: [[Bool]]

    /// A table with more rows scrolls under its head.
    private static let tallRows = 24

    var isTall: Bool { table.lines.count > Self.tallRows }

    var markup: Markup {
        let rows = zip(table.lines, best).map { row, marks in
            let cells = row.texts.indices.map { index in
                cell(
                    row.texts[index],
                    row.intervals[index].map { Measurement.text(of: $0) }
                        ?? (lacks(row, index) ? ResultTable.noInterval : nil),
                    isBest: marks[index])
            }
            let heads = row.heads.dropFirst().map { Markup.element("td", text: $0) }
            return Page.row(row.heads.first ?? row.name, cells: heads + cells)
        }
        let hasIntervals = table.lines.contains { $0.intervals.contains { $0 != nil } }
        let lacksSome = table.lines.contains { line in table.columns.indices.contains { lacks(line, $0) } }
        let caption =
            "Scores x 100" + (hasIntervals ? "; below each its 95 % bootstrap interval" : "")
            + (best.contains { $0.contains(true) } ? "; \(ResultTable.bestCaption)" : "")
            + (table.seeds.isEmpty ? "" : "; \(ResultTable.seedCaption)")
            + (lacksSome ? "; \(ResultTable.noIntervalCaption)" : "")
        return Page.table(
            caption: caption, head: table.heads.map(Page.head) + table.columns.map(Page.numberHead),
            isTall: isTall, bodies: [rows])
    }

    private func lacks(_ line: TableLine, _ column: Int) -> Bool {
        table.lacksInterval(line, column: column)
    }

    private func cell(_ text: String, _ interval: String?, isBest: Bool) -> Markup {
        let number: Markup = isBest ? .element("strong", text: text) : .text(text)
        let range = interval.map { Markup.element("span", ["class": "interval"], text: $0) }
        return .element("td", ["class": "number"], [number] + (range.map { [$0] } ?? []))
    }
}

import Results

/// The scores of all runs with their intervals, the best of each column in bold.
struct ScoreSection {
    let table: ResultTable
    /// The table's.
    let judged: JudgedCells

    /// A table with more rows scrolls under its head.
    private static let tallRows = 24

    var isTall: Bool { table.lines.count > Self.tallRows }

    var markup: Markup {
        let (best, intervals) = (judged.isBest, judged.intervals)
        let rows = table.lines.enumerated().map { line, row in
            let cells = row.texts.indices.map { index in
                cell(
                    row.texts[index],
                    intervals[line][index].map { Measurement.text(of: $0) }
                        ?? (lacks(line, index) ? ResultTable.noInterval : nil),
                    isBest: best[line][index])
            }
            let heads = row.heads.dropFirst().map { Markup.element("td", text: $0) }
            return Page.row(row.heads.first ?? row.name, cells: heads + cells)
        }
        let hasIntervals = intervals.contains { $0.contains { $0 != nil } }
        let lacksSome = table.lines.indices.contains { line in table.columns.indices.contains { lacks(line, $0) } }
        let hasMeans = hasIntervals && (!table.seeds.isEmpty || table.columns.indices.contains(where: table.isAverage))
        let caption =
            "Scores x 100" + (hasIntervals ? "; below each its 95 % bootstrap interval" : "")
            + (hasMeans ? "; \(ResultTable.meanIntervalCaption)" : "")
            + (best.contains { $0.contains(true) } ? "; \(ResultTable.bestCaption)" : "")
            + (table.seeds.isEmpty ? "" : "; \(ResultTable.seedCaption)")
            + (lacksSome ? "; \(ResultTable.noIntervalCaption)" : "")
        return Page.table(
            caption: caption, head: table.heads.map(Page.head) + table.columns.map(Page.numberHead),
            isTall: isTall, bodies: [rows])
    }

    /// Whether a score should have an interval, and has none.
    private func lacks(_ line: Int, _ column: Int) -> Bool {
        judged.intervals[line][column] == nil && table.lines[line].score(column) != nil
    }

    private func cell(_ text: String, _ interval: String?, isBest: Bool) -> Markup {
        let number: Markup = isBest ? .element("strong", text: text) : .text(text)
        let range = interval.map { Markup.element("span", ["class": "interval"], text: $0) }
        return .element("td", ["class": "number"], [number] + (range.map { [$0] } ?? []))
    }
}

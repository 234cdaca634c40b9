import Results

/// Scores over two choices, a cell each, coloured and written out.
struct HeatMap: Sendable {
    var title: String
    var description: String
    var rowTitle: String
    var rows: [String]
    var columnTitle = ""
    var columns: [String]
    /// [rows][columns]; nil where nothing was measured.
    var cells: [[Measurement?]]
    /// What the colours cover besides, so that maps beside each other have one scale.
    var covering: [Double] = []

    private static let gap = 2.0
    private static let headLines = 3

    var measured: [Measurement] { cells.flatMap(\.self).compactMap(\.self) }
    var shown: [Double] { measured.map(\.score) }

    /// Where things are.
    private struct Layout {
        let labelWidth: Double
        let cellWidth: Double
        let cellHeight: Double
        let top: Double
        let heads: [[String]]

        func middle(_ column: Int) -> Double { labelWidth + (Double(column) + 0.5) * cellWidth }
    }

    private func layout(_ width: Double) -> Layout {
        let longest = ([rowTitle] + rows).map { SVG.width(of: $0) }.max() ?? 0
        let labelWidth = min(longest + 14, 0.4 * width)
        // Numbers need their room: a map of many columns is wider than the screen, and scrolls.
        let cellWidth = min(150, max(50, (width - labelWidth - 4) / Double(max(columns.count, 1))))
        let heads = columns.map { SVG.wrapped($0, to: cellWidth - 4, lines: Self.headLines) }
        let lines = heads.map(\.count).max() ?? 1
        return Layout(
            labelWidth: labelWidth, cellWidth: cellWidth, cellHeight: rows.count > 12 ? 19 : 28,
            top: 12 + 15 * Double(lines) + (columnTitle.isEmpty ? 0 : 16), heads: heads)
    }

    func drawing(_ width: ChartWidth) -> Drawing {
        let layout = layout(width.rawValue)
        let scale = ColourScale(covering: shown + covering)
        let best = shown.max()
        let right = layout.labelWidth + Double(columns.count) * layout.cellWidth + 4
        let bottom = layout.top + Double(rows.count) * layout.cellHeight
        let body = rows.indices.flatMap { row in
            let y = layout.top + Double(row) * layout.cellHeight
            let label = SVG.text(
                SVG.shortened(rows[row], to: layout.labelWidth - 8),
                at: (layout.labelWidth - 8, y + layout.cellHeight / 2 + 4), anchor: .end)
            return [label]
                + columns.indices.map { column in
                    let x = layout.labelWidth + Double(column) * layout.cellWidth
                    return cell(cells[row][column], at: (x, y), layout, scale, best: best)
                }
        }
        return Drawing(
            width: max(right, 230), height: bottom + 44, title: title, description: description,
            content: heads(layout) + body + [key(scale, at: (min(layout.labelWidth, 60), bottom + 14))])
    }

    private func heads(_ layout: Layout) -> [Markup] {
        let names = layout.heads.enumerated().flatMap { column, lines in
            lines.enumerated().map { line, text in
                SVG.text(
                    text, at: (layout.middle(column), layout.top - 8 - 15 * Double(lines.count - 1 - line)),
                    anchor: .middle, style: "label strong")
            }
        }
        let rowHead = SVG.text(
            SVG.shortened(rowTitle, to: layout.labelWidth - 8), at: (layout.labelWidth - 8, layout.top - 8),
            anchor: .end,
            style: "label strong")
        guard !columnTitle.isEmpty else { return [rowHead] + names }
        return [rowHead, SVG.text(columnTitle, at: (layout.labelWidth, 12), style: "label")] + names
    }

    private func cell(
        _ measured: Measurement?, at place: (Double, Double), _ layout: Layout, _ scale: ColourScale, best: Double?
    ) -> Markup {
        let middle = (place.0 + layout.cellWidth / 2, place.1 + layout.cellHeight / 2 + 4)
        guard let measured else { return SVG.text("–", at: middle, anchor: .middle) }
        let isBest = measured.score == best
        let area = Markup.element(
            "rect",
            [
                "x": SVG.number(place.0 + Self.gap / 2), "y": SVG.number(place.1 + Self.gap / 2),
                "width": SVG.number(layout.cellWidth - Self.gap), "height": SVG.number(layout.cellHeight - Self.gap),
                "fill": scale.colour(of: measured.score), "class": isBest ? "cell best" : "cell",
            ])
        let number = Markup.element(
            "text",
            [
                "x": SVG.number(middle.0), "y": SVG.number(middle.1), "text-anchor": "middle",
                "fill": scale.textColour(on: measured.score), "class": isBest ? "number best" : "number",
            ], text: ResultTable.cellText(measured.score))
        return .element("g", [:], [.element("title", text: measured.description), area, number])
    }

    /// What the colours stand for.
    private func key(_ scale: ColourScale, at place: (Double, Double)) -> Markup {
        let (steps, width) = (24, 144.0)
        let (low, high) = (scale.values.lowerBound, scale.values.upperBound)
        let colours = (0..<steps).map { step in
            let value = low + (high - low) * Double(step) / Double(steps - 1)
            let x = place.0 + Double(step) * width / Double(steps)
            return Markup.element(
                "rect",
                [
                    "x": SVG.number(x), "y": SVG.number(place.1), "width": SVG.number(width / Double(steps) + 0.5),
                    "height": "8", "fill": scale.colour(of: value),
                ])
        }
        return .element(
            "g", ["aria-hidden": "true"],
            colours + [
                SVG.text(ResultTable.cellText(low), at: (place.0, place.1 + 22)),
                SVG.text(ResultTable.cellText(high), at: (place.0 + width, place.1 + 22), anchor: .end),
            ])
    }
}

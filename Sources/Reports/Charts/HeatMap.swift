import Results

/// Scores over two choices, a cell each, coloured and written out.
struct HeatMap {
    var title: String
    var description: String
    var rowTitle: String
    var rows: [String]
    var columns: [String]
    /// [rows][columns]; nil where nothing was measured.
    var cells: [[Measurement?]]

    private static let gap = 2.0

    var measured: [Measurement] { cells.flatMap(\.self).compactMap(\.self) }
    /// Many rows are set closer.
    private var cellHeight: Double { rows.count > 12 ? 19 : 30 }
    private var labelWidth: Double {
        ([rowTitle] + rows).map { SVG.width(of: $0) }.max().map { $0 + 14 } ?? 0
    }
    private var cellWidth: Double { min(180, max(58, (columns.map { SVG.width(of: $0) }.max() ?? 0) + 14)) }

    func drawn(id: String) -> Markup {
        let scale = ColourScale(covering: measured.map(\.score))
        let best = measured.map(\.score).max()
        let top = 26.0
        let width = max(labelWidth + Double(columns.count) * cellWidth + 4, 280)
        let bottom = top + Double(rows.count) * cellHeight
        let heads = columns.enumerated().map { index, name in
            SVG.text(
                Self.shortened(name, to: cellWidth), at: (middle(of: index), top - 8), anchor: .middle,
                style: "label strong")
        }
        let body = rows.indices.flatMap { row in
            let y = top + Double(row) * cellHeight
            let label = SVG.text(
                rows[row], at: (labelWidth - 8, y + cellHeight / 2 + 4), anchor: .end, style: "label")
            return [label]
                + columns.indices.map { column in
                    cell(cells[row][column], at: (labelWidth + Double(column) * cellWidth, y), scale, best: best)
                }
        }
        return SVG.drawing(
            id: id, width: width, height: bottom + 44, title: title, description: description,
            [SVG.text(rowTitle, at: (labelWidth - 8, top - 8), anchor: .end, style: "label strong")] + heads + body
                + [key(scale, at: (labelWidth, bottom + 14))])
    }

    private func middle(of column: Int) -> Double { labelWidth + (Double(column) + 0.5) * cellWidth }

    private func cell(_ measured: Measurement?, at place: (Double, Double), _ scale: ColourScale, best: Double?)
        -> Markup
    {
        let middle = (place.0 + cellWidth / 2, place.1 + cellHeight / 2 + 4)
        guard let measured else { return SVG.text("–", at: middle, anchor: .middle, style: "label") }
        let isBest = measured.score == best
        let area = Markup.element(
            "rect",
            [
                "x": SVG.number(place.0 + Self.gap / 2), "y": SVG.number(place.1 + Self.gap / 2),
                "width": SVG.number(cellWidth - Self.gap), "height": SVG.number(cellHeight - Self.gap),
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

    private static func shortened(_ text: String, to width: Double) -> String {
        let room = Int((width - 6) / SVG.width(of: "x"))
        return text.count <= room ? text : text.prefix(max(room - 1, 1)) + "…"
    }
}

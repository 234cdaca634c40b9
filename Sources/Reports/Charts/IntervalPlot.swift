import Results

/// A row a run: its score and the 95 % interval around it; where a published score stands beside it, that too.
struct IntervalPlot {
    struct Row {
        var measured: Measurement
        /// x 100.
        var published: Double?
    }

    var title: String
    var description: String
    var horizontal: String
    var rows: [Row]

    private static let rowHeight = 24.0
    private static let plotWidth = 420.0
    private static let longestLabel = 420.0

    func drawn(id: String) -> Markup {
        let left = min(Self.longestLabel, (rows.map { SVG.width(of: $0.measured.run) }.max() ?? 0) + 16)
        let width = left + Self.plotWidth
        let bottom = 10 + Double(rows.count) * Self.rowHeight
        let shown = rows.flatMap { row in
            [row.measured.score, row.published, row.measured.interval?.lowerBound, row.measured.interval?.upperBound]
                .compactMap(\.self)
        }
        let x = Axis(covering: shown, from: left + 8, to: width - 20)
        let grid = x.ticks.map { SVG.line((x.position($0), 6), (x.position($0), bottom), style: "grid") }
        let labels = x.ticks.map {
            SVG.text(SVG.number($0), at: (x.position($0), bottom + 16), anchor: .middle)
        }
        let name = SVG.text(
            horizontal, at: ((x.start + x.end) / 2, bottom + 36), anchor: .middle, style: "label strong")
        return SVG.drawing(
            id: id, width: width, height: bottom + 44, title: title, description: description,
            [.element("g", ["aria-hidden": "true"], grid + labels + [name])]
                + rows.indices.map { row(rows[$0], y: 10 + (Double($0) + 0.5) * Self.rowHeight, left: left, x) })
    }

    private func row(_ row: Row, y: Double, left: Double, _ x: Axis) -> Markup {
        let measured = row.measured
        let room = Int((left - 12) / SVG.width(of: "x"))
        let label = measured.run.count <= room ? measured.run : measured.run.prefix(max(1, room - 1)) + "…"
        var marks = [SVG.text(label, at: (left - 4, y + 4), anchor: .end)]
        if let interval = measured.interval {
            let (low, high) = (x.position(interval.lowerBound), x.position(interval.upperBound))
            marks += [
                SVG.line((low, y), (high, y), style: "whisker s0"),
                SVG.line((low, y - 4), (low, y + 4), style: "whisker s0"),
                SVG.line((high, y - 4), (high, y + 4), style: "whisker s0"),
            ]
        }
        marks.append(Marker.disc.drawn(at: (x.position(measured.score), y), style: "s0", title: measured.description))
        if let published = row.published {
            marks.append(
                Marker.diamond.drawn(
                    at: (x.position(published), y), style: "published",
                    title: "published: \(ResultTable.cellText(published))"))
        }
        return .element("g", [:], marks)
    }
}

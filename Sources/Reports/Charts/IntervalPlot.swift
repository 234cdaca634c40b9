import Results

/// A row a run: its score and the 95 % interval around it; where a published score stands beside it, that too.
struct IntervalPlot: Sendable {
    struct Row: Sendable {
        var measured: Measurement
        /// x 100.
        var published: Double?

        var shown: [Double] { measured.shown + (published.map { [$0] } ?? []) }
    }

    var title: String
    var description: String
    var horizontal: String
    var rows: [Row]
    /// What the axis has room for besides, so that plots beside each other have one scale.
    var covering: [Double] = []

    var shown: [Double] { rows.flatMap(\.shown) }

    /// Labels that would take more of the width stand above their marks.
    private static let mostLabel = 0.45

    /// Where things are.
    private struct Layout {
        let left: Double
        let isStacked: Bool
        let rowHeight: Double
        let x: Axis
    }

    func drawing(_ width: ChartWidth) -> Drawing {
        let width = width.rawValue
        let longest = (rows.map { SVG.width(of: $0.measured.label) }.max() ?? 0) + 16
        let isStacked = longest > Self.mostLabel * width
        let left = isStacked ? 8 : longest
        let x = Axis(
            covering: shown + covering, from: left + 8, to: width - 20,
            count: ChartWidth.marks(width - left, room: 60))
        let layout = Layout(left: left, isStacked: isStacked, rowHeight: isStacked ? 38 : 24, x: x)
        let bottom = 10 + Double(rows.count) * layout.rowHeight
        let grid = x.ticks.map { SVG.line((x.position($0), 6), (x.position($0), bottom), style: "grid") }
        let labels = x.ticks.map { SVG.text(SVG.number($0), at: (x.position($0), bottom + 16), anchor: .middle) }
        let name = SVG.text(
            horizontal + x.cut, at: ((x.start + x.end) / 2, bottom + 36), anchor: .middle, style: "label strong")
        let key = hasPublished ? Self.key(at: (layout.isStacked ? 14 : left + 8, bottom + 52)) : []
        return Drawing(
            width: width, height: bottom + (hasPublished ? 64 : 44), title: title, description: description,
            content: [.element("g", ["aria-hidden": "true"], grid + labels + [name])]
                + rows.indices.map { row(rows[$0], top: 10 + Double($0) * layout.rowHeight, layout) } + key)
    }

    private var hasPublished: Bool { rows.contains { $0.published != nil } }

    /// What the hollow marks are.
    private static func key(at place: (Double, Double)) -> [Markup] {
        let text = "published, beside the run"
        return [
            Marker.diamond.drawn(at: place, style: "published", title: text),
            SVG.text(text, at: (place.0 + 12, place.1 + 4)),
        ]
    }

    private func row(_ row: Row, top: Double, _ layout: Layout) -> Markup {
        let (measured, x) = (row.measured, layout.x)
        let y = top + layout.rowHeight - 12
        let label =
            layout.isStacked
            ? SVG.text(
                SVG.shortened(measured.label, to: x.end - layout.left), at: (layout.left, top + 12),
                style: "label on-grid")
            : SVG.text(measured.label, at: (layout.left - 4, y + 4), anchor: .end)
        var marks = [label]
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

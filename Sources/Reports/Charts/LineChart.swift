/// Scores over a number, a line a series, with their 95 % intervals as bands.
struct LineChart {
    var title: String
    var description: String
    var horizontal: String
    var vertical: String
    var series: [Series]

    /// There are so many colours; more lines need another chart.
    static let seriesLimit = 8

    /// The class that gives the colour and the dashes.
    static func style(_ series: Int) -> String { "s\(series % seriesLimit)" }

    private static let width = 680.0
    private static let left = 56.0
    private static let right = 14.0
    private static let plotHeight = 270.0

    func drawn(id: String) -> Markup {
        let names = series.count > 1 ? series.map(\.name) : []
        let legend = Legend(names, width: Self.width - Self.left - Self.right)
        let top = 10 + legend.height
        let bottom = top + Self.plotHeight
        let numbers = series.flatMap(\.points).map(\.x)
        let x = Axis(
            integers: (numbers.min() ?? 0)...(numbers.max() ?? 0), from: Self.left + 8, to: Self.width - Self.right)
        let y = Axis(covering: series.flatMap(\.points).flatMap(\.measured.shown), from: bottom, to: top)
        return SVG.drawing(
            id: id, width: Self.width, height: bottom + 46, title: title, description: description,
            [legend.drawn(at: (Self.left, 4)), grid(x, y)] + bands(x, y)
                + series.indices.map { line($0, x, y) } + [labels(x, y, bottom: bottom)])
    }

    private func grid(_ x: Axis, _ y: Axis) -> Markup {
        .element(
            "g", ["aria-hidden": "true"],
            y.ticks.map {
                SVG.line((Self.left, y.position($0)), (Self.width - Self.right, y.position($0)), style: "grid")
            }
                + x.ticks.map { SVG.line((x.position($0), y.start), (x.position($0), y.start + 4), style: "tick") })
    }

    private func labels(_ x: Axis, _ y: Axis, bottom: Double) -> Markup {
        let middle = (y.start + y.end) / 2
        let name = Markup.element(
            "text",
            [
                "transform": "translate(14 \(SVG.number(middle))) rotate(-90)", "text-anchor": "middle",
                "class": "label strong",
            ], text: vertical)
        return .element(
            "g", ["aria-hidden": "true"],
            y.ticks.map {
                SVG.text(SVG.number($0), at: (Self.left - 6, y.position($0) + 4), anchor: .end)
            }
                + x.ticks.map { SVG.text(SVG.number($0), at: (x.position($0), bottom + 18), anchor: .middle) }
                + [
                    SVG.text(
                        horizontal, at: ((x.start + x.end) / 2, bottom + 38), anchor: .middle, style: "label strong"),
                    name,
                ])
    }

    private func bands(_ x: Axis, _ y: Axis) -> [Markup] {
        series.enumerated().compactMap { index, series in
            let points = series.points.compactMap { point in
                point.measured.interval.map { (x.position(Double(point.x)), $0) }
            }
            guard points.count > 1 else { return nil }
            let upper = points.map { ($0.0, y.position($0.1.upperBound)) }
            let lower = points.reversed().map { ($0.0, y.position($0.1.lowerBound)) }
            return SVG.path(upper + lower, isClosed: true, style: "band \(Self.style(index))")
        }
    }

    private func line(_ index: Int, _ x: Axis, _ y: Axis) -> Markup {
        let points = series[index].points
        let places = points.map { (x.position(Double($0.x)), y.position($0.measured.score)) }
        let markers = zip(points, places).map { point, place in
            Marker(series: index).drawn(at: place, style: Self.style(index), title: point.measured.description)
        }
        return .element("g", [:], [SVG.path(places, style: "curve \(Self.style(index))")] + markers)
    }
}

extension Measurement {
    /// The values that a chart must have room for.
    fileprivate var shown: [Double] {
        [score] + (interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
}

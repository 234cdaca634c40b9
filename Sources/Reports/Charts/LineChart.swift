/// Values over a number, such as scores over the hidden layer, with their 95 % intervals as bands.
struct LineChart: Sendable {
    /// Lines of one colour and one name, such as a training with several seeds.
    struct Bundle: Equatable, Sendable {
        var name: String
        var series: [Series]

        init(_ name: String, _ series: [Series]) { (self.name, self.series) = (name, series) }
        init(_ series: Series) { self.init(series.name, [series]) }
    }

    var title: String
    var description: String
    var horizontal: String
    var vertical: String
    var bundles: [Bundle]
    /// What the vertical axis has room for besides, so that charts beside each other have one scale.
    var covering: [Double] = []

    /// There are so many colours; more lines need another chart.
    static let bundleLimit = 8

    /// The class that gives the colour and the dashes.
    static func style(_ bundle: Int) -> String { "s\(bundle % bundleLimit)" }

    private static let left = 56.0
    private static let right = 14.0
    /// More points than these are a line without marks.
    private static let mostMarks = 60

    private var series: [Series] { bundles.flatMap(\.series) }
    var shown: [Double] { series.flatMap(\.shown) }

    func drawing(_ width: ChartWidth) -> Drawing {
        let (width, height) = (width.rawValue, width == .wide ? 280.0 : 220)
        let names = bundles.count > 1 ? bundles.map(\.name) : []
        let legend = Legend(names, width: width - Self.left - Self.right)
        let top = 10 + legend.height
        let bottom = top + height
        let numbers = series.flatMap(\.points).map(\.x)
        let x = Axis(
            integers: (numbers.min() ?? 0)...(numbers.max() ?? 0), from: Self.left + 8, to: width - Self.right,
            count: ChartWidth.marks(width - Self.left, room: 42))
        let y = Axis(covering: shown + covering, from: bottom, to: top)
        return Drawing(
            width: width, height: bottom + 46, title: title, description: description,
            content: [legend.drawn(at: (Self.left, 4)), grid(x, y)] + bands(x, y)
                + bundles.indices.map { lines($0, x, y) } + [labels(x, y, bottom: bottom)])
    }

    private func grid(_ x: Axis, _ y: Axis) -> Markup {
        .element(
            "g", ["aria-hidden": "true"],
            y.ticks.map { SVG.line((Self.left, y.position($0)), (x.end, y.position($0)), style: "grid") }
                + x.ticks.map { SVG.line((x.position($0), y.start), (x.position($0), y.start + 4), style: "tick") })
    }

    private func labels(_ x: Axis, _ y: Axis, bottom: Double) -> Markup {
        let middle = (y.start + y.end) / 2
        let name = Markup.element(
            "text",
            [
                "transform": "translate(14 \(SVG.number(middle))) rotate(-90)", "text-anchor": "middle",
                "class": "label strong",
            ], text: vertical + y.cut)
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
        bundles.enumerated().flatMap { index, bundle in
            bundle.series.compactMap { series in
                let points = series.points.compactMap { point in
                    point.measured.interval.map { (x.position(Double(point.x)), $0) }
                }
                guard points.count > 1 else { return nil }
                let upper = points.map { ($0.0, y.position($0.1.upperBound)) }
                let lower = points.reversed().map { ($0.0, y.position($0.1.lowerBound)) }
                return SVG.path(upper + lower, isClosed: true, style: "band \(Self.style(index))")
            }
        }
    }

    private func lines(_ index: Int, _ x: Axis, _ y: Axis) -> Markup {
        let bundle = bundles[index]
        let isThin = bundle.series.count > 1
        return .group(
            bundle.series.map { series in
                let places = series.points.map { (x.position(Double($0.x)), y.position($0.measured.score)) }
                let style = "curve \(Self.style(index))" + (isThin ? " thin" : "")
                let hasMarks = places.count <= Self.mostMarks
                let markers = zip(series.points, places).map { point, place in
                    let title = "\(horizontal) \(point.x), \(point.measured.description)"
                    // One point is no line: it has its mark in any case.
                    return isThin && places.count > 1
                        ? Marker.unseen(at: place, title: title)
                        : Marker(series: index).drawn(at: place, style: Self.style(index), title: title)
                }
                let title: [Markup] = hasMarks ? [] : [.element("title", text: series.name)]
                return .element("g", [:], title + [SVG.path(places, style: style)] + (hasMarks ? markers : []))
            })
    }
}

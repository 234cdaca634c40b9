/// The shape that stands for a series, besides its colour: for those who don't tell colours apart, and for print.
enum Marker: CaseIterable {
    case disc, square, diamond, triangle, cross

    /// The series' shape, by its place among the others.
    init(series: Int) {
        self = Self.allCases[series % Self.allCases.count]
    }

    /// A place that shows a value to who points at it, where a mark would hide the line.
    static func unseen(at place: (Double, Double), title: String) -> Markup {
        let circle = Markup.element(
            "circle", ["cx": SVG.number(place.0), "cy": SVG.number(place.1), "r": "6", "class": "hit"])
        return .element("g", [:], [.element("title", text: title), circle])
    }

    /// - Parameter title: what a reader sees who points at it
    func drawn(at place: (Double, Double), style: String, title: String) -> Markup {
        let (x, y) = place
        let outline: [(Double, Double)] =
            switch self {
            case .disc: []
            case .square: [(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)]
            case .diamond: [(0, -4.8), (4.8, 0), (0, 4.8), (-4.8, 0)]
            case .triangle: [(0, -4.6), (4.4, 3.4), (-4.4, 3.4)]
            case .cross:
                [
                    (-4.6, -2.6), (-2.6, -4.6), (0, -2), (2.6, -4.6), (4.6, -2.6), (2, 0), (4.6, 2.6), (2.6, 4.6),
                    (0, 2), (-2.6, 4.6), (-4.6, 2.6), (-2, 0),
                ]
            }
        let shape: Markup =
            outline.isEmpty
            ? .element("circle", ["cx": SVG.number(x), "cy": SVG.number(y), "r": "3.8", "class": "marker \(style)"])
            : SVG.path(outline.map { (x + $0.0, y + $0.1) }, isClosed: true, style: "marker \(style)")
        return .element("g", [:], [.element("title", text: title), shape])
    }
}

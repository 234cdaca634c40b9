/// A chart in the page: its caption above, and a frame that scrolls where the screen is narrower.
enum Figure {
    case lines(LineChart)
    case heatMap(HeatMap)
    case intervals(IntervalPlot)

    var title: String {
        switch self {
        case .lines(let chart): chart.title
        case .heatMap(let map): map.title
        case .intervals(let plot): plot.title
        }
    }

    /// - Parameter id: unique in the page
    func markup(id: String) -> Markup {
        let drawing =
            switch self {
            case .lines(let chart): chart.drawn(id: id)
            case .heatMap(let map): map.drawn(id: id)
            case .intervals(let plot): plot.drawn(id: id)
            }
        return .element(
            "figure", [:],
            [
                .element("figcaption", text: title),
                .element("div", ["class": "frame", "tabindex": "0", "role": "group", "aria-label": title], [drawing]),
            ])
    }
}

/// Charts of one kind in one column of the scores, and the tables that go with them.
struct FigureGroup {
    var heading: String
    var figures: [Figure]
    var tables: [Markup] = []

    /// - Parameter id: unique in the page
    func markup(id: String) -> Markup {
        let drawn = figures.enumerated().map { $1.markup(id: "\(id)-\($0)") }
        return .group([.element("div", ["class": "figures"], drawn)] + tables)
    }
}

/// A chart in the page: its caption above, and a frame that scrolls where it is wider than the screen.
enum Figure: Sendable {
    case lines(LineChart)
    case heatMap(HeatMap)
    case intervals(IntervalPlot)
    case scatter(ScatterPlot)
    case plans(PlanPicture)

    var title: String {
        switch self {
        case .lines(let chart): chart.title
        case .heatMap(let map): map.title
        case .intervals(let plot): plot.title
        case .scatter(let plot): plot.title
        case .plans(let picture): picture.title
        }
    }

    /// The values that its scale must have room for.
    var shown: [Double] {
        switch self {
        case .lines(let chart): chart.shown
        case .heatMap(let map): map.shown
        case .intervals(let plot): plot.shown
        case .scatter(let plot): plot.shown
        case .plans: []
        }
    }

    func drawing(_ width: ChartWidth) -> Drawing {
        switch self {
        case .lines(let chart): chart.drawing(width)
        case .heatMap(let map): map.drawing(width)
        case .intervals(let plot): plot.drawing(width)
        case .scatter(let plot): plot.drawing(width)
        case .plans(let picture): picture.drawing(width)
        }
    }

    /// With room for these values as well.
    func covering(_ values: [Double]) -> Figure {
        switch self {
        case .lines(var chart):
            chart.covering = values
            return .lines(chart)
        case .heatMap(var map):
            map.covering = values
            return .heatMap(map)
        case .intervals(var plot):
            plot.covering = values
            return .intervals(plot)
        case .scatter(var plot):
            plot.covering = values
            return .scatter(plot)
        case .plans: return self
        }
    }

    /// Laid out twice, for a wide screen and for a telephone: the style shows one of them.
    ///
    /// - Parameter id: unique in the page
    func markup(id: String) -> Markup {
        let drawings = ChartWidth.allCases.map { width in
            Markup.element(
                "div",
                ["class": "frame \(width)", "tabindex": "0", "role": "group", "aria-label": title],
                [drawing(width).svg(id: "\(id)-\(width)")])
        }
        var caption: [Markup] = [.text(title)]
        if case .scatter(let plot) = self {
            caption.append(.element("span", ["class": "note"], text: plot.description))
        }
        return .element("figure", [:], [.element("figcaption", [:], caption)] + drawings)
    }
}

extension [Figure] {
    func onOneScale() -> [Figure] { map { $0.onOneScale(with: self) } }
}

extension Figure {
    /// With room for all that the others show: charts that stand beside each other are compared.
    func onOneScale(with others: [Figure]) -> Figure {
        let shown = others.flatMap(\.shown)
        guard let low = shown.min(), let high = shown.max() else { return self }
        return covering([low, high])
    }

    fileprivate var isMap: Bool {
        if case .heatMap = self { return true }
        return false
    }
}

/// Charts of one kind in one column of the scores, and the tables that go with them.
struct FigureGroup {
    var heading: String
    /// What is measured: charts of another metric have a scale of their own.
    var metric: String
    var figures: [Figure]
    var tables: [Markup] = []

    /// The cells of a grid of two columns: the tables stand below the first chart.
    ///
    /// - Parameter id: unique in the page
    func cells(id: String) -> [Markup] {
        figures.enumerated().map { number, figure in
            .element("div", [:], [figure.markup(id: "\(id)-\(number)")] + (number == 0 ? tables : []))
        }
    }
}

extension [FigureGroup] {
    /// With one scale for all charts of a kind and a metric.
    func onOneScale() -> [FigureGroup] {
        map { group in
            let alike = filter { $0.metric == group.metric }.flatMap(\.figures)
            var group = group
            group.figures = group.figures.map { figure in
                figure.onOneScale(with: alike.filter { $0.isMap == figure.isMap })
            }
            return group
        }
    }
}

/// How the runs' adapters were trained: loss, development score and learning rate by step.
struct TrainingSection {
    let charted: ChartedRuns
    /// What the charts' ids begin with, unique in the page.
    let prefix: String

    /// Nil where nothing was trained.
    var markup: Markup? {
        let curves = TrainingCurves(charted)
        guard !curves.isEmpty else { return nil }
        let figures = TrainingCurves.Quantity.all.flatMap { quantity in
            let charts = curves.charts(of: quantity).map(Figure.lines)
            return charts.map { $0.onOneScale(with: charts) }
        }
        return .element(
            "div", ["class": "figures"],
            figures.enumerated().map { $1.markup(id: "\(prefix)-training-\($0)") })
    }
}

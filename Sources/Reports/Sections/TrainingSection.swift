/// How the runs' adapters were trained: loss, development score and learning rate by step.
struct TrainingSection {
    let charted: ChartedRuns
    /// What the charts' ids begin with, unique in the page.
    let prefix: String

    /// Nil where nothing was trained.
    var markup: Markup? {
        let curves = TrainingCurves(charted)
        guard !curves.isEmpty else { return nil }
        let figures = TrainingCurves.Quantity.all.flatMap { curves.charts(of: $0).map(Figure.lines).onOneScale() }
        return .element(
            "div", ["class": "figures"],
            figures.enumerated().map { $1.markup(id: "\(prefix)-training-\($0)") })
    }
}

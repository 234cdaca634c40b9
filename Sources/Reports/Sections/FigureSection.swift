import Results

/// The charts that a result's runs make sense as, decided by what they vary.
struct FigureSection {
    let charted: ChartedRuns
    /// What the charts' ids begin with, unique in the page.
    let prefix: String

    /// More rows are no picture any more.
    private static let plottedRuns = 40

    /// One for each kind of chart.
    var sections: [PageSection] {
        inOrder(charted.columns.flatMap(figures)) { $0.heading }.enumerated().map { number, groups in
            let name = "charts-\(number + 1)"
            let cells = groups.onOneScale().enumerated().flatMap { index, group in
                group.cells(id: "\(prefix)-\(name)-\(index)")
            }
            return PageSection(
                groups.first?.heading ?? "", prefix: prefix, name: name,
                .element("div", ["class": "figures"], cells))
        }
    }

    private func figures(of column: Int) -> [FigureGroup] {
        let scores = charted.scores(column)
        let (name, metric) = (charted.table.columns[column], charted.table.metric(ofColumn: column))
        let curves = charted.curves(scores)
        let maps = charted.maps(column, scores: scores, curves: curves)
        let combined =
            maps.isEmpty
            ? [] : [FigureGroup(heading: "Combinations", metric: metric, figures: maps.map(Figure.heatMap))]
        let plot = IntervalPlot(charted, column: column, scores: scores)
        let isPicture = curves.isEmpty && (2...Self.plottedRuns).contains(plot.rows.count)
        let intervals = FigureGroup(
            heading: "Scores with their 95 % intervals", metric: metric, figures: [.intervals(plot)])
        let drawn = charted.drawn(curves, scores)
        return drawn.map { group(of: $0, name: name, metric: metric, scores: scores) } + combined
            + (isPicture ? [intervals] : [])
    }

    /// The attention plans, and the pairs of the best run and of the baseline.
    ///
    /// - Parameter baseline: nil for none
    func sections(beside baseline: TableLine?) -> [PageSection] {
        let plans = PlanPicture.pictures(of: charted.result.runs).map(Figure.plans)
        let pairs = charted.columns.flatMap { column in
            inFirstOrder([charted.best(column)?.name, baseline?.name].compactMap(\.self))
                .compactMap(charted.table.line(called:))
                .compactMap { ScatterPlot(charted, column: column, line: $0) }.map(Figure.scatter)
        }
        return [
            section("Gold scores and cosines, pair by pair", name: "pairs", pairs.onOneScale()),
            section("Attention plans", name: "plans", plans),
        ].compactMap(\.self)
    }

    private func section(_ title: String, name: String, _ figures: [Figure]) -> PageSection? {
        guard !figures.isEmpty else { return nil }
        let drawn = figures.enumerated().map { $1.markup(id: "\(prefix)-\(name)-\($0)") }
        return PageSection(title, prefix: prefix, name: name, .element("div", ["class": "figures"], drawn))
    }

    private func group(
        of curve: Curve, name: String, metric: String, scores: [String: Measurement]
    ) -> FigureGroup {
        let map = curve.heatMap(runs: charted.runs, scores: scores, title: "\(name), the same numbers")
        return FigureGroup(
            heading: curve.kind.heading, metric: metric,
            figures: curve.charts(of: name).map(Figure.lines) + (map.map { [.heatMap($0)] } ?? []),
            tables: [TurnTable(curve: curve, column: name).markup])
    }
}

extension Curve {
    /// The lines of a column, in as many charts as they need.
    ///
    /// - Parameter column: its name
    func charts(of column: String) -> [LineChart] {
        let hasIntervals = series.flatMap(\.points).contains { $0.measured.interval != nil }
        return series.map { LineChart.Bundle($0) }.inEvenParts(ofAtMost: LineChart.bundleLimit).map { bundles in
            LineChart(
                title: column,
                description: "\(kind.heading), \(bundles.count) lines"
                    + (hasIntervals ? "; bands are 95 % intervals." : "."),
                horizontal: kind.axis, vertical: "\(column), score x 100", bundles: bundles)
        }
    }
}

extension IntervalPlot {
    /// Of all lines that have a score in a column.
    init(_ charted: ChartedRuns, column: Int, scores: [String: Measurement]) {
        let name = charted.table.columns[column]
        rows = charted.table.lines.compactMap { line in
            scores[line.name].map { Row(measured: $0, published: charted.published(line.name, column)) }
        }
        title = name
        description = "A row a run: its score and its 95 % interval."
        horizontal = "\(name), score x 100"
    }
}

extension Array {
    /// Parts of at most so many.
    func inParts(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }

    /// As few parts of at most so many as there can be, of about one size: no part is a remainder.
    func inEvenParts(ofAtMost size: Int) -> [[Element]] {
        let parts = (count + size - 1) / size
        return parts == 0 ? [] : inParts(of: (count + parts - 1) / parts)
    }
}

import Results

/// The charts that a result's runs make sense as, decided by what they vary.
struct FigureSection {
    let result: ExperimentResult
    let table: ResultTable
    /// What the charts' ids begin with, unique in the page.
    let prefix: String

    /// More rows are no picture any more.
    private static let plottedRuns = 40

    /// One for each kind of chart.
    var sections: [PageSection] {
        inOrder(charted.flatMap(figures)) { $0.heading }.enumerated().map { number, groups in
            let name = "charts-\(number + 1)"
            let drawn = groups.enumerated().map { $1.markup(id: "\(prefix)-\(name)-\($0)") }
            return PageSection(groups.first?.heading ?? "", prefix: prefix, name: name, .group(drawn))
        }
    }

    /// The columns to draw: the tasks, and first their average where there is one; slices of a task are not drawn.
    private var charted: [String] {
        let names = ["", ResultTable.limitedMark].map { PublishedRow.averageName + $0 }
        let average = table.columns.filter(names.contains)
        return average
            + table.columns.filter { column in
                !average.contains(column) && result.measures.contains { $0.measure.task == column }
            }
    }

    private func scores(in column: String) -> [String: Measurement] {
        guard let index = table.columns.firstIndex(of: column) else { return [:] }
        let measured = table.rows.compactMap { row in
            row.cells[index].map { Measurement(run: row.name, score: $0, interval: row.intervals[index]) }
        }
        return Dictionary(measured.map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func figures(of column: String) -> [FigureGroup] {
        let scores = scores(in: column)
        let curves = Curve.Kind.allCases.compactMap { Curve($0, of: result.runs, scores: scores) }
        let maps = HeatMap.maps(
            of: result.runs, scores: scores, without: Set(curves.map(\.kind.factor)), title: column)
        let combined =
            maps.isEmpty
            ? [] : [FigureGroup(heading: "Combinations", figures: maps.map(Figure.heatMap))]
        return curves.map { group(of: $0, column: column, scores: scores) } + combined
            + (curves.isEmpty ? [intervals(in: column, scores: scores)].compactMap(\.self) : [])
    }

    private func group(of curve: Curve, column: String, scores: [String: Measurement]) -> FigureGroup {
        let parts = stride(from: 0, to: curve.series.count, by: LineChart.seriesLimit).map {
            Array(curve.series[$0..<min($0 + LineChart.seriesLimit, curve.series.count)])
        }
        let hasIntervals = curve.series.flatMap(\.points).contains { $0.measured.interval != nil }
        let charts = parts.map { series in
            Figure.lines(
                LineChart(
                    title: column,
                    description: "\(curve.kind.heading), \(series.count) lines"
                        + (hasIntervals ? "; bands are 95 % intervals." : "."),
                    horizontal: curve.kind.axis, vertical: "\(column), score x 100", series: series))
        }
        let map = curve.heatMap(runs: result.runs, scores: scores, title: "\(column), the same numbers").map(
            Figure.heatMap)
        return FigureGroup(
            heading: curve.kind.heading, figures: charts + (map.map { [$0] } ?? []),
            tables: [TurnTable(curve: curve, column: column).markup])
    }

    private func intervals(in column: String, scores: [String: Measurement]) -> FigureGroup? {
        let measured = table.rows.compactMap { scores[$0.name] }.filter { !$0.score.isNaN }
        guard (2...Self.plottedRuns).contains(measured.count) else { return nil }
        let rows = measured.map { measured in
            let row = result.published.first { $0.run == measured.run }
            let published = column == PublishedRow.averageName ? row?.average : row?.score(of: column)
            return IntervalPlot.Row(measured: measured, published: published)
        }
        let hasPublished = rows.contains { $0.published != nil }
        return FigureGroup(
            heading: "Scores with their 95 % intervals",
            figures: [
                .intervals(
                    IntervalPlot(
                        title: column + (hasPublished ? " (hollow: the published score beside the run)" : ""),
                        description: "A row a run: its score and its 95 % interval.",
                        horizontal: "\(column), score x 100", rows: rows))
            ])
    }
}

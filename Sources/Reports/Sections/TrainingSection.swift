import Results

/// How the runs' adapters were trained: loss and development score by step.
struct TrainingSection {
    let result: ExperimentResult
    /// What the charts' ids begin with, unique in the page.
    let prefix: String

    var markup: Markup? {
        let logs = result.training.filter { !$0.rows.isEmpty }
        guard !logs.isEmpty else { return nil }
        let charts =
            charts(of: logs, title: "Loss", vertical: "loss") { $0.loss }
            + charts(of: logs, title: "Development score", vertical: "Spearman x 100") { 100 * $0.developmentScore }
            + charts(of: logs, title: "Learning rate x 10⁶", vertical: "learning rate x 10⁶") { 1e6 * $0.learningRate }
        return .group(
            charts.enumerated().map { Figure.lines($1).markup(id: "\(prefix)-training-\($0)") })
    }

    private func charts(
        of logs: [TrainingTable], title: String, vertical: String, value: (TrainingTable.Row) -> Double
    ) -> [LineChart] {
        let series = logs.compactMap { log -> Series? in
            // Stages stand one behind the other: each counts its steps from 1.
            let points = log.rows.enumerated().compactMap { index, row -> Series.Point? in
                let number = value(row)
                guard number.isFinite else { return nil }
                return Series.Point(x: index + 1, measured: Measurement(run: log.run, score: number))
            }
            return points.isEmpty ? nil : Series(name: log.run, points: points)
        }
        return stride(from: 0, to: series.count, by: LineChart.seriesLimit).map { start in
            LineChart(
                title: title, description: "\(title) of each training by step, its stages one behind the other.",
                horizontal: "step",
                vertical: vertical, series: Array(series[start..<min(start + LineChart.seriesLimit, series.count)]))
        }
    }
}

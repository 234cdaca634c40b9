import Results

/// How the runs' adapters were trained: a value by step, a colour a method, a line a seed.
struct TrainingCurves {
    /// What is drawn of a step.
    struct Quantity: Sendable {
        let title: String
        let vertical: String
        let value: @Sendable (TrainingTable.Row) -> Double

        static let loss = Quantity(title: "Loss", vertical: "loss") { $0.loss }
        static let all = [
            loss,
            Quantity(title: "Development score", vertical: "Spearman x 100") { 100 * $0.developmentScore },
            Quantity(title: "Learning rate x 10⁶", vertical: "learning rate x 10⁶") { 1e6 * $0.learningRate },
        ]
    }

    private let logs: [String: TrainingTable]
    private let lines: [TableLine]
    private let table: ResultTable

    /// Longer trainings are drawn as means over as many steps as make no more points than these.
    private static let mostPoints = 240

    init(_ charted: ChartedRuns) {
        table = charted.table
        logs = Dictionary(
            charted.result.training.filter { !$0.rows.isEmpty }.map { ($0.run, $0) },
            uniquingKeysWith: { first, _ in first })
        // A training may belong to a run that has no score.
        let known = Set(charted.table.lines.flatMap(\.runs))
        lines = charted.table.lines + logs.keys.filter { !known.contains($0) }.sorted().map(TableLine.init(unscored:))
    }

    var isEmpty: Bool { logs.isEmpty }

    func charts(of quantity: Quantity) -> [LineChart] {
        let longest = logs.values.map(\.rows.count).max() ?? 0
        let window = (longest + Self.mostPoints - 1) / Self.mostPoints
        let bundles = lines.compactMap { line -> LineChart.Bundle? in
            let series = line.runs.compactMap { self.series(of: $0, quantity, window: window) }
            return series.isEmpty ? nil : LineChart.Bundle(table.label(of: line), series)
        }
        let averaged = window > 1 ? ", a point the mean of \(window) steps" : ""
        return Self.merged(bundles).inEvenParts(ofAtMost: LineChart.bundleLimit).map { bundles in
            LineChart(
                title: quantity.title + averaged,
                description: "\(quantity.title) of each training by step, its stages one behind the other.",
                horizontal: "step", vertical: quantity.vertical, bundles: bundles)
        }
    }

    private func series(of run: String, _ quantity: Quantity, window: Int) -> Series? {
        // Stages stand one behind the other: each counts its steps from 1.
        let values = (logs[run]?.rows ?? []).enumerated().map { (step: $0 + 1, value: quantity.value($1)) }
        let points = values.inParts(of: max(window, 1)).compactMap { part -> Series.Point? in
            let known = part.filter { $0.value.isFinite }
            guard let last = known.last else { return nil }
            let mean = known.map(\.value).reduce(0, +) / Double(known.count)
            return Series.Point(x: last.step, measured: Measurement(run: run, score: mean))
        }
        return points.isEmpty ? nil : Series(name: run, points: points)
    }

    /// Trainings that are the same in every step are one line, which says so: it would hide the others.
    private static func merged(_ bundles: [LineChart.Bundle]) -> [LineChart.Bundle] {
        inOrder(bundles) { bundle in bundle.series.map { $0.points.map { [Double($0.x), $0.measured.score] } } }
            .compactMap {
                alike in
                guard let first = alike.first else { return nil }
                let name =
                    alike.count > 3
                    ? "\(first.name) and \(alike.count - 1) alike" : alike.map(\.name).joined(separator: " = ")
                return LineChart.Bundle(name, first.series)
            }
    }
}

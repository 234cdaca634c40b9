import Results

extension Curve {
    /// The same numbers as cells: a row a number, a column a line; nil for a single line.
    ///
    /// - Parameter scores: of all runs; where the curve is of one bidirectional layer, the causal run is the first row
    func heatMap(runs: [RunRecord], scores: [String: Measurement], title: String) -> HeatMap? {
        guard series.count > 1 else { return nil }
        let numbers = Set(series.flatMap(\.points).map(\.x)).sorted()
        var rows = numbers.map(String.init)
        var cells = numbers.map { number in
            series.map { line in line.points.first { $0.x == number }?.measured }
        }
        if kind == .singleLayer {
            rows.insert("causal", at: 0)
            cells.insert(series.map { causalTwin(of: $0, runs: runs).flatMap { scores[$0.name] } }, at: 0)
        }
        return HeatMap(
            title: title, description: "The numbers of the curve, a column a line.", rowTitle: kind.short,
            rows: rows, columns: series.map(\.name), cells: cells)
    }

    /// The run without bidirectional layers that is otherwise as the series' runs are.
    private func causalTwin(of series: Series, runs: [RunRecord]) -> RunRecord? {
        guard let one = runs.first(where: { $0.name == series.points.first?.measured.run }) else { return nil }
        let fixed = Factor.all.filter { $0 != kind.factor }
        return runs.first { run in
            run.bidirectionalLayers.isEmpty && fixed.allSatisfy { $0.value(of: run) == $0.value(of: one) }
        }
    }

    /// Where a line is highest, and where it breaks.
    struct Turn: Equatable, Sendable {
        let name: String
        let first: Series.Point
        let highest: Series.Point
        let last: Series.Point
        /// The largest fall from one number to the next; nil for a line that never falls.
        let fall: (from: Series.Point, to: Series.Point)?

        init?(_ series: Series) {
            guard let first = series.points.first, let last = series.points.last,
                let highest = series.points.max(by: { $0.measured.score < $1.measured.score })
            else { return nil }
            (name, self.first, self.highest, self.last) = (series.name, first, highest, last)
            let steps = zip(series.points, series.points.dropFirst()).map { (from: $0, to: $1) }
            let fall = steps.min { Self.change($0) < Self.change($1) }
            self.fall = fall.flatMap { Self.change($0) < 0 ? $0 : nil }
        }

        /// The score's change in a step.
        static func change(_ step: (from: Series.Point, to: Series.Point)) -> Double {
            step.to.measured.score - step.from.measured.score
        }

        static func == (one: Self, other: Self) -> Bool {
            one.name == other.name && one.first == other.first && one.highest == other.highest
                && one.last == other.last && one.fall?.from == other.fall?.from && one.fall?.to == other.fall?.to
        }
    }

    var turns: [Turn] { series.compactMap(Turn.init) }
}

extension Curve.Kind {
    /// What a number is, in a word.
    var short: String {
        switch self {
        case .bidirectionalCount: "layers"
        case .singleLayer, .hiddenLayer: "layer"
        case .dimensions: "dimensions"
        }
    }
}

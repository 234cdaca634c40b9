import Results

/// A score and what it is of: what one mark of a chart shows.
struct Measurement: Equatable, Sendable {
    /// The run's name, or the one that several seeds share.
    var run: String
    /// What tells it from others, in a few words; the name for none.
    var label: String
    /// Correlation or accuracy x 100.
    var score: Double
    /// The 95 % interval, x 100.
    var interval: ClosedRange<Double>?

    init(run: String, label: String? = nil, score: Double, interval: ClosedRange<Double>? = nil) {
        (self.run, self.label, self.score, self.interval) = (run, label ?? run, score, interval)
    }

    /// `PromptEOL: 66.66 [63.80, 69.35]`.
    var description: String {
        "\(label): \(ResultTable.cellText(score))" + (interval.map { " \(Self.text(of: $0))" } ?? "")
    }

    /// The values that a chart must have room for.
    var shown: [Double] { [score] + (interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }

    static func text(of interval: ClosedRange<Double>) -> String {
        "[\(ResultTable.cellText(interval.lowerBound)), \(ResultTable.cellText(interval.upperBound))]"
    }
}

/// A line of a chart: a score over a number, such as the hidden layer.
struct Series: Equatable, Sendable {
    struct Point: Equatable, Sendable {
        var x: Int
        var measured: Measurement
    }

    /// What tells it from the chart's other lines; empty for an only one.
    var name: String
    /// By x, ascending, each x once.
    var points: [Point]

    var shown: [Double] { points.flatMap(\.measured.shown) }
}

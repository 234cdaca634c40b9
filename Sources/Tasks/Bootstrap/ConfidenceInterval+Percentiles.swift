extension ConfidenceInterval {
    /// The 95 % percentile interval of a bootstrap distribution: its quantiles 0.025 and 0.975.
    ///
    /// - Returns: `undefined` where a resample has no value: leaving it out would narrow the interval unseen.
    public init(percentilesOf distribution: [Double]) {
        guard !distribution.isEmpty, !distribution.contains(where: \.isNaN) else {
            self = .undefined
            return
        }
        let sorted = distribution.sorted()
        self.init(lower: Self.quantile(0.025, of: sorted), upper: Self.quantile(0.975, of: sorted))
    }

    /// A quantile by linear interpolation between order statistics, NumPy's default (Hyndman and Fan's type 7).
    private static func quantile(_ probability: Double, of sorted: [Double]) -> Double {
        let position = probability * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
}

/// Whether two runs' coefficients on the same pairs differ by more than the choice of pairs explains.
public struct PairedDifference: Hashable, Sendable {
    /// The second run's coefficient less the first's.
    public var difference: Double
    /// The 95 % percentile interval of the difference in the resamples.
    public var interval: ConfidenceInterval
    /// Two-sided: twice the share of resamples in which the difference is on the other side of zero, or zero; at most
    /// 1. The observed data count as one more resample of that kind, so that it is never 0. NaN where a resample has no
    /// value.
    ///
    /// It is the level at which a percentile interval would just reach zero. Source: A. C. Davison and D. V. Hinkley,
    /// "Bootstrap methods and their application", 1997, section 4.4 for the added one.
    public var pValue: Double

    /// - Parameters:
    ///   - observed: the difference on the pairs themselves.
    ///   - resampled: the difference in each resample.
    public init(observed: Double, resampled: [Double]) {
        difference = observed
        interval = ConfidenceInterval(percentilesOf: resampled)
        guard !interval.lower.isNaN else {
            pValue = .nan
            return
        }
        let tail = min(resampled.count { $0 <= 0 }, resampled.count { $0 >= 0 })
        pValue = min(1, 2 * Double(tail + 1) / Double(resampled.count + 1))
    }
}

import Tasks

/// A line's score less the baseline's, x 100, and how surely they differ.
package struct TableChange: Equatable, Sendable {
    package let difference: Double
    /// The 95 % interval of the difference; nil where a resample has no score.
    package let interval: ClosedRange<Double>?
    /// Two-sided, of a paired bootstrap.
    package let pValue: Double

    /// - Parameter change: x 100
    init(_ change: PairedDifference) {
        difference = change.difference
        pValue = change.pValue
        interval = change.interval.isDefined ? change.interval.lower...change.interval.upper : nil
    }

    /// Whether chance alone would hardly make it.
    package var isTold: Bool { pValue < BestLines.level }

    /// `*` below 0.05, `**` below 0.01.
    package var mark: String { pValue < 0.01 ? "**" : pValue < 0.05 ? "*" : "" }

    /// Such as `+1.20*`.
    package func text(decimals: Int) -> String { ResultTable.signedText(difference, decimals: decimals) + mark }
}

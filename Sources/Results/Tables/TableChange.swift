/// A line's score less the baseline's, x 100, and how surely they differ.
package struct TableChange: Equatable, Sendable {
    package let difference: Double
    /// Two-sided, of a paired bootstrap.
    package let pValue: Double

    /// `*` below 0.05, `**` below 0.01.
    package var mark: String { pValue < 0.01 ? "**" : pValue < 0.05 ? "*" : "" }

    /// Such as `+1.20*`.
    package func text(decimals: Int) -> String { ResultTable.signedText(difference, decimals: decimals) + mark }
}

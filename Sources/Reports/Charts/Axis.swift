import Foundation

/// A linear axis: where a value is on the drawing, and which values are marked.
struct Axis: Sendable {
    /// The values at the ends.
    let values: ClosedRange<Double>
    /// Where the ends are on the drawing; the first may be the larger, as on the vertical axis.
    let start: Double
    let end: Double
    let ticks: [Double]

    /// An axis whose ends are the round values around what is shown.
    ///
    /// - Parameter count: about how many values are marked
    init(covering shown: [Double], from start: Double, to end: Double, count: Int = 6) {
        let low = shown.min() ?? 0
        let high = shown.max() ?? 1
        let step = Self.roundStep(max(high - low, 1e-6) / Double(count))
        let first = (low / step).rounded(.down)
        let last = max((high / step).rounded(.up), first + 1)
        values = first * step...last * step
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        (self.start, self.end) = (start, end)
    }

    /// An axis of whole numbers with these very ends, at most `count` of them marked.
    init(integers: ClosedRange<Int>, from start: Double, to end: Double, count: Int = 16) {
        let low = integers.lowerBound
        let high = max(integers.upperBound, low + 1)
        let step = max(1, Int(Self.roundStep(Double(high - low) / Double(count))))
        values = Double(low)...Double(high)
        ticks = stride(from: (low + step - 1) / step * step, through: integers.upperBound, by: step).map(Double.init)
        (self.start, self.end) = (start, end)
    }

    /// What an axis says where it leaves out the zero: differences look larger than they are.
    var cut: String { values.contains(0) ? "" : " (axis from \(SVG.number(values.lowerBound)))" }

    func position(_ value: Double) -> Double {
        let share = (value - values.lowerBound) / (values.upperBound - values.lowerBound)
        return start + share * (end - start)
    }

    /// 1, 2 or 5 times a power of ten, at least `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        return ([1, 2, 5].first { $0 * power >= step * 0.999 } ?? 10) * power
    }
}

/// The bounds of a 95 % confidence interval; both NaN where it is undefined.
public struct ConfidenceInterval: Hashable, Sendable {
    public var lower: Double
    public var upper: Double

    public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    public static let undefined = ConfidenceInterval(lower: .nan, upper: .nan)

    public var isDefined: Bool { !lower.isNaN && !upper.isNaN }
}

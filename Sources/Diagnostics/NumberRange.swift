/// A range that whole numbers from outside must lie in: from an option, a key, a file, a server.
///
/// A number that is read, added or multiplied through it is in the range or an error that names what the number is and
/// which are allowed; nothing traps and nothing wraps.
public struct NumberRange: Hashable, Sendable {
    /// What the numbers are, as a message begins: an option, a key, a header.
    public let name: String
    public let allowed: ClosedRange<Int>

    public init(_ name: String, _ allowed: ClosedRange<Int>) { (self.name, self.allowed) = (name, allowed) }

    /// A file's size in bytes: more than file systems hold.
    public static func fileSize(_ name: String) -> NumberRange { NumberRange(name, 0...1 << 60) }

    /// - Throws: where the number is outside.
    public func check(_ number: Int, at location: SourceLocation? = nil) throws(Diagnostic) -> Int {
        guard allowed.contains(number) else { throw error("\(number)", location) }
        return number
    }

    /// Reads a number in decimal digits, with a sign before it or not.
    ///
    /// - Throws: where the text is no whole number, or one outside.
    public func parse(_ text: some StringProtocol, at location: SourceLocation? = nil) throws(Diagnostic) -> Int {
        guard let number = Int(text), allowed.contains(number) else {
            throw error("\"\(text.beginning(40))\"", location)
        }
        return number
    }

    public func sum(_ one: Int, _ other: Int, at location: SourceLocation? = nil) throws(Diagnostic) -> Int {
        let (sum, overflows) = one.addingReportingOverflow(other)
        guard !overflows, allowed.contains(sum) else { throw error("\(one) + \(other)", location) }
        return sum
    }

    public func product(_ one: Int, _ other: Int, at location: SourceLocation? = nil) throws(Diagnostic) -> Int {
        let (product, overflows) = one.multipliedReportingOverflow(by: other)
        guard !overflows, allowed.contains(product) else { throw error("\(one) * \(other)", location) }
        return product
    }

    private func error(_ found: String, _ location: SourceLocation?) -> Diagnostic {
        let range =
            allowed.upperBound == .max
            ? "at least \(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
        return Diagnostic("\(name): expected \(range), found \(found)", at: location, subject: name)
    }
}

/// A range that decimal numbers from outside must lie in. What is no number, and what is endless, lies in none.
public struct DecimalRange: Hashable, Sendable {
    /// What the numbers are, as a message begins.
    public let name: String
    public let allowed: ClosedRange<Double>

    /// What people judge of texts: differences and squares of such numbers are finite.
    public static let score = DecimalRange("score", -1e150...1e150)

    /// - Parameter allowed: to infinity where there is no upper bound
    public init(_ name: String, _ allowed: ClosedRange<Double>) { (self.name, self.allowed) = (name, allowed) }

    /// - Throws: where the number is outside.
    public func check(_ number: Double, at location: SourceLocation? = nil) throws(Diagnostic) -> Double {
        if number.isFinite, allowed.contains(number) { return number }
        let range =
            allowed.upperBound == .infinity
            ? "at least \(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
        throw Diagnostic("\(name): expected \(range), found \(number)", at: location, subject: name)
    }
}

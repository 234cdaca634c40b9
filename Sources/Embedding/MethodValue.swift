import Diagnostics

/// A value of a method's field as somebody wrote it, whether in a file or on a command line, and where.
public struct MethodValue: Sendable {
    public indirect enum Content: Sendable {
        case text(String)
        case integer(Int)
        /// What has a decimal point or an exponent.
        case number(Double)
        case flag(Bool)
        case list([MethodValue])
        /// Entries in the order of writing.
        case mapping([Entry])
        /// What no field takes, in words for "expected …, found …".
        case other(String)
    }

    public struct Entry: Sendable {
        public var key: String
        public var location: SourceLocation?
        public var value: MethodValue

        public init(_ key: String, _ value: MethodValue, at location: SourceLocation? = nil) {
            (self.key, self.value, self.location) = (key, value, location)
        }
    }

    public var content: Content
    /// nil where it was written nowhere.
    public var location: SourceLocation?

    public init(_ content: Content, at location: SourceLocation? = nil) {
        (self.content, self.location) = (content, location)
    }

    public static func text(_ text: String) -> MethodValue { MethodValue(.text(text)) }

    /// What stands here, in words.
    public var kind: String {
        switch content {
        case .text(let text): "the text \"\(text)\""
        case .integer(let integer): "the integer \(integer)"
        case .number(let number): "the number \(number)"
        case .flag(let flag): "the truth value \(flag)"
        case .list: "a list"
        case .mapping: "a mapping"
        case .other(let words): words
        }
    }

    var isNothing: Bool { if case .other("nothing") = content { true } else { false } }

    /// In one line, for a table.
    public var plain: String {
        switch content {
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let items): "[\(items.map(\.plain).joined(separator: ", "))]"
        case .mapping(let entries): entries.map { "\($0.key): \($0.value.plain)" }.joined(separator: "\n")
        case .other(let words): words
        }
    }
}

// Reading.
extension MethodValue {
    public func expected(_ expectation: String, suggestion: String? = nil) -> Diagnostic {
        Diagnostic("expected \(expectation), found \(kind)", at: location, suggestion: suggestion)
    }

    func text(_ expectation: String) throws(Diagnostic) -> String {
        guard case .text(let text) = content else { throw expected(expectation) }
        return text
    }

    /// A text of the user's own, which a file may take for something else when it is not in quotes.
    func freeText(_ expectation: String) throws(Diagnostic) -> String {
        switch content {
        case .text(let text): return text
        case .list, .other("nothing"): throw expected(expectation)
        default: throw expected(expectation, suggestion: "put quotes around a text that YAML reads as something else")
        }
    }

    /// On a command line a number is a text.
    func integer() throws(Diagnostic) -> Int {
        switch content {
        case .integer(let integer): return integer
        case .text(let text):
            if location == nil, let integer = Int(text) { return integer }
            throw expected("an integer")
        default: throw expected("an integer")
        }
    }

    /// A number of that range, whole or not; a zero has no sign, so that equal values are written alike.
    package func number(_ range: DecimalRange) throws(Diagnostic) -> Double {
        let number: Double? =
            switch content {
            case .integer(let integer): Double(integer)
            case .number(let number): number
            case .text(let text) where location == nil: Double(text)
            default: nil
            }
        guard let number else { throw expected("a number") }
        return try range.check(number, at: location) + 0
    }

    /// On a command line a truth value is a text.
    package func flag() throws(Diagnostic) -> Bool {
        switch content {
        case .flag(let flag): return flag
        case .text(let text):
            if location == nil, let flag = Bool(text) { return flag }
            throw expected("true or false")
        default: throw expected("true or false")
        }
    }

    /// What a type's own initialiser makes of a text; its error gets this value's location.
    func located<T>(_ text: String, _ read: (String) throws(Diagnostic) -> T) throws(Diagnostic) -> T {
        do {
            return try read(text)
        } catch {
            throw Diagnostic(error.message, at: location, suggestion: error.suggestion)
        }
    }

    /// One of an enumeration's names.
    func choice<Choice: RawRepresentable & CaseIterable>(_ kind: String) throws(Diagnostic) -> Choice
    where Choice.RawValue == String {
        let name = try text("a \(kind)")
        guard let choice = Choice(rawValue: name) else {
            throw .unknown(kind, name, among: Choice.allCases.map(\.rawValue), at: location)
        }
        return choice
    }
}

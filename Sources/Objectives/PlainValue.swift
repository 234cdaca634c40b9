import Diagnostics

/// A value as a file or a command line says it, with the place where it stands: what keys are read from and written to,
/// whatever the file's format is.
public struct PlainValue: Sendable {
    public indirect enum Content: Sendable {
        case mapping([(key: String, value: PlainValue)])
        case list([PlainValue])
        case text(String)
        case integer(Int)
        case number(Double)
        case flag(Bool)
        case null
    }

    public var content: Content
    public var location: SourceLocation?

    public init(_ content: Content, at location: SourceLocation? = nil) {
        (self.content, self.location) = (content, location)
    }

    /// A number, whole or not.
    public func number() throws(Diagnostic) -> Double {
        switch content {
        case .number(let number): return number
        case .integer(let integer): return Double(integer)
        default: throw expected("a number")
        }
    }

    public func integer() throws(Diagnostic) -> Int {
        guard case .integer(let integer) = content else { throw expected("an integer") }
        return integer
    }

    public func flag() throws(Diagnostic) -> Bool {
        guard case .flag(let flag) = content else { throw expected("true or false") }
        return flag
    }

    public func list(of items: String) throws(Diagnostic) -> [PlainValue] {
        guard case .list(let list) = content else { throw expected("a list of \(items)") }
        return list
    }

    public func mapping(_ expectation: String) throws(Diagnostic) -> [(key: String, value: PlainValue)] {
        guard case .mapping(let entries) = content else { throw expected(expectation) }
        return entries
    }

    public func expected(_ expectation: String) -> Diagnostic {
        Diagnostic("expected \(expectation), found \(kind)", at: location)
    }

    /// What stands here, in words.
    private var kind: String {
        switch content {
        case .mapping: "a mapping"
        case .list: "a list"
        case .text(let text): "the text \"\(text)\""
        case .integer(let integer): "the integer \(integer)"
        case .number(let number): "the number \(number)"
        case .flag(let flag): "the truth value \(flag)"
        case .null: "nothing"
        }
    }
}

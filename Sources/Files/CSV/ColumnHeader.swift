import Diagnostics

/// The first row of a table, which names its columns.
public struct ColumnHeader: Sendable {
    public let names: [String]
    private let location: SourceLocation?

    /// - Throws: where the file's lines end at carriage returns, so that all of it is one row
    public init(_ names: [String], at location: SourceLocation?) throws(Diagnostic) {
        guard names.allSatisfy({ !$0.utf8.contains(UInt8(ascii: "\r")) }) else {
            throw Diagnostic(
                "expected a table whose lines end at line feeds, found carriage returns in its header", at: location,
                suggestion: "save it with the line ends of Unix or Windows")
        }
        (self.names, self.location) = (names, location)
    }

    /// The place of a column, from 0; nil where there is none of that name. By bytes: two names that look alike are two columns.
    ///
    /// - Throws: where several have the name, of which nobody says which one is meant
    public func place(of name: String) throws(Diagnostic) -> Int? {
        let found = names.indices.filter { names[$0].utf8.elementsEqual(name.utf8) }
        guard found.count <= 1 else {
            throw Diagnostic("expected one column \"\(name)\" in the header, found \(found.count)", at: location)
        }
        return found.first
    }
}

/// What went wrong, where, and what to do about it: the one error type that a user reads.
///
/// Printed as `file:line:column: message; suggestion`, each part only where it is known.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place in the user's input that the message is about.
    public var location: SourceLocation?
    /// What was expected and what was found, in one line, without a final full stop.
    public var message: String
    /// What to do: the nearest valid name, the command to run.
    public var suggestion: String?
    /// The key or option whose value the message is about, where what found the fault knows no places: a reader that does
    /// puts the message there.
    public var subject: String?

    public init(
        _ message: String, at location: SourceLocation? = nil, suggestion: String? = nil, subject: String? = nil
    ) {
        self.message = message
        self.location = location
        self.suggestion = suggestion
        self.subject = subject
    }

    /// At the place of its subject, or at another one where there is none or its place isn't known; as it is where it has a
    /// place.
    ///
    /// - Parameter place: of a key
    public func placed(at fallback: SourceLocation?, _ place: (String) -> SourceLocation? = { _ in nil }) -> Diagnostic
    {
        var placed = self
        placed.location = location ?? subject.flatMap(place) ?? fallback
        placed.subject = nil
        return placed
    }

    public var description: String {
        let place = location.map { "\($0): " } ?? ""
        let advice = suggestion.map { "; \($0)" } ?? ""
        // One line, whatever a file's name or a key has in it.
        return (place + message + advice).visible()
    }
}

/// A place in a file. Lines and columns count from 1, as editors do.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var line: Int?
    public var column: Int?

    public init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String {
        [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
    }
}

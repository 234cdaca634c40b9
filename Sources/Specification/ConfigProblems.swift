import Diagnostics

/// All that is wrong with a configuration, one line each, in the order it was found.
public struct ConfigProblems: Error, Equatable, Sendable, CustomStringConvertible {
    public private(set) var diagnostics: [Diagnostic] = []
    private var known: Set<Diagnostic> = []

    package init() {}

    /// What is inherited by several runs is read, and found wrong, several times: each line stays once.
    mutating func add(_ diagnostic: Diagnostic) {
        if known.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
    }

    /// The result of `body`, or nil where it throws; its error joins the list.
    @discardableResult
    package mutating func collect<R>(_ body: () throws -> R) throws -> R? {
        do {
            return try body()
        } catch let diagnostic as Diagnostic {
            add(diagnostic)
        } catch let problems as ConfigProblems {
            problems.diagnostics.forEach { add($0) }
        }
        return nil
    }

    /// Does what may find several problems.
    ///
    /// - Throws: all of them
    package static func throwing(_ body: (inout ConfigProblems) throws -> Void) throws {
        var problems = ConfigProblems()
        try body(&problems)
        try problems.throwIfAny()
    }

    package func throwIfAny() throws {
        if !diagnostics.isEmpty { throw self }
    }

    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

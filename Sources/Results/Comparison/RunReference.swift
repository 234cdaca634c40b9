import Diagnostics
import Foundation

/// A run of a result on the command line: `results/a.h5:PromptEOL`, or `results/a.h5` where it holds only one. Runs that differ by
/// their seed alone go by what their names have in common, too.
public struct RunReference: Hashable, Sendable {
    public var path: String
    /// The run's name; nil for the only one.
    public var run: String?

    /// Splits at the first colon that ends the name of a file that is there: both paths and runs may hold colons.
    public init(_ text: String) {
        let colons = text.indices.filter { text[$0] == ":" }
        let isFile = { (path: Substring) in FileManager.default.fileExists(atPath: String(path)) }
        let colon = isFile(text[...]) ? nil : colons.first { isFile(text[..<$0]) } ?? colons.first
        path = String(text[..<(colon ?? text.endIndex)])
        run = colon.map { String(text[text.index(after: $0)...]) }
    }

    /// Reads the result and takes the run's pairs.
    ///
    /// - Throws: a diagnostic with the result's runs where there is no such run, or several and none is named.
    public func load() throws -> ComparedRun {
        let result = try ExperimentResult(contentsOf: path)
        let groups = SeedGroup.names(of: result.runs).filter { group in !result.runs.contains { $0.name == group.name }
        }
        let names = result.runs.map(\.name) + groups.map(\.name)
        let location = SourceLocation(file: path)
        guard let name = run ?? (names.count == 1 ? names[0] : nil) else {
            guard let first = names.first else { throw Diagnostic("expected a run, found none", at: location) }
            let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
            throw Diagnostic(
                "expected the name of one of its \(result.runs.count) runs"
                    + (groups.isEmpty ? "" : ", or of one that several seeds share") + ": \(list)", at: location,
                suggestion: "write \"\(path):\(first)\"")
        }
        guard names.contains(name) else { throw Diagnostic.unknown("run", name, among: names, at: location) }
        let runs = groups.first { $0.name == name }?.runs ?? [name]
        return ComparedRun(
            path: path, name: name, runs: runs.map { run in result.items.filter { $0.run == run } },
            metrics: Dictionary(result.tasks.map { ($0.task, $0.metric) }, uniquingKeysWith: { first, _ in first }))
    }
}

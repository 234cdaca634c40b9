import Diagnostics
import Foundation

/// A run of a result on the command line: `results/a.h5:PromptEOL`, or `results/a.h5` where it holds only one. It goes
/// by whatever tables call it.
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
        let table = ResultTable(result)
        // Runs without a record are no method to compare.
        let names = inFirstOrder(result.runs.map(\.name) + table.lines.filter(\.isMean).map(\.sharedName))
        let location = SourceLocation(file: path)
        guard let name = run ?? (names.count == 1 ? names[0] : nil) else {
            guard let first = names.first else { throw Diagnostic("expected a run, found none", at: location) }
            let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
            throw Diagnostic(
                "expected the name of one of its \(result.runs.count) runs"
                    + (names.count == result.runs.count ? "" : ", or of one that several seeds share") + ": \(list)",
                at: location,
                suggestion: "write \"\(path):\(first)\"")
        }
        guard let line = table.line(called: name) else {
            throw Diagnostic.unknown("run", name, among: names, at: location)
        }
        var compared = ComparedRun(
            path: path, name: line.sharedName, runs: line.runs.map { run in result.items.filter { $0.run == run } },
            metrics: Dictionary(result.tasks.map { ($0.task, $0.metric) }, uniquingKeysWith: { first, _ in first }))
        compared.limit = result.limit
        compared.contents = result.contents
        return compared
    }
}

import Diagnostics
import Files

/// Hands the rows of a task's files to its kind, and keeps which files they were.
public struct TaskReader {
    private let description: TaskDescription
    private let locate: (String) -> String
    /// What the official copies have; a user's files have none.
    private(set) var files: [LoadedFile] = []
    /// Rows that the kind left out because they have no gold score.
    public var skipped = 0

    /// - Parameter locate: where a file of the description is.
    init(_ description: TaskDescription, locate: @escaping (String) -> String) {
        (self.description, self.locate) = (description, locate)
    }

    /// The rows of a file.
    ///
    /// - Parameter columns: those of the description that are needed, by the kind's names.
    /// - Throws: a diagnostic with file and line where a row lacks a column or is not what the format asks for, and with the
    ///   file where it has no rows.
    public mutating func rows(of file: TaskFile, columns names: [String]) throws -> TaskRows {
        let columns = try names.map { name throws(Diagnostic) in
            guard let column = description.columns[name] else {
                throw Diagnostic(
                    "the task \(description.name) doesn't say which column is \"\(name)\"", at: description.location)
            }
            return (name: name, column: column)
        }
        let path = locate(file.path)
        guard let format = description.format ?? RowFormat(ending: path) else {
            throw Diagnostic(
                "expected a file that ends in .csv, .tsv or .jsonl", at: SourceLocation(file: path),
                suggestion: "say its format: \(RowFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let rows = try TaskRows(path: path, format: format, columns: columns, keepsEnd: file.scores != nil)
        guard !rows.rows.isEmpty else {
            throw Diagnostic(
                "expected \(try description.lookUpKind().unit) of \(description.name), found none",
                at: SourceLocation(file: path))
        }
        note(file.path, rows.sha256, among: file.digests)
        return rows
    }

    /// The lines of a file that has one a row of another.
    func lines(of scores: TaskFile.Scores) throws -> TaskRows { try TaskRows(linesOf: locate(scores.path)) }

    /// Keeps that a file of the description was read.
    mutating func note(_ path: String, _ sha256: String, among digests: [TextVariant: String]) {
        let below = "downstream/\(path)"
        files.append(
            LoadedFile(
                path: description.isUsersOwn || !locate(path).hasSuffix(below) ? path : below, sha256: sha256,
                variants: Set(digests.filter { $0.value == sha256 }.keys)))
    }
}

import Diagnostics
import Foundation

extension TextFile {
    /// The lines of a file or, for `-` and `/dev/stdin`, of standard input.
    ///
    /// A line ends at a line feed, as Unix has it, and at nothing else: a carriage return or a Unicode line separator is
    /// part of its line. The last line feed ends the last line.
    ///
    /// - Throws: a diagnostic with the line that is not UTF-8.
    public static func lines(of path: String) throws -> [String] {
        let bytes = isStandardInput(path) ? try standardInput() : try bytes(of: path)
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return try lines.enumerated().map { index, line in
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Diagnostic("expected UTF-8 text", at: SourceLocation(file: path, line: index + 1))
            }
            return text
        }
    }

    /// Whether a path means standard input.
    public static func isStandardInput(_ path: String) -> Bool { path == "-" || path == "/dev/stdin" }

    private static func standardInput() throws -> [UInt8] {
        ReadFiles.note(descriptor: STDIN_FILENO, named: "/dev/stdin")
        var bytes: [UInt8] = []
        guard try PatientFile.readAll(STDIN_FILENO, pieceBytes: 1 << 16, { bytes.append(contentsOf: $0) }) else {
            throw Diagnostic.system("cannot read", "standard input")
        }
        return bytes
    }
}

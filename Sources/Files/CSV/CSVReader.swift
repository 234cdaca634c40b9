import Diagnostics

/// The records of a comma-separated file, one at a time, in the memory of the longest: as strict as `CSVFile`.
public final class CSVReader {
    private let lines: LineReader

    public init(_ lines: LineReader) { self.lines = lines }

    /// The next record; nil behind the last.
    ///
    /// - Throws: where the record is malformed, at its line, or too long.
    public func next() throws -> CSVRecord? {
        guard var bytes = try lines.next() else { return nil }
        let line = lines.line
        var isInside = !Self.quotes(in: bytes).isMultiple(of: 2)
        // The first line is scanned in any case: what is wrong in it is said before more is read.
        if let record = try scan(bytes, from: line) { return record }
        // A record ends where its quotes are even: it is scanned once more, whatever number of lines it takes.
        while isInside {
            guard bytes.count <= LineReader.longestLine, let more = try lines.next() else { break }
            if !Self.quotes(in: more).isMultiple(of: 2) { isInside.toggle() }
            bytes.append(UInt8(ascii: "\n"))
            bytes += more
        }
        var scanner = CSVScanner(bytes: bytes[...], path: lines.path, line: line)
        guard let record = try scanner.record() else { throw scanner.unclosedQuote }
        return record
    }

    /// - Returns: nil where the bytes end inside quotes
    private func scan(_ bytes: [UInt8], from line: Int) throws -> CSVRecord? {
        // Here and not in `next`: a scanner that lives on would have the bytes copied for each line that is added.
        var scanner = CSVScanner(bytes: bytes[...], path: lines.path, line: line)
        return try scanner.record()
    }

    private static func quotes(in bytes: [UInt8]) -> Int { bytes.count { $0 == UInt8(ascii: "\"") } }
}

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
        var quotes = Self.quotes(in: bytes)
        // The first line is scanned in any case: what is wrong in it is said before more is read.
        var isFirst = true
        while true {
            var scanner = CSVScanner(bytes: bytes[...], path: lines.path, line: line)
            if isFirst || quotes.isMultiple(of: 2), let record = try scanner.record() { return record }
            isFirst = false
            guard bytes.count <= LineReader.longestLine, let more = try lines.next() else {
                _ = try scanner.record()
                throw scanner.unclosedQuote
            }
            quotes += Self.quotes(in: more)
            bytes.append(UInt8(ascii: "\n"))
            bytes += more
        }
    }

    private static func quotes(in bytes: [UInt8]) -> Int { bytes.count { $0 == UInt8(ascii: "\"") } }
}

import Diagnostics

/// One record of a comma-separated file.
public struct CSVRecord: Sendable {
    /// Where it begins, from 1.
    public internal(set) var line: Int
    public internal(set) var fields: [String]

    public init(line: Int, fields: [String]) { (self.line, self.fields) = (line, fields) }
}

/// A comma-separated file as RFC 4180 defines it, read whole: quoted fields may hold commas, line ends and doubled
/// quotes.
///
/// Stricter than most readers, for a quote in the wrong place swallows the rows up to the next one: a quote inside an
/// unquoted field, text after a closing quote and a quote never closed are errors.
public struct CSVFile: Sendable {
    public let path: String
    public let sha256: String
    public let records: [CSVRecord]

    public init(path: String) throws {
        let bytes = try TextFile.bytes(of: path)
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var scanner = CSVScanner(bytes: body, path: path)
        var records: [CSVRecord] = []
        while !scanner.isAtEnd {
            guard let record = try scanner.record() else { throw scanner.unclosedQuote }
            records.append(record)
        }
        self.path = path
        sha256 = SHA256Digest(of: bytes).description
        self.records = records
    }
}

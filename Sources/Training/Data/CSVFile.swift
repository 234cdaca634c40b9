import Diagnostics
import Files

/// A comma-separated file as RFC 4180 defines it: quoted fields may hold commas, line ends and doubled quotes.
///
/// Stricter than most readers, for a quote in the wrong place swallows the rows up to the next one: a quote inside an
/// unquoted field, text after a closing quote and a quote never closed are errors.
struct CSVFile {
    struct Record {
        /// Where it begins, from 1.
        var line: Int
        var fields: [String]
    }

    let path: String
    let sha256: String
    let records: [Record]

    init(path: String) throws {
        let bytes = try TextFile.bytes(of: path)
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var scanner = CSVScanner(bytes: body, path: path)
        self.path = path
        sha256 = SHA256Digest(of: bytes).description
        records = try scanner.records()
    }
}

/// Goes through the bytes of a file once.
private struct CSVScanner {
    let bytes: ArraySlice<UInt8>
    let path: String
    private var position: Int
    private var line = 1

    private let quote = UInt8(ascii: "\"")
    private let comma = UInt8(ascii: ",")
    private let lineFeed = UInt8(ascii: "\n")
    private let carriageReturn = UInt8(ascii: "\r")

    init(bytes: ArraySlice<UInt8>, path: String) {
        self.bytes = bytes
        self.path = path
        position = bytes.startIndex
    }

    mutating func records() throws -> [CSVFile.Record] {
        var records: [CSVFile.Record] = []
        while position < bytes.endIndex { records.append(try record()) }
        return records
    }

    private mutating func record() throws -> CSVFile.Record {
        var record = CSVFile.Record(line: line, fields: [])
        while true {
            record.fields.append(position < bytes.endIndex && bytes[position] == quote ? try quoted() : try bare())
            guard position < bytes.endIndex, bytes[position] == comma else { break }
            position += 1
        }
        if position < bytes.endIndex, bytes[position] == carriageReturn { position += 1 }
        if position < bytes.endIndex { position += 1 }  // the line feed
        line += 1
        return record
    }

    /// Stops at the comma or line end after the field.
    private mutating func bare() throws -> String {
        let start = position
        while position < bytes.endIndex, bytes[position] != comma, !isAtLineEnd {
            guard bytes[position] != quote else {
                throw Diagnostic(
                    "expected a field with a quote in it to be quoted, and the quote doubled; found \"\(near(start))\"",
                    at: here)
            }
            position += 1
        }
        return try text(bytes[start..<position], line: line)
    }

    /// Stops at the comma or line end after the closing quote.
    private mutating func quoted() throws -> String {
        let opened = SourceLocation(file: path, line: line)
        var field: [UInt8] = []
        position += 1
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            if byte == quote {
                guard position < bytes.endIndex, bytes[position] == quote else {
                    guard position == bytes.endIndex || bytes[position] == comma || isAtLineEnd else {
                        throw Diagnostic(
                            "expected a comma or the line's end after a closing quote, found \"\(near(position))\"",
                            at: here)
                    }
                    return try text(field[...], line: opened.line ?? line)
                }
                position += 1
            } else if byte == lineFeed {
                line += 1
            }
            field.append(byte)
        }
        throw Diagnostic("expected a closing quote, found the end of the file", at: opened)
    }

    private var here: SourceLocation { SourceLocation(file: path, line: line) }

    private var isAtLineEnd: Bool {
        if bytes[position] == lineFeed { return true }
        guard bytes[position] == carriageReturn else { return false }
        return position + 1 == bytes.endIndex || bytes[position + 1] == lineFeed
    }

    private func near(_ start: Int) -> String {
        let rest = bytes[start...].prefix(30).prefix { $0 != lineFeed }
        return String(decoding: rest, as: UTF8.self)
    }

    private func text(_ bytes: ArraySlice<UInt8>, line: Int) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic("expected UTF-8 text", at: SourceLocation(file: path, line: line))
        }
        return text
    }
}

import Diagnostics

/// Goes through the bytes of comma-separated records once.
struct CSVScanner {
    let bytes: ArraySlice<UInt8>
    let path: String
    private var position: Int
    private var line: Int
    /// Where the last quoted field opened.
    private var openedLine = 0

    private let quote = UInt8(ascii: "\"")
    private let comma = UInt8(ascii: ",")
    private let lineFeed = UInt8(ascii: "\n")
    private let carriageReturn = UInt8(ascii: "\r")

    /// - Parameter line: the first one's number
    init(bytes: ArraySlice<UInt8>, path: String, line: Int = 1) {
        self.bytes = bytes
        self.path = path
        self.line = line
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    /// The next record; nil where the text ends inside a quoted field.
    mutating func record() throws -> CSVRecord? {
        var record = CSVRecord(line: line, fields: [])
        while true {
            if position < bytes.endIndex, bytes[position] == quote {
                guard let field = try quoted() else { return nil }
                record.fields.append(field)
            } else {
                record.fields.append(try bare())
            }
            guard position < bytes.endIndex, bytes[position] == comma else { break }
            position += 1
        }
        if position < bytes.endIndex, bytes[position] == carriageReturn { position += 1 }
        if position < bytes.endIndex { position += 1 }  // the line feed
        line += 1
        return record
    }

    /// The error where `record` returned nil and nothing follows.
    var unclosedQuote: Diagnostic {
        Diagnostic(
            "expected a closing quote, found the end of the file", at: SourceLocation(file: path, line: openedLine))
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

    /// Stops at the comma or line end after the closing quote; nil where there is none.
    private mutating func quoted() throws -> String? {
        openedLine = line
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
                    return try text(field[...], line: openedLine)
                }
                position += 1
            } else if byte == lineFeed {
                line += 1
            }
            field.append(byte)
        }
        return nil
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

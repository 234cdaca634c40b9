import Diagnostics
import Files
import Results

/// The sentences of a file, one at a time.
public final class SentenceReader {
    private enum Source {
        case text(LineReader)
        case jsonLines(LineReader)
        case table(() throws -> CSVRecord?, column: Int, kept: [Int], width: Int)
        /// A table without even a header.
        case empty
    }

    private let input: SentenceInput
    private let source: Source
    /// The key that the first object's sentence was found under.
    private var key: String?

    init(_ input: SentenceInput) throws {
        self.input = input
        key = input.field
        let lines = try LineReader(input.path, endings: input.format == .text ? .feedOrReturn : .feed)
        switch input.format {
        case .text: source = .text(lines)
        case .jsonl: source = .jsonLines(lines)
        case .csv, .tsv:
            let reader = CSVReader(lines)
            let next = input.format == .csv ? { try reader.next() } : { try Self.tabbed(lines) }
            guard let header = try next() else {
                source = .empty
                return
            }
            let column = try Self.field(input.field, among: header.fields, "column", at: lines.location)
            var kept: [Int] = []
            for name in input.keep {
                kept.append(try Self.field(name, among: header.fields, "column", at: lines.location))
            }
            source = .table(next, column: column, kept: kept, width: header.fields.count)
        }
    }

    /// The next sentence; nil behind the last.
    ///
    /// - Throws: where a line is malformed or lacks the sentence, with file and line.
    public func next() throws -> EmbeddedSentence? {
        switch source {
        case .empty: return nil
        case .text(let lines):
            guard let line = try lines.nextText() else { return nil }
            // Files from Windows end their lines with both.
            return EmbeddedSentence(Self.withoutReturn(line))
        case .jsonLines(let lines):
            guard let line = try lines.next() else { return nil }
            return try sentence(of: JSONDocument(line, file: input.path, firstLine: lines.line).root)
        case .table(let next, let column, let kept, let width):
            guard let record = try next() else { return nil }
            guard record.fields.count == width else {
                throw Diagnostic(
                    "expected \(width) columns as in the header, found \(record.fields.count)",
                    at: SourceLocation(file: input.path, line: record.line))
            }
            return EmbeddedSentence(record.fields[column], kept: kept.map { EmbeddedSentence.Field(record.fields[$0]) })
        }
    }

    private static func tabbed(_ lines: LineReader) throws -> CSVRecord? {
        guard let line = try lines.nextText() else { return nil }
        let fields = withoutReturn(line).split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        return CSVRecord(line: lines.line, fields: fields)
    }

    private static func withoutReturn(_ line: String) -> String {
        line.utf8.last == UInt8(ascii: "\r") ? String(line.unicodeScalars.dropLast()) : line
    }

    /// The next sentences; fewer than asked for only at the end.
    public func next(_ count: Int) throws -> [EmbeddedSentence] {
        var sentences: [EmbeddedSentence] = []
        while sentences.count < count, let sentence = try next() { sentences.append(sentence) }
        return sentences
    }

    private func sentence(of object: JSONNode) throws -> EmbeddedSentence {
        guard object.kind == .object else { throw object.expected("an object such as {\"text\": \"A dog walks.\"}") }
        if key == nil {
            let keys = object.keys
            key = keys[try Self.field(nil, among: keys, "key", at: object.error("").location)]
        }
        let name = key ?? ""
        // Null is a value there, and no sentence.
        return EmbeddedSentence(
            try (object.member(name) ?? object.required(name)).string(),
            kept: try input.keep.map { try EmbeddedSentence.Field(object.member($0) ?? object.required($0)) })
    }

    private static func field(
        _ name: String?, among names: [String], _ kind: String, at location: SourceLocation?
    ) throws(Diagnostic) -> Int {
        let wanted = name.map { [$0] } ?? SentenceInput.defaultFields
        let header = try ColumnHeader(names, at: location)
        for name in wanted { if let place = try header.place(of: name) { return place } }
        if let name { throw .unknown(kind, name, among: names, at: location) }
        let option = kind == "column" ? "--column" : "--field"
        throw Diagnostic(
            "expected a \(kind) \(wanted.joined(separator: " or ")), found \(names.joined(separator: ", "))",
            at: location, suggestion: "name the one with the sentences with \(option)")
    }
}

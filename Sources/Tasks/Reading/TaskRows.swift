import Diagnostics
import Files

/// The columns of a file that a task needs, row by row.
public struct TaskRows: Sendable {
    public struct Row: Sendable {
        public let location: SourceLocation
        /// As the columns were asked for.
        let fields: [String]
    }

    public let path: String
    public let sha256: String
    public private(set) var rows: [Row] = []
    private let names: [String]

    /// A row's field, by the name that it was asked for with.
    public func field(_ name: String, _ row: Row) -> String {
        names.firstIndex(of: name).map { row.fields[$0] } ?? ""
    }

    /// - Parameter keepsEnd: whether empty lines behind the last row count, because another file has a line for each.
    init(
        path: String, format: RowFormat, columns: [(name: String, column: ColumnReference)], keepsEnd: Bool = false
    ) throws {
        self.path = path
        names = columns.map(\.name)
        switch format {
        case .csv:
            let file = try CSVFile(path: path)
            sha256 = file.sha256
            var table = try FieldTable(columns, header: file.records.first?.fields, separator: "comma", in: path)
            table.keepsEnd = keepsEnd
            let records = table.rows(file.records) { $0.fields == [""] }
            rows = try records.map { record in
                let location = SourceLocation(file: path, line: record.line)
                return Row(location: location, fields: try table.fields(record.fields, at: location) { $0 })
            }
        case .jsonl: (sha256, rows) = try Self.objects(path, columns)
        case .tsv, .lines, .questions:
            let file = try LineFile(path: path)
            sha256 = file.sha256
            let split = { (index: Int) in try Self.split(file, index, as: format) }
            let header = try file.lines.isEmpty || !FieldTable.hasHeader(columns) ? nil : split(0).map(file.text)
            var table = try FieldTable(columns, header: header, separator: "tab", in: path)
            table.keepsEnd = keepsEnd
            rows = try table.rows(Array(file.lines.indices)) { file.lines[$0].isEmpty }.map { index in
                let location = file.location(index)
                return Row(
                    location: location,
                    fields: try table.fields(split(index), at: location) { try file.decoded($0, format, index) })
            }
        }
    }

    /// Whole lines.
    init(linesOf path: String) throws {
        let file = try LineFile(path: path)
        (self.path, sha256, names) = (path, file.sha256, ["line"])
        rows = try file.lines.indices.map { index in
            Row(location: file.location(index), fields: [try file.decoded(file.lines[index], .lines, index)])
        }
    }

    private static func split(_ file: LineFile, _ index: Int, as format: RowFormat) throws -> [ArraySlice<UInt8>] {
        let line = file.lines[index]
        switch format {
        case .tsv: return line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        case .questions:
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                let space = line[colon...].firstIndex(of: UInt8(ascii: " "))
            else {
                throw Diagnostic(
                    "expected a question such as \"ENTY:animal What …\", found "
                        + "\"\(LineFile.latin1(line.prefix(40)))\"", at: file.location(index))
            }
            return [line[..<colon], line[(space + 1)...]]
        default: return [line]
        }
    }

    /// A JSON object a line; numbers are read as they are written.
    private static func objects(
        _ path: String, _ columns: [(name: String, column: ColumnReference)]
    ) throws -> (sha256: String, rows: [Row]) {
        let keys = try columns.map { _, column throws(Diagnostic) in
            guard case .name(let key) = column else {
                throw Diagnostic(
                    "expected a key's name for each column of a JSON-lines file, found a number",
                    at: SourceLocation(file: path))
            }
            return key
        }
        let file = try LineFile(path: path)
        let rows = try file.lines.indices.droppingEnd(where: { file.lines[$0].isEmpty }).map { index in
            guard !file.lines[index].isEmpty else { throw Diagnostic.emptyLine(at: file.location(index)) }
            let object = try JSONDocument(Array(file.lines[index]), file: path, firstLine: index + 1).root
            let fields = try zip(columns, keys).map { column, key in
                let value = try object.required(key)
                switch value.kind {
                case .string: return try value.string()
                case .number: return value.text
                case .flag where column.name == "label": return value.text
                default: throw value.expected("a string or a number")
                }
            }
            return Row(location: file.location(index), fields: fields)
        }
        return (file.sha256, rows)
    }
}

/// Where in a row the fields are that are asked for.
private struct FieldTable {
    /// 1 where the first row is a header.
    let headerRows: Int
    var keepsEnd = false
    /// How many columns a header says there are.
    private let width: Int?
    private let indices: [Int]
    private let asked: String
    private let separator: String

    static func hasHeader(_ columns: [(name: String, column: ColumnReference)]) -> Bool {
        columns.contains { if case .name = $0.column { true } else { false } }
    }

    /// - Parameter header: the first row, looked at only where a column is named.
    init(
        _ columns: [(name: String, column: ColumnReference)], header: [String]?, separator: String, in path: String
    ) throws {
        headerRows = Self.hasHeader(columns) ? 1 : 0
        width = Self.hasHeader(columns) ? header?.count : nil
        self.separator = separator
        let start = SourceLocation(file: path, line: 1)
        if headerRows == 1, header == nil {
            throw Diagnostic("expected a header, found an empty file", at: SourceLocation(file: path))
        }
        indices = try columns.map { _, column in
            switch column {
            case .number(let number): return number - 1
            case .name(let name):
                guard let place = try ColumnHeader(header ?? [], at: start).place(of: name) else {
                    throw Diagnostic(
                        "expected the header to have a column \"\(name)\", found "
                            + (header ?? []).map { "\"\($0)\"" }.joined(separator: ", "), at: start)
                }
                return place
            }
        }
        asked = zip(columns, indices).sorted { $0.1 < $1.1 }.map { "\($1 + 1) \($0.name)" }.joined(separator: ", ")
    }

    private var needed: Int { (indices.max() ?? 0) + 1 }

    /// What follows the header, without the empty lines at the file's end; but where a whole line is a field, an empty one is
    /// an empty text.
    func rows<Row>(_ lines: [Row], isEmpty: (Row) -> Bool) -> ArraySlice<Row> {
        let rows = lines.dropFirst(headerRows)
        return needed > 1 && !keepsEnd ? rows.droppingEnd(where: isEmpty) : rows
    }

    func fields<Field: Collection>(
        _ row: [Field], at location: SourceLocation, _ text: (Field) throws -> String
    ) throws -> [String] {
        guard row.count >= needed else {
            if row.allSatisfy(\.isEmpty) { throw Diagnostic.emptyLine(at: location) }
            throw Diagnostic(
                "expected \(needed) \(separator)-separated columns (\(asked)), found \(row.count)", at: location)
        }
        // A comma or a tab within a text would cut it, and move what follows.
        if let width, row.count > width {
            throw Diagnostic(
                "expected \(width) \(separator)-separated columns, as the header has, found \(row.count)", at: location,
                suggestion: separator == "comma" ? "put a text with commas in quotes" : nil)
        }
        return try indices.map { try text(row[$0]) }
    }
}

extension BidirectionalCollection {
    fileprivate func droppingEnd(where isDropped: (Element) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, isDropped(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}

extension Diagnostic {
    fileprivate static func emptyLine(at location: SourceLocation) -> Diagnostic {
        Diagnostic("found an empty line; expected one only behind the last row", at: location)
    }
}

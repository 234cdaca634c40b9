import Diagnostics
import Files

/// One column of a result's table as a grid: a row for each choice of the other factors, a column for each value of one.
public struct ScoreGrid: Equatable, Sendable {
    /// What is measured, a line each; the last says what the cells are.
    let above: [String]
    let below: [String]
    /// The names of the factors that say which row it is.
    let heads: [String]
    /// The values of the factor that goes across.
    let columns: [String]
    let rows: [Row]
    private let decimals: Int

    struct Row: Equatable, Sendable {
        let heads: [String]
        /// The lines of the table that stand in the columns; nil where a combination wasn't run.
        let cells: [TableLine?]

        var scores: [Double?] { cells.map { $0?.cells[0] } }
    }

    /// The languages that it is rendered in.
    public static let formats: [ResultTable.Format] = [.table, .markdown, .csv]

    /// - Parameters:
    ///   - table: of one column
    ///   - factor: one in which its lines differ
    /// - Throws: for a table of several columns, and a factor that there isn't
    public init(_ table: ResultTable, across factor: String) throws(Diagnostic) {
        guard table.columns.count == 1 else {
            throw Diagnostic(
                "a grid shows the scores of one column, found \(table.columns.count): " + table.columns.shortList(),
                suggestion: "choose one with --columns")
        }
        guard let place = table.heads.firstIndex(of: factor) else {
            throw .unknown("factor", factor, among: table.heads)
        }
        func others(_ cells: [String]) -> [String] { Array(cells[..<place] + cells[(place + 1)...]) }
        let (lines, name) = (table.lines, table.columns[0])
        let values = inFirstOrder(lines.map { $0.heads[place] })
        let rest = others(table.heads)
        rows = inFirstOrder(lines.map { others($0.heads) }).map { row in
            Row(
                heads: rest.isEmpty ? [name] : row,
                cells: values.map { value in lines.first { $0.heads[place] == value && others($0.heads) == row } })
        }
        (heads, columns, decimals) = (rest.isEmpty ? [""] : rest, values, table.options.decimals)
        above = table.above + ["\(name), a column for each value of \(factor)"]
        below = table.below
    }

    /// The grid as text, with a final newline.
    ///
    /// - Parameter cells: how texts stand in CSV
    public func rendered(as format: ResultTable.Format, cells: CSVText.Style = .forSpreadsheets) -> String {
        switch format {
        case .markdown: markdown
        case .csv: csv(cells)
        case .table, .latex, .json: terminalText
        }
    }

    private func texts(_ row: Row) -> [String] {
        row.cells.map { $0?.texts[0] ?? ResultTable.cellText(nil, decimals: decimals) }
    }

    private var terminalText: String {
        let table = TextTable(
            header: heads + columns, rows: rows.map { $0.heads + texts($0) }, leftColumns: Set(heads.indices))
        func shown(_ lines: [String]) -> [String] { lines.map { ResultTable.singleLine($0).visible() } }
        let lines = shown(above) + [""] + table.lines + (below.isEmpty ? [] : [""] + shown(below))
        return lines.joined(separator: "\n") + "\n"
    }

    private var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let escaped = ResultTable.markdownEscaped
        var lines = above.map(escaped).flatMap { [$0, ""] }
        lines.append(line((heads + columns).map(escaped)))
        lines.append(line(heads.map { _ in "---" } + columns.map { _ in "---:" }))
        lines += rows.map { line($0.heads.map(escaped) + texts($0)) }
        lines += below.isEmpty ? [] : [""] + below.map { "- " + escaped($0) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// RFC 4180, numbers unrounded, absent ones empty.
    private func csv(_ style: CSVText.Style) -> String {
        func record(_ texts: [String], _ numbers: [String] = []) -> String {
            (texts.map { CSVText.field($0, style: style) } + numbers).joined(separator: ",") + "\r\n"
        }
        return record(heads + columns) + rows.map { record($0.heads, $0.scores.map(ResultTable.csvNumber)) }.joined()
    }
}

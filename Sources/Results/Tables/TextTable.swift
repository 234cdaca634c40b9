import Diagnostics

/// A table for a terminal: columns as wide as their widest cell, a rule under the header.
public struct TextTable: Sendable {
    public let header: [String]
    public let rows: [[String]]
    /// The columns that start at the left; the others, numbers, end at the right.
    public let leftColumns: Set<Int>
    /// In columns of a terminal.
    private let widths: [Int]

    /// - Parameter rows: each as long as the header
    public init(header: [String], rows: [[String]], leftColumns: Set<Int> = [0]) {
        let table = ([header] + rows).map { $0.map { ResultTable.singleLine($0).visible() } }
        (self.header, self.rows, self.leftColumns) = (table[0], Array(table.dropFirst()), leftColumns)
        widths = header.indices.map { column in table.map { displayWidth($0[column]) }.max() ?? 0 }
    }

    /// The header, a rule and the rows.
    public var lines: [String] { [headerLine, rule] + rowLines }

    package var headerLine: String { line(header) }
    package var rowLines: [String] { rows.map { line($0) } }
    /// As wide as the table.
    package var rule: String { String(repeating: "─", count: widths.reduce(2 * (widths.count - 1), +)) }

    /// Cells in their columns, without white space at the end.
    ///
    /// - Parameter isBold: whether a column's cell is in bold, for terminals
    package func line(_ cells: [String], isBold: (_ column: Int) -> Bool = { _ in false }) -> String {
        let aligned = cells.indices.map { column in
            let gap = String(repeating: " ", count: max(0, widths[column] - displayWidth(cells[column])))
            let cell = isBold(column) ? "\u{1B}[1m\(cells[column])\u{1B}[0m" : cells[column]
            return leftColumns.contains(column) ? cell + gap : gap + cell
        }
        return String(aligned.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
}

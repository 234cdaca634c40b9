/// A table for a terminal: columns as wide as their widest cell, a rule under the header.
public struct TextTable: Sendable {
    public let header: [String]
    public let rows: [[String]]
    /// The columns that start at the left; the others, numbers, end at the right.
    public let leftColumns: Set<Int>

    /// - Parameter rows: each as long as the header
    public init(header: [String], rows: [[String]], leftColumns: Set<Int> = [0]) {
        (self.header, self.rows, self.leftColumns) = (header, rows, leftColumns)
    }

    /// The header, a rule and the rows, without white space at their ends.
    public var lines: [String] {
        let table = ([header] + rows).map { $0.map(ResultTable.singleLine) }
        let widths = header.indices.map { column in table.map { displayWidth($0[column]) }.max() ?? 0 }
        let lines = table.map { cells in
            let aligned = cells.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - displayWidth(cells[column]))
                return leftColumns.contains(column) ? cells[column] + gap : gap + cells[column]
            }
            return String(aligned.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let rule = String(repeating: "─", count: widths.reduce(2 * (widths.count - 1), +))
        return [lines[0], rule] + lines.dropFirst()
    }
}

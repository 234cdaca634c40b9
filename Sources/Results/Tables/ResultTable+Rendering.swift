import Diagnostics
import Files

import Foundation

extension ResultTable {
    /// The table as text, with a final newline.
    ///
    /// - Parameters:
    ///   - highlighting: print the best run of each column in bold, where the format is `table`: for terminals.
    ///   - cells: how texts stand in CSV
    public func rendered(
        as format: Format, highlighting: Bool = false, cells: CSVText.Style = .forSpreadsheets
    ) -> String {
        switch format {
        case .table: terminalText(highlighting: highlighting)
        case .markdown: markdown
        case .latex: latex
        case .csv: csv(cells)
        case .json: json
        }
    }

    /// A cell as it is printed: `66.66`, `undefined`, `–` where absent.
    package static func cellText(_ value: Double?) -> String {
        guard let value else { return "–" }
        if value.isNaN { return "undefined" }
        let text = String(format: "%.2f", value)
        return text == "-0.00" ? "0.00" : text
    }

    /// A difference as it is printed: `+1.20`, `-3.04`, `0.00`.
    package static func signedText(_ value: Double?) -> String {
        let text = cellText(value)
        return value ?? 0 > 0 && text != "0.00" ? "+\(text)" : text
    }

    /// What stands in the place of an interval that there is none of, and why.
    package static let noInterval = "n/a"
    package static let noIntervalCaption =
        "\(noInterval): no interval, because a resample of so few items has no score, or the file is of an earlier version"

    /// The text without line breaks and other control characters, which would break a row.
    static func singleLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

extension ResultTable.Row {
    /// The cells as they are printed.
    package var texts: [String] {
        cells.map(kind == .difference ? ResultTable.signedText : ResultTable.cellText)
    }
}

extension ResultTable {
    private func terminalText(highlighting: Bool) -> String {
        let best = highlighting ? bestCells : []
        let table = TextTable(
            header: ["run"] + columns,
            rows: lines.map { [$0.name] + $0.texts } + published.map { [$0.name] + $0.texts })
        var text = above.map { Self.singleLine($0).visible() } + ["", table.headerLine, table.rule]
        text += table.rows.prefix(lines.count).enumerated().map { index, cells in
            table.line(cells) { column in highlighting && column > 0 && best[index][column - 1] }
        }
        if !published.isEmpty { text += [table.rule, "published"] + table.rowLines.dropFirst(lines.count) }
        let below = (highlighting && lines.count > 1 ? [BestLines.caption] : []) + below
        text += below.isEmpty ? [] : [""] + below.map { Self.singleLine($0).visible() }
        return text.joined(separator: "\n") + "\n"
    }
}

extension ResultTable {
    /// A GitHub table; published rows are in italics and say what they are.
    private var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        var lines = above.map(Self.markdownEscaped).flatMap { [$0, ""] }
        lines.append(line(["run"] + columns.map(Self.markdownEscaped)))
        lines.append(line(["---"] + columns.map { _ in "---:" }))
        lines += self.lines.map { line([Self.markdownEscaped($0.name)] + $0.texts) }
        lines += published.map { row in
            let name = Self.markdownEscaped(row.name.trimmingCharacters(in: .whitespaces))
            return line([row.kind == .published ? "*published: \(name)*" : "*\(name)*"] + row.texts)
        }
        lines += below.isEmpty ? [] : [""] + below.map { "- " + Self.markdownEscaped($0) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func markdownEscaped(_ text: String) -> String {
        singleLine(text).map { "\\`*_[]<>|".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

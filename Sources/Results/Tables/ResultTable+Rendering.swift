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
    package static func cellText(_ value: Double?, decimals: Int = 2) -> String {
        guard let value else { return "–" }
        if value.isNaN { return "undefined" }
        let text = String(format: "%.\(decimals)f", value)
        return text.hasPrefix("-") && !text.contains { $0 > "0" && $0 <= "9" } ? String(text.dropFirst()) : text
    }

    /// A difference as it is printed: `+1.20`, `-3.04`, `0.00`.
    package static func signedText(_ value: Double?, decimals: Int = 2) -> String {
        let text = cellText(value, decimals: decimals)
        return value ?? 0 > 0 && text.contains { $0 > "0" && $0 <= "9" } ? "+\(text)" : text
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
    package var texts: [String] { texts(decimals: 2) }

    package func texts(decimals: Int) -> [String] {
        cells.map {
            kind == .difference
                ? ResultTable.signedText($0, decimals: decimals) : ResultTable.cellText($0, decimals: decimals)
        }
    }
}

extension ResultTable {
    /// A line's head cells, for one that is of no run: its name, then nothing.
    func heads(of name: String) -> [String] { [name] + heads.dropFirst().map { _ in "" } }

    /// For each line the differences to the baseline as they are printed; none without a baseline.
    var changeTexts: [[String]] {
        changes.map { $0.map { $0?.text(decimals: options.decimals) ?? ResultTable.cellText(nil) } }
    }

    /// What stands under the table for the options that were taken.
    var optionCaptions: [String] {
        options.baseline.map { changes.isEmpty ? [] : [BestLines.changeCaption($0)] } ?? []
    }

    private func terminalText(highlighting: Bool) -> String {
        let best = highlighting ? bestCells : []
        let changed = zip(lines, changeTexts).filter { line, _ in line.name != options.baseline }
        let table = TextTable(
            header: heads + columns,
            rows: lines.map { $0.heads + $0.texts } + changed.map { $0.heads + $1 }
                + published.map { heads(of: $0.name) + $0.texts(decimals: options.decimals) },
            leftColumns: Set(heads.indices))
        var text = above.map { Self.singleLine($0).visible() } + ["", table.headerLine, table.rule]
        text += table.rows.prefix(lines.count).enumerated().map { index, cells in
            table.line(cells) { column in
                highlighting && column >= heads.count && best[index][column - heads.count]
            }
        }
        let more = table.rowLines.dropFirst(lines.count)
        if let baseline = options.baseline, !changed.isEmpty {
            text += [table.rule, "difference to \(Self.singleLine(baseline).visible())"] + more.prefix(changed.count)
        }
        if !published.isEmpty { text += [table.rule, "published"] + more.dropFirst(changed.count) }
        let below = (highlighting && lines.count > 1 ? [BestLines.caption] : []) + optionCaptions + below
        text += below.isEmpty ? [] : [""] + below.map { Self.singleLine($0).visible() }
        return text.joined(separator: "\n") + "\n"
    }
}

extension ResultTable {
    /// A GitHub table; published rows are in italics and say what they are.
    private var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        var lines = above.map(Self.markdownEscaped).flatMap { [$0, ""] }
        lines.append(line((heads + columns).map(Self.markdownEscaped)))
        lines.append(line(heads.map { _ in "---" } + columns.map { _ in "---:" }))
        lines += self.lines.map { line($0.heads.map(Self.markdownEscaped) + $0.texts) }
        lines += zip(self.lines, changeTexts).filter { line, _ in line.name != options.baseline }.map { row, texts in
            line(
                ["*difference: \(Self.markdownEscaped(row.heads[0]))*"]
                    + row.heads.dropFirst().map(Self.markdownEscaped) + texts.map(Self.markdownEscaped))
        }
        lines += published.map { row in
            let name = Self.markdownEscaped(row.name.trimmingCharacters(in: .whitespaces))
            return line(
                heads(of: row.kind == .published ? "*published: \(name)*" : "*\(name)*")
                    + row.texts(decimals: options.decimals))
        }
        let below = optionCaptions + below
        lines += below.isEmpty ? [] : [""] + below.map { "- " + Self.markdownEscaped($0) }
        return lines.joined(separator: "\n") + "\n"
    }

    static func markdownEscaped(_ text: String) -> String {
        singleLine(text).map { "\\`*_[]<>|&$~".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

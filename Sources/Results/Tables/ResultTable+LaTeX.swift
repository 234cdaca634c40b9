import Foundation

extension ResultTable {
    /// A column for each factor in which lines differ; means over seeds have the deviation as a subscript, differences to the
    /// baseline their marks as superscripts.
    var latex: String {
        let shown = options.caption ?? "\(name.isEmpty ? "Scores" : name): \(above.dropFirst().first ?? "")"
        let captions = lines.count > 1 ? [BestLines.caption] : []
        let caption = ([shown] + above.dropFirst(2) + optionCaptions).reduce("") { text, next in
            text.isEmpty
                ? next
                : (text.hasSuffix(".") ? text : text + ".") + " " + next.prefix(1).uppercased() + next.dropFirst()
        }
        let published = latexPublished
        let table = LaTeXTable(
            heads: heads.count, header: (heads + columns).map(Self.latexEscaped),
            sections: [LaTeXTable.Section(title: nil, rows: latexRows)]
                + (published.isEmpty ? [] : [LaTeXTable.Section(title: "published", rows: published)]),
            caption: Self.latexEscaped(caption),
            label: Self.latexLabel(options.label ?? "tab:\(name.isEmpty ? "scores" : name)"))
        return
            ((above + captions).map(Self.latexComment) + table.lines
            + (optionCaptions + below).map(Self.latexComment)).joined(separator: "\n") + "\n"
    }

    private static func latexLabel(_ text: String) -> String {
        text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || ":-_.".contains($0)) }
    }

    private static func latexComment(_ text: String) -> String { "% " + singleLine(text) }

    private var latexRows: [LaTeXTable.Row] {
        let best = bestCells
        return lines.indices.map { index in
            let line = lines[index]
            let scores = columns.indices.map { column in
                Self.latexScore(
                    line.texts[column], isBest: best[index][column],
                    mark: changes.isEmpty ? "" : changes[index][column]?.mark ?? "")
            }
            return LaTeXTable.Row(heads: line.heads.map(Self.latexEscaped), cells: scores)
        }
    }

    private var latexPublished: [LaTeXTable.Row] {
        published.map { row in
            let name = Self.latexEscaped(row.name)
            let head = heads.count > 1 ? "\\multicolumn{\(heads.count)}{l}{\(name)}" : name
            return LaTeXTable.Row(
                heads: [head], cells: row.texts(decimals: options.decimals).map(Self.latexCell))
        }
    }

    /// `71.00`, or `71.00 ± 1.41` with the deviation as a subscript.
    private static func latexScore(_ text: String, isBest: Bool, mark: String) -> String {
        let parts = text.components(separatedBy: " ± ")
        let mean = isBest ? "\\textbf{\(latexCell(parts[0]))}" : latexCell(parts[0])
        let deviation = parts.dropFirst().first.map { "_{\\pm \($0)}" } ?? ""
        let exponent = mark.isEmpty ? "" : "^{\(mark)}"
        return mean + (deviation.isEmpty && exponent.isEmpty ? "" : "$\(deviation)\(exponent)$")
    }

    /// A number with a true minus sign, a dash for an absent one.
    private static func latexCell(_ text: String) -> String {
        if text == "–" { return "--" }
        return text.hasPrefix("-") ? "$\(text)$" : text
    }

    static func latexEscaped(_ text: String) -> String {
        singleLine(text).map { character in
            switch character {
            case "\\": "\\textbackslash{}"
            case "~": "\\textasciitilde{}"
            case "^": "\\textasciicircum{}"
            case "<": "\\textless{}"
            case ">": "\\textgreater{}"
            case "|": "\\textbar{}"
            case "\"": "\\textquotedbl{}"
            case "{", "}", "$", "&", "#", "%", "_": "\\\(character)"
            default: String(character)
            }
        }.joined()
    }
}

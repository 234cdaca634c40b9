import Foundation

extension ResultTable {
    /// A `tabular` of the package booktabs; what stands around it is in comments.
    var latex: String {
        func line(_ name: String, _ cells: [String]) -> String {
            ([name] + cells).joined(separator: " & ") + " \\\\"
        }
        let best = bestCells
        var lines =
            above.map { "% " + Self.singleLine($0) } + ["% needs \\usepackage{booktabs}"]
            + (self.lines.count > 1 ? ["% " + BestLines.caption] : [])
        lines.append("\\begin{tabular}{l" + String(repeating: "r", count: columns.count) + "}")
        lines.append("\\toprule")
        lines.append(line("run", columns.map(Self.latexEscaped)))
        lines.append("\\midrule")
        lines += zip(self.lines, best).map { row, marks in
            let cells = zip(row.texts, marks).map { text, isBest in
                let parts = text.components(separatedBy: " ± ")
                let mean = isBest ? "\\textbf{\(parts[0])}" : Self.latexCell(parts[0])
                return ([mean] + parts.dropFirst().map { "$\\pm$ \($0)" }).joined(separator: " ")
            }
            return line(Self.latexEscaped(row.name), cells)
        }
        if !published.isEmpty {
            lines += ["\\midrule", "\\multicolumn{\(columns.count + 1)}{l}{\\emph{published}} \\\\"]
            lines += published.map { row in
                line(Self.latexEscaped(row.name), row.texts.map(Self.latexCell))
            }
        }
        lines += ["\\bottomrule", "\\end{tabular}"] + below.map { "% " + Self.singleLine($0) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A number with a true minus sign, a dash for an absent one.
    private static func latexCell(_ text: String) -> String {
        if text == "–" { return "--" }
        return text.hasPrefix("-") ? "$\(text)$" : text
    }

    private static func latexEscaped(_ text: String) -> String {
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

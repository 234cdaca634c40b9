import Foundation

extension ResultTable {
    /// A `table` with a `tabular` of booktabs in it, no wider than the text, or than the column that it stands in.
    ///
    /// A column for each factor in which lines differ; means over seeds have the deviation as a subscript, differences to the
    /// baseline their marks as superscripts.
    var latex: String {
        let shown = options.caption ?? "\(name.isEmpty ? "Scores" : name): \(above.dropFirst().first ?? "")"
        let label = options.label ?? "tab:\(name.isEmpty ? "scores" : name)"
        let captions = lines.count > 1 ? [BestLines.caption] : []
        let notes = latexLength + optionCaptions + below
        let opening = [
            "% needs \\usepackage{booktabs,multirow,graphicx}", "\\begin{table}", "\\centering", "\\sbox0{%",
            "\\begin{tabular}{\(String(repeating: "l", count: heads.count))\(String(repeating: "r", count: columns.count))}",
            "\\toprule", latexLine(heads.map(Self.latexEscaped) + columns.map(Self.latexEscaped)), "\\midrule",
        ]
        let caption = ([shown] + above.dropFirst(2) + optionCaptions).reduce("") { text, next in
            text.isEmpty
                ? next
                : (text.hasSuffix(".") ? text : text + ".") + " " + next.prefix(1).uppercased() + next.dropFirst()
        }
        let closing =
            ["\\bottomrule", "\\end{tabular}}%"] + Self.latexFitted
            + ["\\caption{\(Self.latexEscaped(caption))}", "\\label{\(Self.latexLabel(label))}", "\\end{table}"]
        return
            (above.map(Self.latexComment) + captions.map(Self.latexComment) + opening + latexLines + latexPublished
            + closing + notes.map(Self.latexComment)).joined(separator: "\n") + "\n"
    }

    /// What follows a table in TeX's box 0: one that is wider than the text is made smaller.
    static let latexFitted = [
        "\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox0}\\else\\usebox0\\fi"
    ]

    /// More rows are cut off at the foot of a page.
    private static let pageLines = 45

    /// What there is to do about a table that no page holds.
    private var latexLength: [String] {
        let count = lines.count + published.count
        return count > Self.pageLines
            ? ["\(count) rows are more than a page holds; --where keeps some of them, --columns some of the columns"]
            : []
    }

    private static func latexLabel(_ text: String) -> String {
        text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || ":-_.".contains($0)) }
    }

    private static func latexComment(_ text: String) -> String { "% " + singleLine(text) }

    private func latexLine(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\" }

    private var latexLines: [String] {
        let (best, groups) = (bestCells, lines.map(\.heads))
        return lines.indices.map { index in
            let line = lines[index]
            let scores = columns.indices.map { column in
                Self.latexScore(
                    line.texts[column], isBest: best[index][column],
                    mark: changes.isEmpty ? "" : changes[index][column]?.mark ?? "")
            }
            return latexLine(line.heads.indices.map { Self.latexHead(groups, index, $0) } + scores)
        }
    }

    /// A value that stands in several lines behind each other, as all values before it do, is written once.
    private static func latexHead(_ lines: [[String]], _ line: Int, _ column: Int) -> String {
        func isAlike(_ other: Int) -> Bool { lines[other][...column] == lines[line][...column] }
        guard column < lines[line].count - 1 else { return latexEscaped(lines[line][column]) }
        if line > 0, isAlike(line - 1) { return "" }
        let count = lines[line...].indices.prefix { isAlike($0) }.count
        let text = latexEscaped(lines[line][column])
        return count > 1 ? "\\multirow[t]{\(count)}{*}{\(text)}" : text
    }

    private var latexPublished: [String] {
        guard !published.isEmpty else { return [] }
        return ["\\midrule", "\\multicolumn{\(heads.count + columns.count)}{l}{\\emph{published}} \\\\"]
            + published.map { row in
                let name = Self.latexEscaped(row.name)
                let head = heads.count > 1 ? "\\multicolumn{\(heads.count)}{l}{\(name)}" : name
                return latexLine([head] + row.texts(decimals: options.decimals).map(Self.latexCell))
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

/// A `table` with a `tabular` of booktabs in it, no wider than the text, or than the column that it stands in; several under one
/// number where a page doesn't hold its rows.
struct LaTeXTable {
    struct Row {
        /// What stands at the left: a value that rows behind each other share, with all before it, is written once.
        var heads: [String]
        var cells: [String]
    }

    /// Rows under a rule.
    struct Section {
        /// Nil for the first.
        var title: String?
        var rows: [Row]
    }

    /// How many columns are heads, and all.
    let heads: Int
    /// In LaTeX, as everything in rows is.
    let header: [String]
    let sections: [Section]
    let caption: String
    let label: String

    /// A page of 10 pt holds so many beside header and caption.
    static let pageRows = 36
    static let packages = "% needs \\usepackage{booktabs,multirow,graphicx}"

    /// The source, line by line.
    var lines: [String] {
        [Self.packages]
            + pages.enumerated().flatMap { number, sections in
                opening(number) + sections.flatMap(self.lines) + closing(number)
            }
    }

    /// What is on each page: a section that doesn't fit under the one before it begins a new one, and a long one is cut evenly.
    private var pages: [[Section]] {
        var pages: [[Section]] = []
        var room = 0
        for section in sections {
            let titles = section.title == nil ? 0 : 1
            if section.rows.count + titles <= room {
                pages[pages.count - 1].append(section)
                room -= section.rows.count + titles
                continue
            }
            let (capacity, count) = (Self.pageRows - titles, max(section.rows.count, 1))
            let size = (count - 1) / ((count - 1) / capacity + 1) + 1
            for start in stride(from: 0, to: count, by: size) {
                let rows = Array(section.rows[start..<min(start + size, section.rows.count)])
                pages.append([Section(title: section.title, rows: rows)])
                room = capacity - rows.count
            }
        }
        return pages
    }

    private func opening(_ page: Int) -> [String] {
        let letters = String(repeating: "l", count: heads) + String(repeating: "r", count: header.count - heads)
        // The number of the first page's.
        return ["\\begin{table}"] + (page > 0 ? ["\\addtocounter{table}{-1}"] : [])
            + ["\\centering", "\\sbox0{%", "\\begin{tabular}{\(letters)}", "\\toprule", Self.line(header)]
    }

    private func closing(_ page: Int) -> [String] {
        [
            "\\bottomrule", "\\end{tabular}}%",
            // One that is wider than the text is made smaller.
            "\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox0}\\else\\usebox0\\fi",
        ] + (page > 0 ? ["\\caption{(continued)}"] : ["\\caption{\(caption)}", "\\label{\(label)}"])
            + ["\\end{table}"]
    }

    private func lines(_ section: Section) -> [String] {
        let title = section.title.map { ["\\multicolumn{\(header.count)}{l}{\\emph{\($0)}} \\\\"] } ?? []
        let groups = section.rows.map(\.heads)
        return ["\\midrule"] + title
            + section.rows.enumerated().map { index, row in
                Self.line(row.heads.indices.map { Self.head(groups, index, $0) } + row.cells)
            }
    }

    private static func line(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\" }

    private static func head(_ rows: [[String]], _ row: Int, _ column: Int) -> String {
        func isAlike(_ other: Int) -> Bool { rows[other].prefix(column + 1) == rows[row].prefix(column + 1) }
        let text = rows[row][column]
        guard column < rows[row].count - 1 else { return text }
        if row > 0, isAlike(row - 1) { return "" }
        let count = rows[row...].indices.prefix { isAlike($0) }.count
        return count > 1 ? "\\multirow[t]{\(count)}{*}{\(text)}" : text
    }
}

import Diagnostics
import Foundation
import Results
import Tasks
import TestSupport
import Testing

@Suite("What a table shows, and how")
struct TableOptionsTests {
    /// Two prompts × two poolings, one of which scatters, and a subset.
    private static var grid: ExperimentResult {
        let cells = [("plain", "mean", 0.9), ("plain", "last", 0.1), ("eol", "mean", 0.95), ("eol", "last", 0.1)]
        var result = ResultTableTests.noisy(
            cells.enumerated().map { ("p=\($1.0) q=\($1.1)", "m\($0)", -1, $1.2) })
        for (index, cell) in cells.enumerated() {
            result.runs[index].factors = [.init("prompt", cell.0), .init("pooling", cell.1), .init("same", "x")]
            result.runs[index].pooling = cell.1
            result.measures.append(Samples.measure(result.runs[index].name, "STS-B", "2012", 0.5))
        }
        return result
    }

    private static func table(
        _ result: ExperimentResult = grid, _ change: (inout TableOptions) throws -> Void = { _ in }
    ) throws -> ResultTable {
        var options = TableOptions()
        try change(&options)
        return try ResultTable(result).showing(options)
    }

    private static func rows(_ table: ResultTable) -> [String] {
        let lines = table.rendered(as: .table).components(separatedBy: "\n")
        return lines.drop { !$0.hasPrefix("─") }.dropFirst().prefix { !$0.isEmpty }.map { $0 }
    }

    @Test("A line goes by what stands in its row too: a label, and in several results the run alone")
    func shownNames() throws {
        var result = ResultTableTests.noisy([("a", "m0", -1, 0.9), ("b", "m1", -1, 0.1)])
        result.runs[0].factors = [.init("run", "first")]
        result.runs[1].factors = [.init("run", "x")]
        let table = try Self.table(result) { $0.baseline = "x" }
        #expect(table.line(called: "first")?.name == "a" && table.line(called: "a")?.name == "a")
        #expect(table.baseline?.name == "b" && table.line(called: "y") == nil)
        result.runs[1].factors = [.init("run", "first")]
        #expect(try Self.table(result).line(called: "first") == nil)
    }

    @Test("One of several seeds that stands alone has its seed beside it")
    func loneSeed() throws {
        var result = ResultTableTests.noisy([("a seed=1", "m", 1, 0.9), ("a seed=2", "m", 2, 0.8)])
        for index in result.runs.indices { result.runs[index].factors = [.init("run", "a")] }
        let alone = try Self.table(result) { $0.filters = [try RunFilter("seed=2")] }
        #expect(alone.heads == ["run", "seed"] && alone.lines.map(\.heads) == [["a", "2"]])
        #expect(ResultTable(result).heads == ["run", "seeds"])
    }

    @Test("Runs have a column for each factor in which they differ, in every language")
    func factors() throws {
        let text = ResultTable(Self.grid).rendered(as: .table)
        #expect(text.contains("\nprompt  pooling  STS-B  STS-B/2012\n") && text.contains("\nplain   mean "))
        #expect(ResultTable(Self.grid).rendered(as: .markdown).contains("| prompt | pooling | STS-B | STS-B/2012 |"))
        #expect(
            ResultTable(Self.grid).rendered(as: .csv).hasPrefix(
                "run,kind,prompt,pooling,same,STS-B,STS-B/2012\r\np=plain q=mean,run,plain,mean,x,"))
        let json = try JSONSerialization.jsonObject(with: Data(ResultTable(Self.grid).rendered(as: .json).utf8))
        let runs = try #require((json as? [String: Any])?["runs"] as? [[String: Any]])
        #expect(runs[1]["factors"] as? [String: String] == ["prompt": "plain", "pooling": "last", "same": "x"])
    }

    @Test(
        "Across: a column for each value of one factor, a row for each choice of the others, gaps where nothing was run"
    )
    func across() throws {
        let table = try Self.table { $0.columns = ["STS-B"] }
        let grid = try ScoreGrid(table, across: "prompt")
        let score = { (line: Int) in table.lines[line].texts[0] }
        let text = grid.rendered(as: .table)
        #expect(text.contains("STS-B, a column for each value of prompt\n\npooling  plain    eol\n"), "\(text)")
        #expect(text.contains("\nmean     \(score(0))  \(score(2))\nlast     \(score(1))  \(score(3))\n"), "\(text)")
        #expect(
            grid.rendered(as: .markdown).contains(
                "| pooling | plain | eol |\n| --- | ---: | ---: |\n| mean | \(score(0)) | \(score(2)) |\n"))
        #expect(grid.rendered(as: .csv).hasPrefix("pooling,plain,eol\r\nmean,"))
        let alone = try Self.table {
            $0.columns = ["STS-B"]
            $0.filters = [try RunFilter("pooling=mean")]
        }
        #expect(try ScoreGrid(alone, across: "prompt").rendered(as: .csv).hasPrefix(",plain,eol\r\nSTS-B,"))
        var part = Self.grid
        part.runs.removeLast()
        part.measures.removeAll { $0.run == "p=eol q=last" }
        let holes = try Self.table(part) { $0.columns = ["STS-B"] }
        #expect(try ScoreGrid(holes, across: "prompt").rendered(as: .table).contains("–\n"))
        #expect(try ScoreGrid(holes, across: "prompt").rendered(as: .csv).hasSuffix(",\r\n"))
    }

    @Test("A grid is of one column, and of a factor that there is")
    func refusedAcross() throws {
        let complaint = { (columns: [String], factor: String) -> String in
            do {
                _ = try ScoreGrid(Self.table { $0.columns = columns }, across: factor)
                return ""
            } catch { return "\(error)" }
        }
        #expect(complaint([], "prompt").contains("one column, found 2: STS-B, STS-B/2012"))
        #expect(complaint(["STS-B"], "promt").contains("did you mean \"prompt\"?"))
        #expect(complaint(["STS-B"], "same").contains("unknown factor \"same\""))
    }

    @Test("One run of a matrix, names that are alike, and runs without factors go by their names")
    func names() throws {
        var alike = Self.grid
        for index in alike.runs.indices { alike.runs[index].factors = [.init("run", "x")] }
        #expect(ResultTable(alike).rendered(as: .table).contains("\nrun             STS-B"))
        var mixed = Self.grid
        mixed.runs[3].factors = []
        #expect(ResultTable(mixed).rendered(as: .table).contains("p=eol q=last"))
        let one = try Self.table { $0.filters = [try RunFilter("run=p=eol*"), try RunFilter("pooling=last")] }
        #expect(Self.rows(one).count == 1)
    }

    @Test("Seeds of one method are one line with their number, which is shown by its name")
    func seeds() throws {
        var result = ResultTableTests.seeded
        let shared = ResultTable(result).lines.filter { $0.runs.count > 1 }.map(\.sharedName)
        for name in shared {
            let table = try Self.table(result) { $0.filters = [try RunFilter("run=\(name)")] }
            #expect(table.lines.count == 1 && table.lines.allSatisfy { $0.sharedName == name && $0.runs.count > 1 })
        }
        #expect(!shared.isEmpty)
        for index in result.runs.indices {
            let words = result.runs[index].name.split(separator: " ")
            result.runs[index].factors = [.init("rate", String(words[0]))]
            if words.count > 1 { result.runs[index].factors.append(.init("seed", String(words[1].dropFirst(5)))) }
        }
        let text = ResultTable(result).rendered(as: .table)
        #expect(text.contains("\nrate       seeds  seed "), "\(text)")
        #expect(text.contains("\nslow       2            71.00 ± 1.41"), "\(text)")
    }

    @Test("Columns are chosen by name or pattern in the order of asking, subsets left out, digits as many as wanted")
    func columns() throws {
        #expect(
            try Self.table { $0.columns = ["*2012", "STS-B"] }.rendered(as: .table).contains("STS-B/2012  STS-B\n"))
        #expect(try !Self.table { $0.showsSubsets = false }.rendered(as: .table).contains("2012"))
        let text = try Self.table { ($0.decimals, $0.columns) = (4, ["STS-B/*"]) }.rendered(as: .table)
        #expect(text.contains(" 50.0000\n"))
        #expect(try Self.table { $0.decimals = 0 }.rendered(as: .table).contains(" 50\n"))
        #expect(ResultTable.cellText(-0.04, decimals: 1) == "0.0" && ResultTable.signedText(0.04, decimals: 1) == "0.0")
    }

    @Test("Lines are sorted by a column, undefined scores last; runs are chosen by factors and by their method")
    func lines() throws {
        var undefined = Self.grid
        undefined.measures[0].measure.value = .nan
        let sorted = Self.rows(try Self.table(undefined) { $0.sort = "STS-B" })
        #expect(sorted.last?.hasPrefix("plain   mean") == true && sorted[0].contains("last"), "\(sorted)")
        let chosen = Self.rows(try Self.table { $0.filters = [try RunFilter("pooling=la*"), try RunFilter("same=x")] })
        #expect(chosen.map { $0.prefix(5).trimmingCharacters(in: .whitespaces) } == ["plain", "eol"])
    }

    @Test("Against a baseline each run has its difference and what a paired bootstrap makes of it")
    func baseline() throws {
        let table = try Self.table {
            ($0.baseline, $0.showsSubsets) = ("p=plain q=mean", false)
        }
        let text = table.rendered(as: .table)
        let block = text.components(separatedBy: "difference to p=plain q=mean\n")[1].components(separatedBy: "\n")
        #expect(block[0].hasPrefix("plain   last") && block[0].hasSuffix("**") && !block[1].contains("*"), "\(text)")
        #expect(text.contains("differences are to p=plain q=mean; * p < 0.05"))
        #expect(
            table.rendered(as: .latex).contains("$^{**}$") && table.rendered(as: .latex).contains("p \\textless{} 0.05")
        )
        #expect(table.rendered(as: .csv).contains("\r\np=plain q=last,change,plain,last,x,"))
        #expect(table.rendered(as: .json).contains("\"baseline\": \"p=plain q=mean\""))
        #expect(table.rendered(as: .markdown).contains("| *difference: plain* | last | +"))
    }

    /// Two methods of several seeds, named as a matrix names them, and one that isn't trained.
    private static var seeded: ExperimentResult {
        let cells = [
            ("q=last seed=1", "a", 1, 0.4), ("q=last seed=2", "a", 2, 0.9), ("q=last seed=3", "a", 3, 0.2),
            ("q=mean seed=1", "b", 1, 0.1), ("q=mean seed=2", "b", 2, 0.3), ("plain", "c", -1, 0.6),
        ]
        var result = ResultTableTests.noisy(cells)
        for (index, cell) in cells.enumerated() where cell.2 > 0 {
            let words = cell.0.split(separator: " ").map { $0.split(separator: "=").map(String.init) }
            result.runs[index].factors = words.map { .init($0[0], $0[1]) }
        }
        return result
    }

    @Test("A line goes by what tables call it, one seed by its run's own name; the mean is never taken for a seed")
    func lineNames() throws {
        let result = Self.seeded
        func baseline(_ name: String) throws -> [String] {
            let table = try Self.table(result) { $0.baseline = name }
            return try #require(table.baseline).runs
        }
        let all = ["q=last seed=1", "q=last seed=2", "q=last seed=3"]
        for name in ["q=last", "q=last (3 seeds)"] { #expect(try baseline(name) == all) }
        for name in all + ["plain"] { #expect(try baseline(name) == [name]) }
        for name in ["q=last", "q=last (3 seeds)", "q=last seed=3"] {
            let table = try Self.table(result) { $0.filters = [try RunFilter("run=\(name)")] }
            #expect(table.rows.map(\.name) == (name.hasSuffix("=3") ? [name] : all))
        }
        let table = try Self.table(result) { $0.baseline = "q=last seed=2" }
        let column = try #require(table.rows[1].cells[0])
        let plain = try #require(table.rows[5].cells[0])
        #expect(table.changes.last?[0]?.difference == plain - column)
        #expect(table.rendered(as: .table).contains("\ndifference to q=last seed=2\n"))
        try Fixtures.withTemporaryFolder { folder in
            try result.write(to: folder + "/r.h5")
            for (name, count) in [("q=last (3 seeds)", 3), ("q=last", 3), ("q=mean seed=2", 1)] {
                #expect(try RunReference("\(folder)/r.h5:\(name)").load().runs.count == count)
            }
        }
    }

    @Test("Rows of one method in CSV and JSON have one name and the factors that its seeds have in common")
    func seedRows() throws {
        let table = try Self.table(Self.seeded) { $0.baseline = "plain" }
        let rows = table.rendered(as: .csv).split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let kinds = rows.filter { $0[0] == "q=last" }
        #expect(kinds.map { $0[1] } == ["mean", "deviation", "change", "p"])
        #expect(Set(kinds.map { $0[2...3].joined(separator: "|") }) == ["last|"])
        let object = try JSONSerialization.jsonObject(with: Data(table.rendered(as: .json).utf8)) as? [String: Any]
        func names(_ key: String) -> [String] {
            (object?[key] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        }
        #expect(names("seeds") == ["q=last", "q=mean"] && names("changes") == ["q=last", "q=mean", "plain"])
    }

    @Test("The baseline may be a run that the filters leave out: it has no row, and the differences are the same")
    func hiddenBaseline() throws {
        let whole = try Self.table { $0.baseline = "p=eol q=last" }
        let part = try Self.table { ($0.baseline, $0.filters) = ("p=eol q=last", [try RunFilter("pooling=mean")]) }
        #expect(part.lines.map(\.name) == ["p=plain q=mean", "p=eol q=mean"])
        #expect(part.changes == [whole.changes[0], whole.changes[2]])
        #expect(part.rendered(as: .table).contains("\ndifference to p=eol q=last\n"))
        let error = #expect(throws: Diagnostic.self) {
            try Self.table { ($0.baseline, $0.filters) = ("p=eol", [try RunFilter("pooling=mean")]) }
        }
        #expect(error?.message.contains("p=eol q=last") == true)
    }

    @Test("A value of a matrix with a label is found by either")
    func labelled() throws {
        var result = Self.grid
        for (index, run) in result.runs.enumerated() {
            let isLast = run.pooling == "last"
            result.runs[index].factors[1].value = isLast ? "last token" : "mean"
            // A key that no column of the result has is found in the run's name.
            result.runs[index].factors[0] = .init("p", run.name.hasPrefix("p=eol") ? "PromptEOL" : "none at all")
        }
        func shown(_ filter: String) throws -> [String] {
            try Self.table(result) { $0.filters = [try RunFilter(filter)] }.rows.map(\.name)
        }
        for filter in ["pooling=last", "pooling=last token", "pooling=l*"] {
            #expect(try shown(filter) == ["p=plain q=last", "p=eol q=last"], "\(filter)")
        }
        for filter in ["p=eol*", "p=PromptEOL"] { #expect(try shown(filter) == ["p=eol q=mean", "p=eol q=last"]) }
        result.runs[0].factors = [.init("p", "A"), .init("q", "B")]
        #expect(try shown("p=plain") == ["p=plain q=mean"] && shown("q=mean") == ["p=plain q=mean"])
    }

    @Test("What there isn't is refused with what there is")
    func unknown() throws {
        let cases: [(String, (inout TableOptions) throws -> Void)] = [
            (
                "unknown column \"STSB\"; expected one of: STS-B, STS-B/2012; did you mean \"STS-B\"?",
                { $0.columns = ["STSB"] }
            ),
            ("unknown column \"STS-C\"", { $0.sort = "STS-C" }),
            ("unknown key of a run \"poling\"", { $0.filters = [try RunFilter("poling=last")] }),
            (
                "no run has pooling=max; expected a part of: p=plain q=mean",
                { $0.filters = [try RunFilter("pooling=max")] }
            ),
            ("expected KEY=PATTERN such as pooling=last, found \"last\"", { $0.filters = [try RunFilter("last")] }),
            ("unknown run \"q=mean\"", { $0.baseline = "q=mean" }),
            ("expected decimals to be from 0 to 6, found 7", { $0.decimals = 7 }),
        ]
        for (message, change) in cases {
            let error = #expect(throws: Diagnostic.self) { try Self.table(change: change) }
            #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
        }
    }

    private static func table(change: (inout TableOptions) throws -> Void) throws -> ResultTable {
        try table(grid, change)
    }

    @Test("Several results are one table, named by their experiments; other files or limits are refused")
    func joined() throws {
        var other = Self.grid
        other.name = "second"
        let both = try ExperimentResult.joined([("a.h5", Self.grid), ("b.h5", other)])
        #expect(both.name == "demo + second" && both.runs.map(\.name).contains("second: p=eol q=last"))
        #expect(ResultTable(both).rendered(as: .table).contains("\nresult  prompt  pooling "))
        let same = try ExperimentResult.joined([("a.h5", Self.grid), ("b.h5", Self.grid)])
        #expect(same.runs.first?.name == "a: p=plain q=mean")
        var limited = other
        limited.provenance.append(ProvenanceEntry(ProvenanceEntry.limitKey, "5"))
        var foreign = other
        foreign.datasets = [
            DatasetRecord(task: "STS-B", file: "x", textVariant: "raw", sha256: "ff", pairs: 1, skipped: 0)
        ]
        for (result, message) in [
            (limited, "b.h5: expected scores of all items, as in the result before it, found 5 items of each part"),
            (
                foreign,
                "b.h5: STS-B is of other files, columns or classes, or shown by another metric, than in a result before it"
            ),
        ] {
            let error = #expect(throws: Diagnostic.self) {
                try ExperimentResult.joined([("a.h5", Self.grid), ("b.h5", result)])
            }
            #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
        }
    }

    @Test("In LaTeX a value of several lines stands once, and a quick look says in the caption that it is one")
    func latex() throws {
        var limited = Self.grid
        limited.provenance.append(ProvenanceEntry(ProvenanceEntry.limitKey, "5"))
        let text = try Self.table(limited) { ($0.caption, $0.label) = ("A & B", "tab:a b") }.rendered(as: .latex)
        #expect(text.contains("\n\\multirow[t]{2}{*}{plain} & mean & ") && text.contains("\n & last & "))
        #expect(text.contains("\\caption{A \\& B. Quick look: scores of only ") && text.contains("\\label{tab:ab}"))
    }

    private static let pdflatex = "/usr/bin/pdflatex"

    @Test(
        "pdflatex sets the tables, however wide and long, without an overfull box or page",
        .enabled(if: FileManager.default.isExecutableFile(atPath: pdflatex)))
    func typeset() throws {
        var wide = Samples.full
        wide.runs[0].name = String(repeating: "a long name with _ and % ", count: 12)
        let seeded = try Self.table(ResultTableTests.seeded) { $0.baseline = "untrained" }
        var long = ExperimentResult(name: "long")
        for index in 0..<100 {
            long.measures.append(ResultTableTests.measure("run \(index)", "spearman", Double(index) / 100))
        }
        let tables = [
            ResultTable(Self.grid), ResultTable(wide), seeded, ResultTable(ResultTableTests.small), ResultTable(long),
        ]
        try Fixtures.withTemporaryFolder { folder in
            let body = tables.map { $0.rendered(as: .latex).replacing(/[^\x00-\x7F]/, with: "?") }.joined()
            let text =
                "\\documentclass{article}\n\\usepackage{booktabs,multirow,graphicx}\n\\begin{document}\n\(body)\n\\end{document}\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/t.tex"))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Self.pdflatex)
            process.arguments = ["-interaction=nonstopmode", "-halt-on-error", "t.tex"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            let log = try String(decoding: Data(contentsOf: URL(fileURLWithPath: folder + "/t.log")), as: UTF8.self)
            #expect(process.terminationStatus == 0 && !log.contains("Overfull"), "\(log.suffix(2000))")
            #expect(!log.contains("Float too large"))
        }
    }
}

import Diagnostics
import Foundation
import Results
import Tasks
import TestSupport
import Testing

@Suite("The table of a result")
struct ResultTableTests {
    /// Two runs on STS-B with a slice, one published row of another backbone.
    static var small: ExperimentResult {
        var result = ExperimentResult(name: "demo")
        result.runs = [RunRecord(name: "mean"), RunRecord(name: "日本_&")]
        result.runs[0].warnings = ["no effect"]
        result.runs[1].emptySentences = 1
        result.tasks = [Samples.sts("STS-B")]
        result.measures = [
            measure("mean", "spearman", 0.371), measure("mean", "pearson", 0.5), measure("日本_&", "spearman", 0.66661),
            measure("日本_&", "pearson", .nan), measure("mean", "spearman", .nan, slice: "2012"),
        ]
        result.leftOut = [
            LeftOutTask(task: "STS12", remedy: "--data DIR"), LeftOutTask(task: "SICK-R", remedy: "--data DIR"),
        ]
        result.published = [
            PublishedRow(
                paper: "bellm", name: "BeLLM", backbone: "LLaMA-2-7B", trained: "NLI", source: "S",
                scores: [PublishedRow.TaskScore("STS-B", 88.89)], average: 86.29)
        ]
        return result
    }

    static func measure(
        _ run: String, _ metric: String, _ value: Double, task: String = "STS-B", slice: String = "all"
    ) -> MeasureRecord {
        MeasureRecord(run: run, Measure(task: task, slice: slice, metric: metric, value: value, count: 0))
    }

    /// Runs of two methods that differ in a learning rate, which no column has; their names say it.
    static var seeded: ExperimentResult {
        var result = ExperimentResult(name: "demo")
        result.tasks = [Samples.sts("STS-B"), TaskRecord(task: "MR", kind: "transfer", metric: "accuracy")]
        let scores: [(String, String, Int, Double)] = [
            ("slow seed=1", "a", 1, 0.70), ("slow seed=2", "a", 2, 0.72), ("fast seed=1", "b", 1, 0.5),
            ("fast seed=2", "b", 2, 0.5), ("fast seed=3", "b", 3, 0.53), ("alone seed=1", "c", 1, 0.1),
        ]
        for (name, method, seed, score) in scores {
            var run = RunRecord(name: name)
            (run.methodID, run.seed) = (method, seed)
            result.runs.append(run)
            result.measures += [
                measure(name, "spearman", score), measure(name, "accuracy", score + 0.1, task: "MR"),
            ]
        }
        result.runs.append(RunRecord(name: "untrained"))
        return result
    }

    @Test(
        "Runs of one method's id are one line with mean and the sample's deviation, in the place of the first; others stay"
    )
    func seeds() {
        let text = ResultTable(Self.seeded).rendered(as: .table)
        #expect(
            text.contains(
                """
                slow (2 seeds)  71.00 ± 1.41  81.00 ± 1.41
                fast (3 seeds)  51.00 ± 1.73  61.00 ± 1.73
                alone seed=1           10.00         20.00
                untrained                  –             –

                ±: the sample's standard deviation over the seeds of the training; each seed's row is in CSV and JSON
                """), "\(text)")
        #expect(!text.contains("slow seed=1"))
        let markdown = ResultTable(Self.seeded).rendered(as: .markdown)
        #expect(markdown.contains("| slow (2 seeds) | 71.00 ± 1.41 | 81.00 ± 1.41 |") && !markdown.contains("seed=2"))
    }

    @Test("A seed that stands twice counts once, and is named below; a difference is to the line that it is to")
    func repeatedSeeds() throws {
        var result = Self.seeded
        var again = RunRecord(name: "slow again")
        (again.methodID, again.seed) = ("a", 2)
        result.runs.append(again)
        result.measures += [
            Self.measure("slow again", "spearman", 0.72), Self.measure("slow again", "accuracy", 0.82, task: "MR"),
        ]
        let text = ResultTable(result).rendered(as: .table)
        #expect(text.contains("slow (2 seeds)  71.00 ± 1.41  81.00 ± 1.41"), "\(text)")
        #expect(text.contains("of the same method and seed as another, and not counted again: slow again"), "\(text)")
        for name in ["slow", "slow seed=1", "slow (2 seeds)"] {
            var options = TableOptions()
            options.baseline = name
            let compared = try ResultTable(result).showing(options).rendered(as: .table)
            let shown = name == "slow" ? "slow (2 seeds)" : name
            #expect(compared.contains("\ndifference to \(shown)\n"), "\(compared)")
        }
    }

    @Test("Results whose own task has other columns or classes are not joined")
    func otherDefinitions() throws {
        var (first, second) = (Self.seeded, Self.seeded)
        second.name = "other"
        _ = try ExperimentResult.joined([("a.h5", first), ("b.h5", second)])
        (first.tasks[0].definition, second.tasks[0].definition) = ("1", "2")
        let error = #expect(throws: Diagnostic.self) {
            _ = try ExperimentResult.joined([("a.h5", first), ("b.h5", second)])
        }
        #expect(error?.message.contains("of other files, columns or classes") == true)
    }

    @Test("Means over seeds are lines in LaTeX, and rows and objects beside the single seeds in CSV and JSON")
    func seedRows() {
        let table = ResultTable(Self.seeded)
        #expect(table.rendered(as: .csv).contains("\r\nslow,mean,71.0,81.0\r\nslow,deviation,1.414"))
        let latex = table.rendered(as: .latex)
        #expect(
            latex.contains("slow (2 seeds) & \\textbf{71.00}$_{\\pm 1.41}$ & \\textbf{81.00}$_{\\pm 1.41}$ \\\\"),
            "\(latex)")
        #expect(table.rendered(as: .json).contains("{\"name\": \"slow\", \"runs\": 2, \"mean\": {\"STS-B\": 71.0"))
    }

    /// Runs with items: gold scores, and cosines that follow them but for noise.
    static func noisy(_ runs: [(name: String, method: String, seed: Int, noise: Double)]) -> ExperimentResult {
        var result = ExperimentResult(name: "demo")
        result.tasks = [Samples.sts("STS-B")]
        for (index, run) in runs.enumerated() {
            var record = RunRecord(name: run.name)
            (record.methodID, record.seed) = (run.method, run.seed)
            result.runs.append(record)
            let pairs = (0..<120).map { pair -> (String, Int, Double, Double) in
                let scatter = sin(Double(pair * 7919 + index * 104_729) * 1.7)
                return ("2012", pair, Double(pair % 11) / 2, Double(pair % 11) / 20 + run.noise * scatter)
            }
            result.items.append(Samples.pairs(run.name, "STS-B", pairs))
            let value = spearman(pairs.map(\.3), pairs.map(\.2))
            result.measures.append(measure(run.name, "spearman", value))
        }
        return result
    }

    @Test("Bold is the best, and what a paired bootstrap can't tell from it; a lucky seed is not")
    func bold() {
        let single = ResultTable(
            Self.noisy([("good", "a", -1, 0.2), ("as good", "b", -1, 0.205), ("bad", "c", -1, 1)]))
        #expect(single.bestCells == [[true], [true], [false]])
        // The second method's seeds scatter: one of them is the best of all, their mean is not.
        let seeds = ResultTable(
            Self.noisy([
                ("even seed=1", "a", 1, 0.1), ("even seed=2", "a", 2, 0.1), ("odd seed=1", "b", 1, 0.02),
                ("odd seed=2", "b", 2, 1),
            ]))
        #expect(seeds.lines.map(\.name) == ["even (2 seeds)", "odd (2 seeds)"])
        #expect(seeds.rows.map { $0.cells[0] ?? 0 }.max() == seeds.rows[2].cells[0])
        #expect(seeds.bestCells[0] == [true])
        #expect(ResultTable(Self.noisy([("alone", "a", -1, 0.2)])).bestCells == [[false]])
        let text = single.rendered(as: .table, highlighting: true)
        #expect(text.contains("\nbold: the best of a column, and all that a paired bootstrap"))
    }

    @Test("Without a method's id, as in files of an earlier version, nothing is put together, and the table says so")
    func unknownMethods() {
        var result = Self.seeded
        for index in result.runs.indices { result.runs[index].methodID = "" }
        let text = ResultTable(result).rendered(as: .table)
        #expect(!text.contains("±"))
        #expect(text.contains("no means over seeds: the file is of an earlier version"))
    }

    @Test("Content that a task's name doesn't stand for is named, beside a published row too")
    func unknownContent() {
        var result = Self.small
        result.datasets = [DatasetRecord(task: "STS-B", textVariant: "unknown")]
        let text = ResultTable(result).rendered(as: .table)
        #expect(text.contains("STS-B: unknown content under a known task's name"))
        #expect(text.contains("trained on NLI; here unknown content under the name STS-B; source: S"))
    }

    @Test("A transfer task's accuracy stands in its column with its interval, its other metrics on demand")
    func transfer() {
        var result = ExperimentResult(name: "t")
        result.tasks = [TaskRecord(task: "MRPC", kind: "transfer", metric: "accuracy")]
        result.measures = [
            MeasureRecord(
                run: "r",
                Measure(
                    task: "MRPC", metric: "accuracy", value: 0.7, interval: ConfidenceInterval(lower: 0.6, upper: 0.8),
                    count: 10)), Self.measure("r", "f1", 0.8, task: "MRPC"),
        ]
        let table = ResultTable(result)
        #expect(table.rows[0].cells == [70] && table.rows[0].intervals == [60...80])
        #expect(table.above == ["t", "accuracy x 100 of logistic regression for MRPC"])
        #expect(ResultTable(result, metric: "f1").rows[0].cells == [80])
        #expect(ResultTable(result, metric: "pearson").rows[0].cells == [70])
    }

    @Test("The terminal's table is aligned by what characters take on the screen")
    func terminal() {
        #expect(
            ResultTable(Self.small).rendered(as: .table) == """
                demo
                Spearman x 100 of cosine and gold score; aggregation all

                run     STS-B  STS-B/2012
                ─────────────────────────
                mean    37.10   undefined
                日本_&  66.66           –
                ─────────────────────────
                published
                BeLLM   88.89           –

                published: BeLLM: Spearman x 100, aggregation all; another backbone: LLaMA-2-7B; trained on NLI; source: S
                left out, no data: STS12, SICK-R; to have them: --data DIR
                warning: mean: no effect
                日本_&: 1 sentence without a token: zero vector, cosine 0

                """)
    }

    @Test("The best run of a column is bold only when asked for")
    func highlighting() {
        let text = ResultTable(Self.small).rendered(as: .table, highlighting: true)
        #expect(text.contains("日本_&  \u{1B}[1m66.66\u{1B}[0m") && text.contains("mean    37.10"))
        #expect(!ResultTable(Self.small).rendered(as: .table).contains("\u{1B}"))
    }

    @Test("LaTeX is escaped and ruled by booktabs")
    func latex() {
        #expect(
            ResultTable(Self.small).rendered(as: .latex).contains(
                """
                \\begin{tabular}{lrr}
                \\toprule
                run & STS-B & STS-B/2012 \\\\
                \\midrule
                mean & 37.10 & undefined \\\\
                日本\\_\\& & \\textbf{66.66} & -- \\\\
                \\midrule
                \\multicolumn{3}{l}{\\emph{published}} \\\\
                BeLLM & 88.89 & -- \\\\
                \\bottomrule
                \\end{tabular}}%
                """))
    }

    @Test("Markdown marks published rows and escapes what it would interpret")
    func markdown() {
        let text = ResultTable(Self.small).rendered(as: .markdown)
        #expect(
            text.contains(
                """
                | run | STS-B | STS-B/2012 |
                | --- | ---: | ---: |
                | mean | 37.10 | undefined |
                | 日本\\_\\& | 66.66 | – |
                | *published: BeLLM* | 88.89 | – |

                """))
    }

    @Test("CSV quotes commas, quotes and line breaks, and ends lines with CRLF")
    func csv() {
        var result = ExperimentResult(name: "c")
        result.measures = [Self.measure("a, \"b\"\nc", "spearman", 0.5)]
        #expect(
            ResultTable(result).rendered(as: .csv)
                == "run,kind,STS-B\r\n\"a, \"\"b\"\"\nc\",run,50.0\r\n")
    }

    @Test("JSON has null for what is undefined or absent")
    func json() {
        let text = ResultTable(Self.small).rendered(as: .json)
        #expect(text.contains("{\"name\": \"mean\", \"scores\": {\"STS-B\": 37.1, \"STS-B/2012\": null}}"))
    }

    @Test("A run that stands beside a published row has a line with the difference, and the known reasons once a paper")
    func differences() {
        var result = Self.small
        result.datasets = [DatasetRecord(task: "STS-B", textVariant: "raw")]
        result.published[0].run = "日本_&"
        (result.published[0].text, result.published[0].differences) = ("senteval", ["a padded batch"])
        var twin = result.published[0]
        (twin.name, twin.run, twin.scores[0].score) = ("Other", "mean", 10)
        result.published.append(twin)
        let text = ResultTable(result).rendered(as: .table)
        #expect(text.contains("BeLLM                  88.89           –\n  difference: 日本_&  -22.23           –\n"))
        #expect(text.contains("  difference: mean    +27.10           –\n"))
        #expect(text.contains("trained on NLI; text senteval, here raw; source: S"))
        #expect(text.components(separatedBy: "known difference to bellm: a padded batch").count == 2)
        #expect(ResultTable(result).rendered(as: .csv).contains("\r\ndifference: mean,difference,27.1,\r\n"))
        #expect(!ResultTable(result, metric: "pearson").rendered(as: .table).contains("difference: "))
    }

    @Test("Only the mean over all seven tasks is called Avg")
    func average() {
        var result = ExperimentResult(name: "")
        result.tasks = Samples.suite.reversed().map(Samples.sts)
        result.measures = Samples.suite.reversed().map { Self.measure("r", "spearman", 0.5, task: $0) }
        #expect(
            ResultTable(result).rendered(as: .csv).hasPrefix(
                "run,kind,STS12,STS13,STS14,STS15,STS16,STS-B,SICK-R,Avg\r\nr,run,50.0"))
        result.measures.removeLast()
        #expect(!ResultTable(result).rendered(as: .csv).contains("Avg"))
    }

    @Test("Tasks that are measured otherwise are named with their measure, and have no mean; alike they need no names")
    func measures() {
        var result = ExperimentResult(name: "")
        result.tasks = ["a", "b", "c"].enumerated().map { place, task in
            var record = TaskRecord(task: task, kind: "sts", metric: task == "b" ? "pearson" : "spearman")
            (record.suite, record.place, record.suiteCount) = ("Mean", place + 1, 3)
            return record
        }
        for (task, metric) in [("a", "spearman"), ("b", "spearman"), ("b", "pearson"), ("c", "spearman")] {
            result.measures.append(Self.measure("r", metric, metric == "pearson" ? 0.25 : 0.5, task: task))
        }
        let mixed = ResultTable(result)
        #expect(mixed.columns == ["a", "b", "c"] && mixed.rows[0].cells == [50, 25, 50])
        #expect(
            mixed.above == [
                "Spearman x 100 of cosine and gold score for a, c; Pearson x 100 of cosine and gold score for b; "
                    + "aggregation all; no mean Mean of spearman and pearson"
            ])
        let alike = ResultTable(result, metric: "spearman")
        #expect(alike.columns.last == "Mean" && alike.rows[0].cells == [50, 50, 50, 50])
        #expect(alike.above == ["Spearman x 100 of cosine and gold score; aggregation all"])
        // One that lacks the metric shows its own, and the head says so.
        let other = ResultTable(result, metric: "pearson")
        #expect(other.above[0].hasPrefix("Spearman x 100 of cosine and gold score for a, c; Pearson"))
    }

    @Test("Aggregation and correlation can be chosen")
    func choice() {
        var result = Self.small
        result.measures += [
            Self.measure("mean", "spearman", 0.25, slice: "wmean"),
            Self.measure("mean", "pearson", 0.75, slice: "wmean"),
        ]
        let text = ResultTable(result, aggregation: .wmean, metric: "pearson").rendered(as: .csv)
        #expect(text.contains("mean,run,75.0,\r\n"))
    }

    @Test("A score that is undefined is shown as that, with the reason")
    func undefined() {
        var result = ExperimentResult(name: "demo")
        result.runs = ["flat", "one", "bare"].map { RunRecord(name: $0) }
        result.tasks = [Samples.sts("STS-B")]
        result.measures = ["flat", "one", "bare"].map { Self.measure($0, "spearman", .nan) }
        result.items = [
            Samples.pairs("flat", "STS-B", [("all", 0, 1, 0.5), ("all", 1, 2, 0.5)]),
            Samples.pairs("one", "STS-B", [("all", 0, 1, 0.5)]),
        ]
        let table = ResultTable(result)
        #expect(table.rendered(as: .table).contains("flat  undefined"))
        #expect(
            table.below == [
                "flat: the spearman of STS-B is undefined: all cosines are equal",
                "one: the spearman of STS-B is undefined: a correlation takes two pairs or more, found 1",
                "bare: the spearman of STS-B is undefined: a score is NaN",
            ])
    }

    @Test("A result without scores is a table without columns")
    func empty() {
        #expect(ResultTable(ExperimentResult(name: "e")).rendered(as: .csv) == "run,kind\r\n")
        #expect(ResultTable(ExperimentResult(name: "e")).rendered(as: .table).contains("run\n"))
    }

    @Test(
        "Wide, combined and emoji characters take the room they have",
        arguments: [
            ("日本", 4), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("❤️", 2), ("–", 1), ("", 0),
            ("\u{1112}\u{1161}\u{11AB}", 2), ("क्षि", 3), ("กำ", 2), ("⌚\u{FE0E}", 2), ("🇩🇪", 2), ("🚀", 2), ("ｌａ", 4),
            ("a\u{200B}b", 2), ("𗀀", 2), ("カ\u{3099}", 2),
        ])
    func widths(text: String, width: Int) {
        #expect(displayWidth(text) == width)
    }

    @Test(
        "A name is cut where the terminal ends, whole characters of any width before an ellipsis, and no room is lost")
    func cut() {
        let names = ["日本語の文", "मूल प्रतिरूप", "👩‍👩‍👧 family 👨‍👧", "e\u{301}te\u{301} pooling", "last, layer -2", "🇩🇪🇫🇷 mean"]
        for name in names {
            let whole = displayWidth(name)
            #expect(name.cut(toWidth: whole) == name)
            for width in 1..<whole {
                let cut = name.cut(toWidth: width)
                #expect(displayWidth(cut) <= width && displayWidth(cut) >= width - 3 && cut.hasSuffix("…"), "\(cut)")
                #expect(name.hasPrefix(cut.dropLast()))
            }
        }
    }

    @Test("Rows whose names have wide, combining and joined characters line up")
    func aligned() {
        let names = ["a", "日本語", "e\u{301}", "👩‍👩‍👧", "क्षि", "ｌａ"]
        let lines = TextTable(header: ["run", "x"], rows: names.map { [$0, "1.00"] }).lines
        #expect(Set(lines.map(displayWidth)).count == 1, "\(lines)")
    }
}

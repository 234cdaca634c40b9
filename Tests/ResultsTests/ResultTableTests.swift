import Results
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
        result.scores = [
            ScoreRecord(run: "mean", task: "STS-B", spearman: 0.371, pearson: 0.5),
            ScoreRecord(run: "日本_&", task: "STS-B", spearman: 0.66661),
            ScoreRecord(run: "mean", task: "STS-B", subset: "2012", spearman: .nan),
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

    @Test("Runs that differ by their seed alone get the mean and the sample's deviation below the table, others don't")
    func seeds() {
        var result = ExperimentResult(name: "demo")
        let scores = [
            "pooling=last seed=1": 0.70, "pooling=last seed=2": 0.72, "pooling=mean seed=1": 0.5, "a": 0.6, "b": 0.6,
        ]
        for (name, score) in scores.sorted(by: { $0.key < $1.key }) {
            var run = RunRecord(name: name)
            run.seed = name.hasSuffix("2") || name == "b" ? 2 : 1
            run.pooling = name.contains("last") ? "last" : name.contains("mean") ? "mean" : "max"
            result.runs.append(run)
            result.scores.append(ScoreRecord(run: name, task: "STS-B", spearman: score))
        }
        result.runs.append(RunRecord(name: "untrained"))
        let lines = ResultTable(result).rendered(as: .table).split(separator: "\n").filter { $0.contains("±") }
        #expect(
            lines == [
                "mean ± deviation over 2 seeds: a / b: STS-B 60.00 ± 0.00",
                "mean ± deviation over 2 seeds: pooling=last: STS-B 71.00 ± 1.41",
            ])
    }

    @Test("The terminal's table is aligned by what characters take on the screen")
    func terminal() {
        #expect(
            ResultTable(Self.small).rendered(as: .table) == """
                demo
                Spearman x 100 of cosine and gold score; aggregation all

                run     STS-B  STS-B/2012
                ─────────────────────────
                mean    37.10         nan
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
                mean & 37.10 & nan \\\\
                日本\\_\\& & \\textbf{66.66} & -- \\\\
                \\midrule
                \\multicolumn{3}{l}{\\emph{published}} \\\\
                BeLLM & 88.89 & -- \\\\
                \\bottomrule
                \\end{tabular}
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
                | mean | 37.10 | nan |
                | 日本\\_& | 66.66 | – |
                | *published: BeLLM* | 88.89 | – |

                """))
    }

    @Test("CSV quotes commas, quotes and line breaks, and ends lines with CRLF")
    func csv() {
        var result = ExperimentResult(name: "c")
        result.scores = [ScoreRecord(run: "a, \"b\"\nc", task: "STS-B", spearman: 0.5)]
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
        #expect(!ResultTable(result, value: .pearson).rendered(as: .table).contains("difference: "))
    }

    @Test("Only the mean over all seven tasks is called Avg")
    func average() {
        var result = ExperimentResult(name: "")
        result.scores = ResultTable.suite.reversed().map { ScoreRecord(run: "r", task: $0, spearman: 0.5) }
        #expect(
            ResultTable(result).rendered(as: .csv).hasPrefix(
                "run,kind,STS12,STS13,STS14,STS15,STS16,STS-B,SICK-R,Avg\r\nr,run,50.0"))
        result.scores.removeLast()
        #expect(!ResultTable(result).rendered(as: .csv).contains("Avg"))
    }

    @Test("Aggregation and correlation can be chosen")
    func choice() {
        var result = Self.small
        result.scores.append(ScoreRecord(run: "mean", task: "STS-B", subset: "wmean", spearman: 0.25, pearson: 0.75))
        let text = ResultTable(result, aggregation: .wmean, value: .pearson).rendered(as: .csv)
        #expect(text.contains("mean,run,75.0,nan\r\n"))
    }

    @Test("A result without scores is a table without columns")
    func empty() {
        #expect(ResultTable(ExperimentResult(name: "e")).rendered(as: .csv) == "run,kind\r\n")
        #expect(ResultTable(ExperimentResult(name: "e")).rendered(as: .table).contains("run\n"))
    }

    @Test(
        "Wide, combined and emoji characters take the room they have",
        arguments: [("日本", 4), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("❤️", 2), ("–", 1), ("", 0)])
    func widths(text: String, width: Int) {
        #expect(displayWidth(text) == width)
    }
}

import Diagnostics
import Files
import Foundation
import FoundationXML
import Reports
import Results
import Tasks
import TestSupport
import Testing

@Suite("A report")
struct ReportTests {
    /// Two lines over the number of bidirectional layers, on a backbone of six.
    static var degradation: ExperimentResult {
        var result = ExperimentResult(name: "degradation")
        for pooling in ["last", "mean"] {
            for count in 0...6 {
                var run = RunRecord(name: "last \(count) \(pooling)")
                (run.pooling, run.layerCount, run.backbone) = (pooling, 6, "tiny")
                run.attentionPlan = count == 0 ? "none" : "last \(count)"
                run.bidirectionalLayers = Array(6 - count..<6)
                result.runs.append(run)
                let score = count < 5 ? 0.5 + Double(count) / 100 : -0.1
                result.measures.append(
                    measure(run.name, score, ConfidenceInterval(lower: score - 0.1, upper: score + 0.1)))
            }
        }
        return result
    }

    static func measure(
        _ run: String, _ value: Double, _ interval: ConfidenceInterval? = nil, task: String = "STS-B"
    ) -> MeasureRecord {
        MeasureRecord(
            run: run, Measure(task: task, metric: "spearman", value: value, interval: interval, count: 9))
    }

    /// Prompt by pooling, one combination missing.
    static var grid: ExperimentResult {
        var result = ExperimentResult(name: "grid")
        for prompt in ["plain", "prompteol", "word"] {
            for pooling in ["last", "mean", "first"] where !(prompt == "word" && pooling == "first") {
                var run = RunRecord(name: "\(prompt) \(pooling)")
                (run.prompt, run.pooling, run.normaliser) = (prompt, pooling, prompt == "plain" ? "none" : "prompteol")
                result.runs.append(run)
                result.measures.append(measure(run.name, Double(result.runs.count) / 20))
            }
        }
        return result
    }

    @Test("Any result is a page that an XML parser reads and that fetches nothing")
    func wellFormed() throws {
        for results in [[Samples.hostile], [Self.degradation, Self.grid], [ExperimentResult(name: "")], []] {
            let html = Report(results).html
            let page = try Page(html)
            #expect(page.elements.contains("main"))
            #expect(page.fetches.isEmpty, "\(page.fetches)")
            #expect(page.ids.count == Set(page.ids).count)
            #expect(page.missingReferences.isEmpty)
            #expect(html.ranges(of: "<script").count == 1 && !html.contains("@import") && !html.contains("url("))
            for run in results.flatMap(\.runs) { #expect(page.text.contains(run.name)) }
        }
    }

    @Test("Text of a result is never markup")
    func escaped() {
        let html = Report([Samples.hostile]).html
        #expect(!html.contains("<img") && !html.contains("\u{1}"))
        #expect(html.contains("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"))
    }

    @Test("No name of a result becomes an element, an attribute or a script, wherever it stands")
    func hostileNames() throws {
        let names = [
            "</script><script>alert(1)</script>", "\" onload=\"alert(1)", "' autofocus onfocus='alert(1)",
            "</style><svg/onload=alert(1)>",
            "--><iframe src=javascript:alert(1)>", "]]><img src=x>", "</title></svg><a href=javascript:alert(1)>x</a>",
            "&lt;b&gt; {{x}} ${x}",
        ]
        let plain = try Page(Report([Self.dressed(["a", "b", "c", "d", "e", "f", "g", "h"])]).html)
        let html = Report([Self.dressed(names)]).html
        let page = try Page(html)
        #expect(page.elements.sorted() == plain.elements.sorted())
        #expect(page.attributeNames == plain.attributeNames)
        #expect(page.fetches.isEmpty && !html.contains("javascript:alert(1)>x</a>"))
        for name in names { #expect(page.text.contains(name), "\(name)") }
    }

    /// A result in which names stand everywhere that names can.
    private static func dressed(_ names: [String]) -> ExperimentResult {
        var result = compared
        (result.name, result.provenance) = (
            names[0], [ProvenanceEntry("experiment_yaml", "description: '\(names[1].filter { $0 != "'" })'")]
        )
        for (index, name) in names.enumerated() {
            var run = RunRecord(name: name)
            (run.backbone, run.prompt, run.pooling, run.layerCount) = (
                name, name, index % 2 == 0 ? names[2] : names[3], 4
            )
            (run.attentionPlan, run.bidirectionalLayers, run.hiddenLayer) = (names[4], [3], index)
            (run.template, run.adapter, run.warnings) = (names[5], names[6], [names[7]])
            run.factors = [RunRecord.Factor(names[0], name), RunRecord.Factor("layer", String(index))]
            result.runs.append(run)
            result.measures.append(measure(name, Double(index) / 10))
            var row = TrainingTable.Row()
            row.loss = Double(index)
            result.training.append(TrainingTable(run: name, rows: [row, row]))
        }
        return result
    }

    @Test("The page's one script runs by its digest, and holds nothing that XML would read otherwise")
    func script() throws {
        let html = Report([Self.grid]).html
        let script = try #require(html.firstMatch(of: /<script>([^<]*)<\/script>/)?.output.1)
        #expect(!script.contains("&"))
        let digest = Data(SHA256Digest(of: String(script)).bytes).base64EncodedString()
        #expect(html.contains("script-src 'sha256-\(digest)'") && html.contains("default-src 'none'"))
    }

    @Test("The first screen says what was asked, when it was made, and what is in the page")
    func firstScreen() throws {
        var result = Self.grid
        result.provenance = [
            ProvenanceEntry("program", "bellm 9.9.9"), ProvenanceEntry("created", "2026-11-27T17:15:46Z"),
            ProvenanceEntry("experiment_yaml", "name: grid\ndescription: does <it> hold?\ntasks: [STS-B]\n"),
        ]
        let page = try Page(Report([result]).html)
        for text in ["created 2026-11-27 17:15 UTC by bellm 9.9.9", "does <it> hold?", "8 runs", "STS-B"] {
            #expect(page.text.contains(text), "\(text)")
        }
        let links = try #require(page.text.range(of: "Scores\nCombinations"))
        let heading = try #require(page.text.range(of: "best STS-B"))
        #expect(heading.lowerBound < links.lowerBound)
    }

    @Test("What came out is the best run, its difference to the baseline with interval and p, and what can't be told")
    func outcome() throws {
        let page = try Page(Report([Self.compared]).html)
        #expect(page.text.contains("best STS-B80.00close"))
        #expect(page.text.contains("Against the baseline, loose (30.00): +50.00 ["))
        #expect(page.text.contains("p = 0.002: more than chance explains."))
        #expect(page.text.contains("Not told from the best by the same test: twin."))
        #expect(page.text.contains("The baseline is the first run with a score; --baseline names another."))
    }

    @Test("The baseline is any run of a result, held against the second where it is the best itself")
    func baseline() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.compared.write(to: folder + "/a.h5")
            let page = try Page(Report(contentsOf: [folder + "/a.h5"], baseline: "close").html)
            #expect(page.text.contains("It is the baseline. Against the second, twin (79.99):"))
            #expect(page.text.contains("no more than chance explains.") && !page.text.contains("--baseline names"))
            let error = #expect(throws: Diagnostic.self) {
                try Report(contentsOf: [folder + "/a.h5"], baseline: "closer")
            }
            #expect(error?.description.contains("did you mean \"close\"?") == true)
        }
    }

    @Test("A baseline may be one of several seeds, whose own score and pairs are shown; a mean goes by both its names")
    func seedAsBaseline() throws {
        var result = Self.compared
        for index in 1...2 {
            (result.runs[index].methodID, result.runs[index].seed) = ("a", index)
            let old = result.runs[index].name
            result.runs[index].name = "tight seed=\(index)"
            result.measures[index].run = result.runs[index].name
            let place = try #require(result.items.firstIndex { $0.run == old })
            result.items[place] = ItemRecord(run: result.runs[index].name, task: "STS-B", result.items[place].table)
        }
        try Fixtures.withTemporaryFolder { folder in
            try result.write(to: folder + "/a.h5")
            func text(_ name: String) throws -> String {
                try Page(Report(contentsOf: [folder + "/a.h5"], baseline: name).html).text
            }
            let single = try text("tight seed=2")
            #expect(single.contains("Against the baseline, tight seed=2 (79.99"), "\(single.prefix(2000))")
            #expect(single.contains("STS-B: tight seed=2") && !single.contains("--baseline names"))
            for name in ["tight", "tight (2 seeds)"] { #expect(try text(name).contains("It is the baseline.")) }
            let error = #expect(throws: Diagnostic.self) { try text("tigth") }
            #expect(error?.message.hasSuffix("expected one of: loose, tight seed=1, tight seed=2, tight") == true)
        }
    }

    @Test("A file that several trainings read stands once, with what each takes of it")
    func files() throws {
        var result = Self.compared
        result.datasets = [8, 16, 8].map {
            DatasetRecord(task: "training on words", file: "~/w.txt", sha256: "ab", pairs: $0)
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.components(separatedBy: "~/w.txt").count == 2 && page.text.contains("8, 16"))
    }

    @Test("Without pairs nothing is tested; a single run has nothing to be held against; no run, no number")
    func untested() throws {
        #expect(try Page(Report([Self.grid]).html).text.contains("which the result holds too little to test"))
        var single = Self.grid
        single.runs.removeSubrange(1...)
        single.measures.removeSubrange(1...)
        #expect(try Page(Report([single]).html).text.contains("the only run with a score"))
        single.measures = [Self.measure(single.runs[0].name, .nan)]
        #expect(try Page(Report([single]).html).text.contains("STS-B: no run has a score."))
    }

    /// Three runs of which two are alike, with the pairs that tell.
    static var compared: ExperimentResult {
        var result = ExperimentResult(name: "compared")
        result.tasks = [TaskRecord(task: "STS-B", kind: STSTask.name, metric: "spearman")]
        let gold = (0..<40).map { Double($0 % 11) / 2 }
        for (name, score, noise) in [("loose", 0.3, 3.0), ("close", 0.8, 0.1), ("twin", 0.7999, 0.1001)] {
            result.runs.append(RunRecord(name: name))
            result.measures.append(measure(name, score))
            let cosines = gold.enumerated().map { tanh($1 / 5 + noise * sin(Double($0 * $0))) }
            let table = ItemTable(
                STSTask.items,
                [.text(gold.map { _ in "s" }), .integer(Array(0..<40)), .real(gold), .real(cosines)])
            result.items.append(ItemRecord(run: name, task: "STS-B", table))
        }
        return result
    }

    @Test("Runs over the number of bidirectional layers are a curve, its numbers, and where it turns")
    func curve() throws {
        let page = try Page(Report([Self.degradation]).html)
        #expect(page.text.contains("Score against the number of bidirectional layers"))
        // Chart, numbers and attention plans, each laid out for two widths.
        #expect(page.elements.count { $0 == "svg" } == 3 * 2)
        #expect(page.text.contains("54.00 at 4") && page.text.contains("-64.00 from 4 to 5"))
        // Bands, and a mark a run in the chart and in its legend.
        #expect(page.classes.count { $0.hasPrefix("band") } == 2 * 2)
        #expect(page.classes.count { $0.hasPrefix("marker") } == 2 * (14 + 2))
    }

    @Test(
        "Runs that differ by their seed are one point of a curve, their mean, and one colour of their training's curves"
    )
    func seeds() throws {
        var result = ExperimentResult(name: "seeds")
        for count in 0...4 {
            for seed in 1...3 {
                var run = RunRecord(name: "last \(count) seed \(seed)")
                (run.methodID, run.seed, run.layerCount) = ("\(count)", seed, 6)
                run.factors = [RunRecord.Factor("bidirectional", "last \(count)"), RunRecord.Factor("seed", "\(seed)")]
                (run.attentionPlan, run.bidirectionalLayers) = ("last \(count)", Array(6 - count..<6))
                result.runs.append(run)
                result.measures.append(Self.measure(run.name, Double(count) / 10 + Double(seed) / 100))
                var row = TrainingTable.Row()
                (row.step, row.loss) = (1, Double(count == 1 ? 0 : count) + Double(seed))
                result.training.append(TrainingTable(run: run.name, rows: [row, row]))
            }
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.contains("number of bidirectional layers, from the last 4, last 4 (3 seeds): 42.00"))
        // Without pairs there is nothing to draw an interval from, which is said of means too.
        #expect(page.text.contains("n/a: no interval, because"))
        #expect(page.text.contains("42.00 at 4"))
        // Four colours of loss: two methods trained alike.
        #expect(page.text.contains("last 0 (3 seeds) = last 1 (3 seeds)"))
        #expect(page.classes.count { $0.hasPrefix("curve") && $0.hasSuffix("thin") } == 2 * 4 * 3)
        #expect(!page.classes.contains("curve s4 thin"))
    }

    @Test(
        "Runs of one method that only the experiment's keys tell apart are lines of their own, and none where nothing does"
    )
    func otherFactors() throws {
        var result = ExperimentResult(name: "rates")
        for rate in ["1e-3", "1e-4"] {
            for count in 0...4 {
                var run = RunRecord(name: "\(rate) \(count)")
                (run.layerCount, run.attentionPlan) = (6, "last \(count)")
                run.bidirectionalLayers = Array(6 - count..<6)
                run.factors = [
                    RunRecord.Factor("train.learning_rate", rate), RunRecord.Factor("bidirectional", "\(count)"),
                ]
                result.runs.append(run)
                result.measures.append(Self.measure(run.name, Double(count) / 10))
            }
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.contains("train.learning_rate 1e-3") && page.text.contains("train.learning_rate 1e-4"))
        for index in result.runs.indices { result.runs[index].factors = [] }
        #expect(!(try Page(Report([result]).html).text.contains("Score against the number")))
    }

    @Test("Charts beside each other have one scale, and an axis without zero says so")
    func oneScale() throws {
        var result = ExperimentResult(name: "two tasks")
        result.runs = ["a", "b"].map { RunRecord(name: $0) }
        for (task, scores) in [("low", [0.41, 0.42]), ("high", [0.81, 0.88])] {
            result.tasks.append(TaskRecord(task: task, kind: STSTask.name, metric: "spearman"))
            for (run, score) in zip(["a", "b"], scores) { result.measures.append(Self.measure(run, score, task: task)) }
        }
        let text = try Page(Report([result]).html).text
        for task in ["low", "high"] { #expect(text.contains("\(task), score x 100 (axis from 40)"), "\(task)") }
    }

    @Test("Runs that combine two choices are a heat map, with a dash where one is missing")
    func heatMap() throws {
        let page = try Page(Report([Self.grid]).html)
        #expect(page.text.contains("Combinations"))
        #expect(page.classes.count { $0.hasPrefix("cell") } == 2 * 8)
        #expect(page.classes.count { $0 == "cell best" } == 2)
    }

    @Test(
        "Pairs are dots of the best run and the baseline, the worst named by subset and index; many are thinned, which is said"
    )
    func pairs() throws {
        let page = try Page(Report([Self.compared]).html)
        #expect(page.text.contains("Gold scores and cosines, pair by pair"))
        #expect(
            page.text.contains("STS-B: close") && page.text.contains("STS-B: loose")
                && !page.text.contains("STS-B: twin"))
        #expect(page.classes.count { $0 == "dots s0" } == 2 * 2)
        #expect(page.text.contains("farthest apart in rank") && page.text.contains("1. s #"))
        var many = Self.compared
        let count = 4000
        let gold = (0..<count).map { Double($0 % 6) }
        var cosines = gold.map { $0 / 5 }
        // The last but one of gold 5 has the lowest cosine; its neighbour has none.
        (cosines[3995], cosines[3989]) = (-0.5, .nan)
        many.items = [
            ItemRecord(
                run: "close", task: "STS-B",
                ItemTable(
                    STSTask.items,
                    [.text(gold.map { _ in "STS-B" }), .integer(Array(0..<count)), .real(gold), .real(cosines)]))
        ]
        let thinned = try Page(Report([many]).html)
        #expect(thinned.text.contains("1500 of 3999 pairs, evenly spaced, 1 without a finite score left out"))
        #expect(thinned.text.contains("1. #3995: gold 5, cosine -0.50"))
    }

    @Test("Attention plans are a picture where some layer is bidirectional, a row a plan")
    func plans() throws {
        let page = try Page(Report([Self.degradation]).html)
        #expect(page.text.contains("Attention plans"))
        #expect(page.classes.count { $0 == "layer both" } == 2 * (1 + 2 + 3 + 4 + 5 + 6))
        #expect(page.classes.count { $0 == "layer" } == 2 * (6 + 5 + 4 + 3 + 2 + 1))
        #expect(page.text.contains("last 3: both directions in 3–5"))
        #expect(!(try Page(Report([Self.grid]).html).text.contains("Attention plans")))
    }

    @Test("Hidden layer and dimensions that are combined are a map in the order of their numbers")
    func layersByDimensions() throws {
        var result = ExperimentResult(name: "both")
        for layer in [3, 0, 1, 2] {
            for dimensions in [64, 8, 16, 32] where layer != 2 || dimensions != 8 {
                var run = RunRecord(name: "layer \(layer) of \(dimensions)")
                (run.hiddenLayer, run.dimensions, run.layerCount) = (layer, dimensions, 3)
                result.runs.append(run)
                result.measures.append(Self.measure(run.name, Double(layer) / 10 + Double(dimensions) / 1000))
            }
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.contains("dimensions compared, from the first"))
        let start = try #require(page.text.range(of: "Combinations", options: .backwards))
        let map = page.text[start.upperBound...]
        let cells = ["0.80", "1.60", "3.20", "6.40", "10.80", "36.40"].compactMap { map.range(of: $0)?.lowerBound }
        #expect(cells.count == 6 && cells == cells.sorted())
        // A combination that wasn't measured is a dash, not a zero.
        #expect(map.contains("–"))
    }

    @Test("The best of each column is bold, with its interval; a missing interval is said to be missing")
    func best() {
        #expect(
            Report([Self.degradation]).html.contains("<strong>54.00</strong><span class=\"interval\">[44.00, 64.00]"))
        let grid = Report([Self.grid]).html
        #expect(grid.contains("<span class=\"interval\">n/a</span>") && grid.contains("n/a: no interval, because"))
    }

    @Test("A published row stands beside its run, with the difference and the reasons")
    func published() throws {
        var result = Self.grid
        var row = PublishedRow(
            paper: "p", name: "R", backbone: "LLaMA", trained: "NLI", source: "S",
            scores: [PublishedRow.TaskScore("STS-B", 50)])
        (row.run, row.differences, row.text) = ("plain mean", ["a padded batch"], "senteval")
        result.published = [row]
        let page = try Page(Report([result]).html)
        for text in ["measured: plain mean", "-40.00", "a padded batch", "another backbone: LLaMA", "trained on NLI"] {
            #expect(page.text.contains(text), "\(text)")
        }
    }

    @Test("A report is not written over one of its results, by whatever name")
    func input() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/a.h5"
            try Self.grid.write(to: path)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.createSymbolicLink(atPath: folder + "/link.html", withDestinationPath: "a.h5")
            try FileManager.default.linkItem(atPath: path, toPath: folder + "/hard.html")
            let report = try Report(contentsOf: [path])
            for name in ["a.h5", "link.html", "hard.html", "./a.h5"] {
                #expect(throws: Diagnostic.self) { try report.write(to: folder + "/" + name) }
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            try report.write(to: folder + "/report.html")
            #expect(try String(contentsOfFile: folder + "/report.html", encoding: .utf8) == report.html)
        }
    }
}

/// Results that a careless writer would break.
enum Samples {
    static var hostile: ExperimentResult {
        let name = "<img src=x onerror=\"alert(1)\"> & ü 🍎"
        var result = ExperimentResult(name: name)
        var run = RunRecord(name: name)
        run.template = "</td></table><script>{text}</script>"
        run.warnings = ["]]> \u{1} --> &amp;"]
        result.runs = [run]
        result.measures = [
            ReportTests.measure(name, .nan, task: "<b>"), ReportTests.measure(name, 1, task: "t"),
        ]
        result.provenance = [ProvenanceEntry("y\"<", "a: 1\n</pre><script>"), ProvenanceEntry("empty", "")]
        result.leftOut = [LeftOutTask(task: "<i>")]
        return result
    }
}

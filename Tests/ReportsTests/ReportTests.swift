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
    @Test("Any result is a page that an XML parser reads and that fetches nothing")
    func wellFormed() throws {
        for results in [[Samples.hostile], [Samples.degradation, Samples.grid], [ExperimentResult(name: "")], []] {
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
        var result = Samples.compared
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
            result.measures.append(Samples.measure(name, Double(index) / 10))
            var row = TrainingTable.Row()
            row.loss = Double(index)
            result.training.append(TrainingTable(run: name, rows: [row, row]))
        }
        return result
    }

    @Test("The page's one script runs by its digest, and holds nothing that XML would read otherwise")
    func script() throws {
        let html = Report([Samples.grid]).html
        let script = try #require(html.firstMatch(of: /<script>([^<]*)<\/script>/)?.output.1)
        #expect(!script.contains("&"))
        let digest = Data(SHA256Digest(of: String(script)).bytes).base64EncodedString()
        #expect(html.contains("script-src 'sha256-\(digest)'") && html.contains("default-src 'none'"))
    }

    @Test("The first screen says what was asked, when it was made, and what is in the page")
    func firstScreen() throws {
        var result = Samples.grid
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
        let page = try Page(Report([Samples.compared]).html)
        #expect(page.text.contains("best STS-B80.00close"))
        #expect(page.text.contains("Against the baseline, loose (30.00): +50.00 ["))
        #expect(page.text.contains("p = 0.002: more than chance explains."))
        #expect(page.text.contains("Not told from the best by the same test: twin."))
        #expect(page.text.contains("The baseline is the first run with a score; --baseline names another."))
    }

    @Test("The baseline is any run of a result, held against the second where it is the best itself")
    func baseline() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Samples.compared.write(to: folder + "/a.h5")
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
        var result = Samples.compared
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
        var result = Samples.compared
        result.datasets = [8, 16, 8].map {
            DatasetRecord(task: "training on words", file: "~/w.txt", sha256: "ab", pairs: $0)
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.components(separatedBy: "~/w.txt").count == 2 && page.text.contains("8, 16"))
    }

    @Test("Without pairs nothing is tested; a single run has nothing to be held against; no run, no number")
    func untested() throws {
        #expect(try Page(Report([Samples.grid]).html).text.contains("which the result holds too little to test"))
        var single = Samples.grid
        single.runs.removeSubrange(1...)
        single.measures.removeSubrange(1...)
        #expect(try Page(Report([single]).html).text.contains("the only run with a score"))
        single.measures = [Samples.measure(single.runs[0].name, .nan)]
        #expect(try Page(Report([single]).html).text.contains("STS-B: no run has a score."))
    }

    @Test("The best of each column is bold, with its interval; a missing interval is said to be missing")
    func best() {
        #expect(
            Report([Samples.degradation]).html.contains("<strong>54.00</strong><span class=\"interval\">[44.00, 64.00]")
        )
        let grid = Report([Samples.grid]).html
        #expect(grid.contains("<span class=\"interval\">n/a</span>") && grid.contains("n/a: no interval, because"))
    }

    @Test("A published row stands beside its run, with the difference and the reasons")
    func published() throws {
        var result = Samples.grid
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
            try Samples.grid.write(to: path)
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

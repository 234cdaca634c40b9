import Tasks
import Diagnostics
import Foundation
import Results
import TestSupport
import Testing

@Suite("A comparison of two runs")
struct RunComparisonTests {
    static func table(
        _ task: String, count: Int = 60, noise: Double, gold: (Int) -> Double = { Double($0 % 11) / 2 },
        index: (Int) -> Int = { $0 }
    ) -> ItemRecord {
        Samples.pairs(
            "r", task,
            (0..<count).map { row in
                ("s", index(row), gold(row), tanh(gold(row) / 5 + noise * sin(Double(row * row))))
            })
    }

    /// Predictions of a classifier, of which the first are right.
    static func predictions(_ task: String, right: Int) -> ItemRecord {
        let gold = (0..<80).map { $0 % 3 == 0 ? "1" : "0" }
        let predicted = gold.enumerated().map { $0 < right ? $1 : $1 == "1" ? "0" : "1" }
        return ItemRecord(
            run: "r", task: task,
            ItemTable(
                TransferTask.items,
                [
                    .integer(Array(0..<80)), .integer((0..<80).map { $0 % 10 }), .text(gold), .text(predicted),
                    .integer(gold.map { $0 == "1" ? 1 : 0 }),
                ]))
    }

    static func run(_ name: String, _ tables: [ItemRecord]) -> ComparedRun {
        ComparedRun(path: "\(name).h5", name: "r", tables: tables)
    }

    static let quick = Bootstrap(resamples: 500, seed: 7)

    @Test("Files that differ between the two are told first: the texts may be others under the same scores")
    func otherFiles() throws {
        var (a, b) = (Self.run("a", [Self.table("X", noise: 1)]), Self.run("b", [Self.table("X", noise: 0)]))
        (a.contents, b.contents) = (["X": ["1", "2"]], ["X": ["2", "1"]])
        #expect(try RunComparison(a, b, bootstrap: Self.quick).warnings.isEmpty)
        b.contents = ["X": ["1", "3"]]
        let comparison = try RunComparison(a, b, bootstrap: Self.quick)
        #expect(comparison.warnings == ["A and B read other files of X: texts may differ, not runs alone"])
        for format in [ResultTable.Format.table, .markdown, .latex, .json] {
            #expect(comparison.rendered(as: format).contains("A and B read other files of X"))
        }
    }

    @Test("A line a common task and their average, with the difference's sign that of B less A")
    func lines() throws {
        let a = Self.run(
            "a", [Self.table("STS12", noise: 1), Self.table("X", noise: 0), Self.table("STS-B", noise: 1)])
        let b = Self.run("b", [Self.table("STS-B", noise: 0.1), Self.table("STS12", noise: 0.2)])
        let comparison = try RunComparison(a, b, bootstrap: Self.quick)
        #expect(comparison.lines.map(\.task) == ["STS12", "STS-B", "Avg"])
        #expect(comparison.leftOut == ["X"])
        for line in comparison.lines {
            #expect(line.change.difference == line.second - line.first)
            #expect(line.change.difference > 0 && line.change.interval.lower > 0)
            #expect(line.change.interval.lower < line.change.difference)
            #expect(line.change.interval.upper > line.change.difference)
            #expect(abs(line.change.pValue - 2.0 / 501) < 1e-12)
            #expect(line.firstInterval.lower < line.first && line.first < line.firstInterval.upper)
        }
        let average = try #require(comparison.lines.last)
        #expect(abs(average.first - (comparison.lines[0].first + comparison.lines[1].first) / 2) < 1e-12)
        #expect(comparison.text.contains("not compared, in one of the runs only: X"))
        #expect(comparison.text.contains("4.0e-03") || comparison.text.contains("0.004"))
    }

    @Test("Of several seeds the means are compared, and the seeds drawn as well: their scatter widens the interval")
    func seeds() throws {
        var result = ResultTableTests.noisy([
            ("even seed=1", "a", 1, 0.4), ("even seed=2", "a", 2, 0.41), ("odd seed=1", "b", 1, 0.1),
            ("odd seed=2", "b", 2, 1.5), ("alone", "c", -1, 0.4),
        ])
        result.name = "demo"
        try Fixtures.withTemporaryFolder { folder in
            try result.write(to: folder + "/r.h5")
            func side(_ name: String) throws -> ComparedRun { try RunReference("\(folder)/r.h5:\(name)").load() }
            let line = try RunComparison(side("even"), side("odd"), bootstrap: Self.quick).lines[0]
            let scores = result.measures.map(\.measure.value)
            #expect(abs(line.first - (scores[0] + scores[1]) / 2) < 1e-12)
            #expect(abs(line.second - (scores[2] + scores[3]) / 2) < 1e-12)
            let single = try RunComparison(side("alone"), side("odd seed=1"), bootstrap: Self.quick).lines[0]
            func width(_ interval: ConfidenceInterval) -> Double { interval.upper - interval.lower }
            #expect(width(line.secondInterval) > 3 * width(single.secondInterval))
            #expect(
                try RunComparison(side("even"), side("odd"), bootstrap: Self.quick).text.contains("r.h5:odd (2 seeds)"))
            let error = #expect(throws: Diagnostic.self) { try RunReference(folder + "/r.h5").load() }
            #expect(error?.message.contains("or of one that several seeds share: \"even seed=1\"") == true)
        }
    }

    @Test("A comparison has every format, with the same numbers")
    func formats() throws {
        let a = Self.run("a_b", [Self.table("STS12", noise: 1), Self.table("STS-B", noise: 1)])
        let b = Self.run("c|d", [Self.table("STS12", noise: 0.2), Self.table("STS-B", noise: 0.1)])
        let comparison = try RunComparison(a, b, bootstrap: Self.quick)
        let (line, number) = (comparison.lines[1], { (value: Double) in String(100 * value) })
        let csv = comparison.rendered(as: .csv).components(separatedBy: "\r\n")
        #expect(csv[0] == "task,metric,items,a,a_low,a_high,b,b_low,b_high,difference,low,high,p" && csv.count == 5)
        #expect(csv[2].hasPrefix("STS-B,spearman,\(line.count),\(number(line.first)),"))
        let json = try JSONSerialization.jsonObject(with: Data(comparison.rendered(as: .json).utf8)) as? [String: Any]
        let tasks = try #require(json?["tasks"] as? [[String: Any]])
        #expect(tasks[1]["difference"] as? Double == 100 * line.change.difference && tasks.count == 3)
        let markdown = comparison.rendered(as: .markdown)
        #expect(markdown.contains("| task | pairs | A |") && markdown.contains("c\\|d.h5:r"))
        let latex = comparison.rendered(as: .latex)
        #expect(
            latex.contains("\\caption{A: a\\_b.h5:r; B: c\\textbar{}d.h5:r.")
                && latex.contains("STS-B & \(line.count) &"))
        #expect(comparison.rendered(as: .table) == comparison.text + "\n")
    }

    @Test("Accuracy is compared as correlations are: from the same resamples of the tested examples")
    func accuracy() throws {
        let a = Self.run("a", [Self.predictions("MR", right: 40), Self.table("STS-B", noise: 1)])
        let b = Self.run("b", [Self.predictions("MR", right: 60), Self.table("STS-B", noise: 1)])
        let comparison = try RunComparison(a, b, bootstrap: Self.quick)
        #expect(comparison.lines.map(\.task) == ["MR", "STS-B"])
        let line = comparison.lines[0]
        #expect(line.metric == "accuracy" && line.first == 0.5 && line.second == 0.75 && line.count == 80)
        #expect(line.change.interval.lower > 0.1 && line.change.interval.upper < 0.4)
        #expect(line.change.pValue < 0.01)
        #expect(comparison.text.contains("accuracy x 100 of logistic regression for MR"))
        #expect(!comparison.text.contains("Avg"), "there is no mean of one task a metric")
        let mixed = Self.run("c", [Self.table("MR", noise: 1)])
        #expect(throws: Diagnostic.self) { try RunComparison(a, mixed, bootstrap: Self.quick) }
    }

    @Test("A quick look says so, and its average is marked; items are called what they are")
    func limited() throws {
        func side(_ name: String, limit: Int?) -> ComparedRun {
            var run = Self.run(name, [Self.predictions("MR", right: 50), Self.predictions("CR", right: 60)])
            run.limit = limit
            return run
        }
        let quick = try RunComparison(side("a", limit: 80), side("b", limit: 80), bootstrap: Self.quick)
        #expect(quick.lines.map(\.task) == ["MR", "CR", "Avg (limited)"])
        let look = "quick look: scores of only 80 of MR, 80 of CR; not comparable with others"
        for format in [ResultTable.Format.table, .markdown, .latex, .json] {
            #expect(quick.rendered(as: format).contains(look), "\(format)")
        }
        #expect(quick.text.contains("500 resamples of the examples") && !quick.text.contains("pairs"))
        #expect(quick.text.contains("\ntask           examples  "), "\(quick.text)")
        let whole = try RunComparison(side("a", limit: nil), side("b", limit: nil), bootstrap: Self.quick)
        #expect(whole.text.contains("over all examples of a task") && !whole.text.contains("quick look"))
        let pairs = Self.run("c", [Self.table("STS-B", noise: 1), Self.predictions("MR", right: 9)])
        #expect(
            try RunComparison(pairs, pairs, bootstrap: Self.quick).text.contains("resamples of the pairs and examples"))
    }

    @Test("A run compared with itself has no difference, an interval of nothing and p = 1")
    func itself() throws {
        let a = Self.run("a", [Self.table("STS-B", noise: 1)])
        let line = try #require(try RunComparison(a, a, bootstrap: Self.quick).lines.first)
        #expect(line.change.difference == 0)
        #expect(line.change.interval == ConfidenceInterval(lower: 0, upper: 0))
        #expect(line.change.pValue == 1)
        #expect(line.firstInterval == line.secondInterval)
    }

    @Test("Where a resample of few items has no score, the text says n/a and why")
    func fewItems() throws {
        let comparison = try RunComparison(
            Self.run("a", [Self.table("few", count: 3, noise: 0)]),
            Self.run("b", [Self.table("few", count: 3, noise: 1)]),
            bootstrap: Self.quick)
        #expect(!comparison.text.contains("nan") && comparison.text.contains("  n/a"))
        #expect(comparison.text.contains("\nn/a: no interval, because a resample of so few items has no score"))
    }

    @Test("Other pairs are refused: another count, another gold score, another row")
    func otherPairs() throws {
        let a = Self.run("a", [Self.table("STS-B", noise: 1)])
        let moved = Self.table("STS-B", noise: 1, index: { $0 == 3 ? 99 : $0 })
        let cases = [
            (Self.table("STS-B", count: 59, noise: 1), "a.h5:r has 60, b.h5:r has 59"),
            (Self.table("STS-B", noise: 1, gold: { $0 == 2 ? 4.5 : Double($0 % 11) / 2 }), "row 2"),
            (moved, "index 99"),
        ]
        for (table, words) in cases {
            let error = try #require(throws: Diagnostic.self) { try RunComparison(a, Self.run("b", [table])) }
            #expect(error.message.contains(words), "\(error)")
            #expect(error.message.contains("STS-B"))
        }
    }

    @Test("Runs without a common task are refused with the tasks of both")
    func nothingInCommon() throws {
        let a = Self.run("a", [Self.table("STS12", noise: 1)])
        for other in [[], [Self.table("STS13", noise: 1)]] {
            let error = try #require(throws: Diagnostic.self) { try RunComparison(a, Self.run("b", other)) }
            #expect(error.message.contains("STS12"))
            #expect(error.message.contains(other.first?.task ?? "none"))
        }
    }

    @Test("A reference is a file and a run, with colons in either")
    func references() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["a.h5", "b:c.h5"] {
                try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            let cases: [(String, String, String?)] = [
                ("a.h5", "a.h5", nil), ("a.h5:run", "a.h5", "run"), ("a.h5:run: one", "a.h5", "run: one"),
                ("b:c.h5", "b:c.h5", nil), ("b:c.h5:x", "b:c.h5", "x"), ("absent.h5:x", "absent.h5", "x"),
                ("absent.h5", "absent.h5", nil), ("a.h5:", "a.h5", ""),
            ]
            for (text, path, run) in cases {
                let reference = RunReference("\(folder)/\(text)")
                #expect(reference.path == "\(folder)/\(path)")
                #expect(reference.run == run)
            }
        }
    }

    @Test("A run must be named where there are several, and a wrong name gets the nearest")
    func runNames() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/two.h5"
            try Samples.full.write(to: path)
            let several = try #require(throws: Diagnostic.self) { try RunReference(path).load() }
            #expect(several.message.contains("\"mean\", \"a/b %2F 🍎\""))
            let wrong = try #require(throws: Diagnostic.self) { try RunReference(path + ":meen").load() }
            #expect(wrong.suggestion == "did you mean \"mean\"?")
            #expect(try RunReference(path + ":mean").load().tables.map(\.task).sorted() == ["A task", "STS-B", "x/y"])
            var one = Samples.full
            one.runs.removeLast()
            try one.write(to: path)
            #expect(try RunReference(path).load().name == "mean")
            one.runs = []
            try one.write(to: path)
            #expect(throws: Diagnostic.self) { try RunReference(path).load() }
        }
    }
}

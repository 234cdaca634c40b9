import Foundation
import Results
import Tasks
import TestSupport
import Testing

/// `bellm compare` and `bellm report` on results that were written before.
struct ReportTests {
    /// Two runs on forty pairs of STS-B; the second follows the gold scores more closely.
    private static var result: ExperimentResult {
        var result = ExperimentResult(name: "two <runs>")
        result.tasks = [TaskRecord(task: "STS-B", kind: STSTask.name, metric: "spearman")]
        for (name, noise) in [("loose & early", 2.0), ("close", 0.1)] {
            var run = RunRecord(name: name)
            (run.backbone, run.pooling, run.template) = ("tiny", name == "close" ? "mean" : "last", "{text}")
            result.runs.append(run)
            result.measures.append(
                MeasureRecord(
                    run: name,
                    Measure(task: "STS-B", metric: "spearman", value: name == "close" ? 0.9 : 0.3, count: 40)))
            let gold = (0..<40).map { Double($0 % 11) / 2 }
            let cosines = gold.enumerated().map { tanh($1 / 5 + noise * sin(Double($0 * $0))) }
            let table = ItemTable(
                STSTask.items,
                [.text(gold.map { _ in "s" }), .integer(Array(0..<40)), .real(gold), .real(cosines)])
            result.items.append(ItemRecord(run: name, task: "STS-B", table))
        }
        return result
    }

    private func withResult(_ check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.result.write(to: folder + "/two.h5")
            try check(folder)
        }
    }

    @Test("`bellm compare` prints both runs, their difference, its interval and p, the same each time")
    func compare() throws {
        try withResult { folder in
            let arguments = ["compare", "two.h5:loose & early", "two.h5:close", "--resamples", "500"]
            let outcome = try Program.run(arguments, in: folder)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.prefix(2) == ["A: two.h5:loose & early", "B: two.h5:close"])
            let scores = try #require(lines.first { $0.hasPrefix("STS-B") })
            #expect(scores.contains("  40  ") && scores.contains("  +"))
            #expect(scores.hasSuffix("0.004"))
            #expect(outcome.output.contains("500 resamples"))
            #expect(try Program.run(arguments, in: folder).output == outcome.output)
            let other = try Program.run(arguments + ["--seed", "5"], in: folder)
            #expect(other.status == 0 && other.output != outcome.output)
        }
    }

    @Test("Results stand in any place among the options; an option that a format has no use for is refused")
    func options() throws {
        try withResult { folder in
            try FileManager.default.copyItem(atPath: folder + "/two.h5", toPath: folder + "/three.H5")
            try FileManager.default.copyItem(atPath: folder + "/two.h5", toPath: folder + "/bare")
            let straight = try Program.run(
                ["show", "two.h5", "--columns", "STS-B", "--where", "pooling=last"], in: folder)
            #expect(straight.status == 0 && straight.output.contains("loose"))
            for command in [
                ["show", "--columns", "STS-B", "two.h5", "--where", "pooling=last"],
                ["show", "--where", "pooling=last", "two.h5", "--columns", "STS-B"],
                ["show", "--where", "pooling=last", "--columns", "STS-B", "bare"],
            ] {
                let outcome = try Program.run(command, in: folder)
                #expect(outcome.output == straight.output, "\(command): \(outcome.errors)")
            }
            let two = try Program.run(["show", "two.h5", "--columns", "STS-B", "three.H5"], in: folder)
            #expect(two.output.contains("\ntwo ") && two.output.contains("\nthree "), "\(two.errors)")
            let plot = try Program.run(
                ["plot", "--kind", "intervals", "-o", "f.svg", "--columns", "STS-B", "two.h5"], in: folder)
            #expect(plot.status == 0, "\(plot.errors)")
            for (arguments, message) in [
                (["show", "two.h5", "--caption", "x"], "--caption is for --format latex"),
                (["show", "two.h5", "--label", "x", "--format", "csv"], "--label is for --format latex"),
                (["show", "two.h5", "--raw-cells"], "--raw-cells is for CSV"),
                (["show", "two.h5", "--decimals", "3", "--format", "json"], "--decimals is not for --format json"),
                (["compare", "two.h5:close", "two.h5:close", "--raw-cells"], "--raw-cells is for CSV"),
                (["--limit", "5", "run", "x"], "--limit stands before the command"),
                (["report", "two.h5", "--baseline", "clos"], "expected one of: loose & early, close; did you mean"),
                (["report", "two.h5", "--output", "x.pdf"], "x.pdf: cannot write here: the name ends in .pdf"),
            ] {
                let outcome = try Program.run(arguments, in: folder)
                #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }

    @Test("`bellm compare` says which runs there are, and refuses too few resamples")
    func compareMistakes() throws {
        try withResult { folder in
            let cases: [([String], String)] = [
                (["two.h5", "two.h5:close"], "expected the name of one of its 2 runs"),
                (["two.h5:closed", "two.h5:close"], "did you mean \"close\"?"),
                (["absent.h5:a", "two.h5:close"], "absent.h5"),
                (["two.h5:close", "two.h5:close", "--resamples", "5"], "expected 100 to 10000000, found 5"),
            ]
            for (arguments, message) in cases {
                let outcome = try Program.run(["compare"] + arguments, in: folder)
                #expect(outcome.status != 0 && outcome.output.isEmpty)
                #expect(outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }

    @Test("`bellm report` writes one well-formed page with each run in it, and fetches nothing")
    func report() throws {
        try withResult { folder in
            var second = Self.result
            second.name = "another"
            try second.write(to: folder + "/another.h5")
            let outcome = try Program.run(["report", "two.h5", "another.h5", "--output", "out/page.html"], in: folder)
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
            #expect(outcome.errors == "written: out/page.html\n")
            let html = try String(contentsOfFile: folder + "/out/page.html", encoding: .utf8)
            let page = try Page(html)
            #expect(page.fetches.isEmpty && !html.contains("://") && !html.contains("url("))
            for text in ["loose & early", "close", "two <runs>", "another"] { #expect(page.text.contains(text)) }
            #expect(page.elements.contains("svg") && page.elements.count { $0 == "article" } == 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/out") == ["page.html"])
        }
    }

    @Test("`bellm report` leaves its results, and what stands at the output, as they are where it fails")
    func reportMistakes() throws {
        try withResult { folder in
            try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/old.html"))
            let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/two.h5"))
            let cases: [([String], String)] = [
                (["two.h5", "--output", "./two.h5"], "cannot write here: the command reads this file, as two.h5"),
                (["two.h5", "absent.h5", "--output", "old.html"], "absent.h5"),
                (["old.html", "--output", "old.html"], "old.html"),
                (["--output", "old.html"], "Missing expected argument"),
            ]
            for (arguments, message) in cases {
                let outcome = try Program.run(["report"] + arguments, in: folder)
                #expect(outcome.status != 0)
                #expect(outcome.errors.contains(message), "\(outcome.errors)")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/two.h5")) == before)
            #expect(try String(contentsOfFile: folder + "/old.html", encoding: .utf8) == "old")
        }
    }
}

import Files
import Foundation
import Reports
import Results
import Tasks
import TestSupport
import Testing

/// `bellm plot` on results that were written before.
struct PlotTests {
    private static let hasConverter = ChildProcess.path(of: "rsvg-convert") != nil

    /// Six hidden layers of two prompts, with pairs, and a training.
    private static var result: ExperimentResult {
        var result = ExperimentResult(name: "layers </svg> & more")
        result.tasks = [TaskRecord(task: "STS-B", kind: STSTask.name, metric: "spearman")]
        let gold = (0..<40).map { Double($0 % 11) / 2 }
        for prompt in ["plain", "a <b>"] {
            for layer in 0..<6 {
                var run = RunRecord(name: "\(prompt) layer \(layer)")
                (run.prompt, run.hiddenLayer, run.layerCount) = (prompt, layer, 6)
                result.runs.append(run)
                result.measures.append(
                    MeasureRecord(
                        run: run.name,
                        Measure(
                            task: "STS-B", metric: "spearman", value: Double(layer) / 10,
                            interval: ConfidenceInterval(lower: 0, upper: 0.9), count: 40)))
                let cosines = gold.enumerated().map { tanh($1 / 5 + sin(Double($0 * $0))) }
                let table = ItemTable(
                    STSTask.items,
                    [.text(gold.map { _ in "head&lines" }), .integer(Array(0..<40)), .real(gold), .real(cosines)])
                result.items.append(ItemRecord(run: run.name, task: "STS-B", table))
            }
        }
        let rows = (1...300).map { step in
            var row = TrainingTable.Row()
            (row.step, row.loss) = (step, 1 / Double(step))
            return row
        }
        result.training = [TrainingTable(run: "plain layer 5", rows: rows)]
        return result
    }

    private func withResult(_ check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.result.write(to: folder + "/r.h5")
            try check(folder)
        }
    }

    @Test(
        "Each kind is an SVG document with its colours inside, that any XML parser reads", arguments: Plot.Kind.allCases
    )
    func svg(_ kind: Plot.Kind) throws {
        try withResult { folder in
            for width in Plot.Width.allCases {
                let outcome = try Program.run(
                    ["plot", "r.h5", "--kind", kind.rawValue, "-o", "f.svg", "--width", width.rawValue], in: folder)
                #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors == "written: f.svg\n")
                let text = try String(contentsOfFile: folder + "/f.svg", encoding: .utf8)
                let page = try Page(text)
                #expect(page.elements.first == "svg" && page.fetches.isEmpty && page.text.contains("</svg> & more"))
                #expect(!text.contains("var(") && !text.contains("prefers-color-scheme"))
                #expect(page.elements.contains { ["path", "circle", "rect"].contains($0) })
            }
        }
    }

    @Test("Long trainings are means over steps, which is said; a scatter names the pairs that are farthest apart")
    func facts() throws {
        try withResult { folder in
            var outcome = try Program.run(["plot", "r.h5", "--kind", "curves", "-o", "f.svg"], in: folder)
            #expect(outcome.status == 0)
            #expect(
                try String(contentsOfFile: folder + "/f.svg", encoding: .utf8).contains("a point the mean of 2 steps"))
            outcome = try Program.run(
                ["plot", "r.h5", "--kind", "scatter", "--run", "plain layer 2", "-o", "f.svg"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let text = try Page(String(contentsOfFile: folder + "/f.svg", encoding: .utf8)).text
            #expect(
                text.contains("farthest apart in rank") && text.contains(/1\. head&lines #\d+: gold [\d.]+, cosine/))
            #expect(text.contains("STS-B: A dot a pair") == false && text.contains("A dot a pair: 40 pairs."))
        }
    }

    @Test("What can't be drawn is one line that says what can, and what stood there stays")
    func refusals() throws {
        try withResult { folder in
            var untrained = Self.result
            (untrained.training, untrained.items) = ([], [])
            try untrained.write(to: folder + "/u.h5")
            try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/old.svg"))
            let cases: [([String], String)] = [
                (["u.h5", "--kind", "curves", "-o", "f.svg"], "kinds that it has: intervals, layers, heatmap"),
                (["u.h5", "--kind", "scatter", "-o", "f.svg"], "it holds no scores of sentence pairs"),
                (
                    ["absent.h5", "--kind", "layers", "-o", "f.gif"],
                    "expected a file that ends in .svg, .pdf, .png, found .gif"
                ),
                (["absent.h5", "--kind", "layers", "-o", "-"], "found no ending"),
                (["absent.h5", "--kind", "layers", "-o", "f.svg"], "absent.h5"),
                (["r.h5", "--kind", "layers", "-o", "old.svg"], "old.svg: cannot write here: expected an SVG drawing"),
                (["r.h5", "--kind", "scatter", "--run", "plain layer 9", "-o", "f.svg"], "did you mean"),
                (["r.h5", "--kind", "layers", "--columns", "STS-C", "-o", "f.svg"], "did you mean \"STS-B\"?"),
                (["r.h5", "--kind", "layers", "--run", "plain layer 1", "-o", "f.svg"], "--run is for --kind scatter"),
                (["r.h5", "--kind", "pie", "-o", "f.svg"], "pie"),
            ]
            for (arguments, message) in cases {
                let outcome = try Program.run(["plot"] + arguments, in: folder)
                #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
            }
            #expect(try String(contentsOfFile: folder + "/old.svg", encoding: .utf8) == "old")
            #expect(!FileManager.default.fileExists(atPath: folder + "/f.svg"))
        }
    }

    @Test("A result is not replaced by its drawing, whatever it is called")
    func input() throws {
        try withResult { folder in
            let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/r.h5"))
            symlink("r.h5", folder + "/soft.svg")
            #expect(link(folder + "/r.h5", folder + "/hard.svg") == 0)
            for name in ["soft.svg", "hard.svg"] {
                let outcome = try Program.run(["plot", "r.h5", "--kind", "layers", "-o", name], in: folder)
                #expect(outcome.status == 1 && outcome.errors.contains("the command reads this file"))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/r.h5")) == before)
        }
    }

    @Test("Without rsvg-convert PDF and PNG are one line that says what to install, before the result is read")
    func missingTool() throws {
        try Fixtures.withTemporaryFolder { folder in
            for ending in ["pdf", "png"] {
                let outcome = try Program.run(
                    ["plot", "absent.h5", "--kind", "layers", "-o", "f.\(ending)"], in: folder,
                    environment: ["PATH": folder])
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("rsvg-convert, which is not installed; install Debian's librsvg2-bin"))
                #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            }
        }
    }

    @Test("One of several seeds is drawn where it is named, whatever else is called so")
    func seed() throws {
        var result = Self.result
        for index in 0..<3 {
            let old = result.runs[index].name
            result.runs[index].name = "plain seed=\(index + 1)"
            (result.runs[index].methodID, result.runs[index].seed) = ("a", index + 1)
            for place in result.measures.indices where result.measures[place].run == old {
                result.measures[place].run = result.runs[index].name
            }
            let table = ItemTable(
                STSTask.items,
                [
                    .text(["", "", ""]), .integer([0, 1, 2]), .real([0, 2, 5]),
                    .real([0.9 + Double(index) / 100, 0.5, 0.25]),
                ])
            result.items[index] = ItemRecord(run: result.runs[index].name, task: "STS-B", table)
        }
        try Fixtures.withTemporaryFolder { folder in
            try result.write(to: folder + "/r.h5")
            for (name, title, cosine) in [
                ("plain seed=3", "STS-B: plain seed=3", "cosine 0.92"),
                ("plain seed=1", "STS-B: plain seed=1", "cosine 0.90"),
                ("plain (3 seeds)", "plain seed=1, the first of 3 seeds", "cosine 0.90"),
                ("plain", "plain seed=1, the first of 3 seeds", "cosine 0.90"),
            ] {
                let outcome = try Program.run(
                    ["plot", "r.h5", "--kind", "scatter", "--run", name, "-o", "f.svg"], in: folder)
                let text = try String(contentsOfFile: folder + "/f.svg", encoding: .utf8)
                #expect(outcome.status == 0 && text.contains(title) && text.contains(cosine), "\(outcome.errors)")
            }
        }
    }

    @Test("A drawing or a page that others made is not replaced")
    func foreign() throws {
        try withResult { folder in
            let drawing = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"
            for (name, text, command) in [
                ("f.svg", drawing, ["plot", "r.h5", "--kind", "layers", "--output"]),
                ("f.html", "<!DOCTYPE html><p>mine</p>", ["report", "r.h5", "--output"]),
            ] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                let refused = try Program.run(command + [name], in: folder)
                #expect(
                    refused.status == 1 && refused.errors.contains("that bellm wrote to replace, found another file"))
                #expect(try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) == text)
                for _ in 0..<2 {
                    let own = try Program.run(command + ["own-" + name], in: folder)
                    #expect(own.status == 0, "\(own.errors)")
                }
            }
        }
    }

    @Test("A converter that fails is an error line, and nothing is written")
    func failingTool() throws {
        try withResult { folder in
            try Data("#!/bin/sh\necho no fonts >&2\nexit 3\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/rsvg-convert"))
            #expect(chmod(folder + "/rsvg-convert", 0o755) == 0)
            let outcome = try Program.run(
                ["plot", "r.h5", "--kind", "layers", "-o", "f.pdf"], in: folder, environment: ["PATH": folder])
            #expect(outcome.status == 1 && outcome.errors.contains("f.pdf: rsvg-convert failed: no fonts"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/f.pdf"))
        }
    }

    @Test("PDF and PNG are what their names say", .enabled(if: hasConverter), arguments: ["pdf", "png"])
    func converted(_ ending: String) throws {
        try withResult { folder in
            for _ in 0..<2 {
                let outcome = try Program.run(["plot", "r.h5", "--kind", "heatmap", "-o", "f.\(ending)"], in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/f.\(ending)"))
            #expect(data.starts(with: ending == "pdf" ? Array("%PDF".utf8) : [0x89] + Array("PNG".utf8)))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["f.\(ending)", "r.h5"])
        }
    }

    @Test(
        "PDF and PNG show the drawing: its size, its colours on white, and letters that can be searched",
        .enabled(if: hasConverter), arguments: [Plot.Kind.layers, .heatmap])
    func drawn(_ kind: Plot.Kind) throws {
        try withResult { folder in
            for ending in ["svg", "png", "pdf"] {
                let outcome = try Program.run(
                    ["plot", "r.h5", "--kind", kind.rawValue, "--width", "column", "-o", "f.\(ending)"], in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            let svg = try String(contentsOfFile: folder + "/f.svg", encoding: .utf8)
            let size = try #require(svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/))
            let (width, height) = (try #require(Double(size.1)), try #require(Double(size.2)))
            let png = try DrawnFile(png: folder + "/f.png")
            #expect(abs(png.width - 3 * width) <= 1 && abs(png.height - 3 * height) <= 1, "\(png.width) of \(width)")
            let pdf = try DrawnFile(pdf: folder + "/f.pdf")
            #expect(abs(pdf.width / pdf.height - width / height) < 0.01 && pdf.shapes > 10, "\(pdf)")
            #expect(pdf.letters.isSuperset(of: kind == .layers ? "STS-B" : "plain"), "\(pdf.letters)")
            // What most of the drawing's marks are filled with, and what it stands on.
            let mark = try #require(Self.markColour(svg, kind))
            #expect(pdf.colours[mark] ?? 0 > 0, "\(mark): \(pdf.colours)")
            #expect(png.colours[mark] ?? 0 > 100, "\(mark)")
            let white = Double(png.colours["#ffffff"] ?? 0) / (png.width * png.height)
            #expect(png.corner == "#ffffff" && white > 0.2 && white < 0.99, "\(white)")
        }
    }

    /// The colour of the first line, or of the last cell of a map.
    private static func markColour(_ svg: String, _ kind: Plot.Kind) -> String? {
        switch kind {
        case .layers: svg.firstMatch(of: /\.s0 \{ color: (#[0-9a-f]{6})/).map { String($0.1) }
        default: svg.matches(of: /fill="(#[0-9a-f]{6})" class="cell/).last.map { String($0.1) }
        }
    }
}

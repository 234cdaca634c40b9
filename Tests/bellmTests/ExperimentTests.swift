import Foundation
import TestSupport
import Testing

/// An experiment on the tiny model and three pairs of STS-B.
struct ExperimentTests {
    private static let yaml = """
        name: tiny
        model: ./tiny.gguf
        tasks: [STS-B, SICK-R]
        pooling: last
        variants:
          causal: {}
          final layer: { bidirectional: last 1 }
          all layers: { bidirectional: all }

        """

    private func withExperiment(_ check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let tasks = folder + "/data/downstream/STS/STSBenchmark"
            try FileManager.default.createDirectory(atPath: tasks, withIntermediateDirectories: true)
            let rows = [("A girl sings.", "A girl is singing."), ("A dog runs.", "A man eats."), ("One.", "Two.")]
            let text = rows.enumerated().map { index, pair in
                "main-captions\tMSRvid\t2012test\t\(index)\t\(4 - index).000\t\(pair.0)\t\(pair.1)\n"
            }
            try Data(text.joined().utf8).write(to: URL(fileURLWithPath: tasks + "/sts-test.csv"))
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data(Self.yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            try check(folder)
        }
    }

    @Test("The table alone is on standard output; what can't have an effect is warned of on standard error")
    func run() throws {
        try withExperiment { folder in
            let outcome = try Program.run(["run", "x.yaml", "--data", "data"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.hasPrefix("warning: final layer: making layer 1 bidirectional cannot change"))
            #expect(outcome.errors.hasSuffix("written: results/tiny.h5\n"))
            #expect(outcome.output.hasPrefix("tiny\nSpearman x 100 of cosine and gold score;"))
            #expect(outcome.output.contains("left out, no data: SICK-R"))
            #expect(!outcome.output.contains("quick look"))
            #expect(!outcome.output.contains("\u{1B}"))
            let shown = try Program.run(["show", "results/tiny.h5"], in: folder)
            #expect(shown.status == 0)
            #expect(shown.output == outcome.output)
        }
    }

    @Test("Cosines that a paper gives are computed first, shown, and kept in the result")
    func checks() throws {
        try withExperiment { folder in
            let checks = "checks: [{ paper: bellm, run: all layers }]\n"
            try Data((Self.yaml + checks).utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            let outcome = try Program.run(["run", "x.yaml", "--data", "data"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let line =
                "check: all layers, cosines that bellm publishes differ: another model, adapter, prompt or padding: "
            #expect(outcome.errors.contains(line + "\"I like apples\" and \"I like fruit\" "))
            #expect(outcome.output.contains(line) && outcome.output.contains("(published 0.8062)"))
            let shown = try Program.run(["show", "results/tiny.h5"], in: folder)
            #expect(shown.output == outcome.output)
            let others = try Program.run(["run", "x.yaml", "--data", "data", "--only", "causal"], in: folder)
            #expect(others.status == 0 && !others.output.contains("check:"), "\(others.errors)")
        }
    }

    @Test("A limited run says in its table that its scores are of some pairs")
    func limited() throws {
        try withExperiment { folder in
            let outcome = try Program.run(
                ["run", "x.yaml", "--data", "data", "--limit", "2", "--output", "limited.h5"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let note = "quick look: scores of only 2 of STSBenchmark/sts-test.csv; not comparable with others"
            #expect(outcome.output.split(separator: "\n").contains(Substring(note)))
            for format in ["markdown", "latex", "json"] {
                let shown = try Program.run(["show", "limited.h5", "--format", format], in: folder)
                #expect(shown.output.contains(note), "\(format)")
            }
        }
    }

    @Test("--only and --set take several values, names with spaces among them, after one flag or repeated")
    func severalValues() throws {
        try withExperiment { folder in
            let once = ["--only", "final layer", "causal", "--set", "pooling=mean", "causal.layer=-2"]
            let repeated = [
                "--only", "causal", "--only", "final layer", "--set", "causal.layer=-2", "--set", "pooling=mean",
            ]
            let first = try Program.run(["validate", "x.yaml"] + once, in: folder)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.errors.hasPrefix("x.yaml: 2 runs, SHA-256 "))
            #expect(first.output.contains("final layer:") && !first.output.contains("all layers:"))
            let second = try Program.run(["validate", "x.yaml"] + repeated, in: folder)
            #expect(second.output == first.output)
        }
    }

    @Test("Each problem of an experiment file is a line")
    func problems() throws {
        try withExperiment { folder in
            let bad = Self.yaml.replacing("pooling: last", with: "poling: last\nlayer: two")
            try Data(bad.utf8).write(to: URL(fileURLWithPath: folder + "/bad.yaml"))
            let outcome = try Program.run(["validate", "bad.yaml"], in: folder)
            #expect(outcome.status == 1)
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.first?.hasPrefix("Error: bad.yaml:4:1: unknown key \"poling\"") == true)
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("bad.yaml:") })
            #expect(lines.contains { $0.hasPrefix("bad.yaml:5:8: ") })
        }
    }

    @Test("A plan says what each pass costs, before any work")
    func plan() throws {
        try withExperiment { folder in
            let outcome = try Program.run(["plan", "x.yaml", "--data", "data"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("3 runs in 1 passes"))
            #expect(outcome.output.contains("forecast:"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/results"))
        }
    }

    @Test("Dimensions, post-processing, several prompts and visible padding each give their row, and say what to know")
    func methods() throws {
        try withExperiment { folder in
            let yaml = """
                model: ./tiny.gguf
                tasks: [STS-B]
                pooling: last
                variants:
                  short: { dimensions: [2, 4] }
                  white: { postprocess: whiten target }
                  two: { template: ["{text}", "Say: {text}"] }
                  seen: { bidirectional: last 1, padding: visible }
                """
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/m.yaml"))
            let outcome = try Program.run(["run", "m.yaml", "--data", "data"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            for row in ["short  2 ", "short  4 ", "white ", "two ", "seen "] {
                #expect(outcome.output.contains("\n\(row)"), "\(row)")
            }
            // What the computation finds is told behind it, and each once.
            for warning in [
                "white: the 6 sentences of STS-B vary in", "seen: padding is visible to bidirectional layers",
            ] {
                #expect(outcome.errors.components(separatedBy: "warning: " + warning).count == 2, "\(outcome.errors)")
                #expect(!outcome.output.contains(warning))
            }
            let plan = try Program.run(["plan", "m.yaml", "--data", "data"], in: folder)
            #expect(plan.output.contains("experiment m: 5 runs in 3 passes"), "\(plan.output)")
            #expect(plan.output.contains("one of 2 prompts that are averaged"))
        }
    }

    @Test("A task to fit to that is missing, and a dimension too many, are errors at the lines that ask for them")
    func methodErrors() throws {
        try withExperiment { folder in
            let cases = [
                (
                    "postprocess: whiten SICK-R-train",
                    "y.yaml:4:14: the task SICK-R-train, which post-processing is fitted"
                ),
                ("dimensions: 100000", "y.yaml:4:13: expected at most the model's"),
            ]
            for (line, message) in cases {
                let yaml = "model: ./tiny.gguf\ntasks: [STS-B]\npooling: last\n\(line)\n"
                try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/y.yaml"))
                let outcome = try Program.run(["run", "y.yaml", "--data", "data"], in: folder)
                #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: folder + "/results"))
            }
        }
    }
}

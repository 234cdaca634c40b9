import Foundation
import TestSupport
import Testing

@Suite("What is wrong with an experiment is told at once, and where")
struct ValidateTests {
    private static let head = """
        model: ./tiny.gguf
        tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]

        """
    private static let pairs = "s,a,b\n5,A girl sings.,A girl is singing.\n1,A dog runs.,A man eats.\n"

    private func run(
        _ arguments: [String], _ keys: String, then check: (Program.Outcome, _ folder: String) throws -> Void
    ) throws {
        try Program.run(arguments, files: ["x.yaml": Self.head + keys, "pairs.csv": Self.pairs], then: check)
    }

    @Test(
        "A misspelt name doesn't hide the layers that the model lacks, nor what a loss can't learn from",
        arguments: ["validate", "plan"])
    func together(verb: String) throws {
        let keys = """
            variants:
              a: { pooling: meen }
              b: { pooling: mean, bidirectional: [7] }
              c: { pooling: mean, layer: 9 }
              d:
                pooling: mean
                train:
                  data: wordnet
                  steps: 2
                  loss: cosent
              e: { pooling: mean, train: { data: wordnet, steps: 2, layers: [5] } }
              f: { pooling: mean, layer: 1, train: { data: wordnet, steps: 2, layers: [1] } }
            """
        try run([verb, "x.yaml"], keys) { outcome, _ in
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            let lines = outcome.errors.replacing("Error: ", with: "").split(separator: "\n").map(String.init)
            let expected = [
                "x.yaml:4:17: unknown pooling \"meen\"", "x.yaml:5:38: ", "x.yaml:6:30: ",
                "x.yaml:12:13: the loss cosent learns from pairs with scores, found pairs",
                "x.yaml:13:65: cannot adapt layer 5: the model has 2 layers, 0…1",
                "x.yaml:14:75: nothing to train: hidden layer 1 is read",
            ]
            #expect(lines.count == expected.count, "\(outcome.errors)")
            for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start), "\(line)") }
        }
    }

    @Test(
        "What the experiment's own files hold, or lack, is told by validate as by plan",
        arguments: ["validate", "plan"])
    func ownFiles(verb: String) throws {
        let examples = (0..<6).map { "A cat \($0).,A kitten \($0).\n" }.joined()
        func complaint(_ keys: String, file: String = "pairs.csv") throws -> String {
            let files = [
                "x.yaml": Self.head.replacing("pairs.csv", with: file) + keys, "pairs.csv": Self.pairs,
                "short.csv": "s,a,b\n5,Up.,Upwards.\n3,Down.\n",
                "two.csv": "anchor,positive\n" + examples, "qd.csv": "query,positive\n" + examples,
            ]
            var errors = ""
            try Program.run([verb, "x.yaml"], files: files) { outcome, _ in
                #expect(outcome.status == 1, "\(keys)")
                errors = outcome.errors
            }
            return errors.replacing("Error: ", with: "")
        }
        let start = "pooling: mean\ntrain:\n  decontaminate: false\n  steps: 2\n  data: "
        for (keys, expected) in [
            ("two.csv\n  batch_size: 64\n", "x.yaml:8:15: expected 64 examples for a batch, found 6 in all"),
            (
                "two.csv\n  batch_size: 4\n  examples: 2\n",
                "x.yaml:8:15: expected 4 examples for a batch, found 2 in all"
            ),
            ("two.csv\n  batch_size: 2\n  loss: cosent\n", "x.yaml:9:9: the loss cosent learns from pairs with scores"),
            ("two.csv\n  batch_size: 1\n", "x.yaml:8:15: nothing to learn"),
            (
                "qd.csv\n  batch_size: 2\ntemplate: {query: 'q {text}', sentence: '{text}'}\n",
                "no template for the role document"
            ),
        ] {
            let found = try complaint(start + keys)
            #expect(found.contains(expected), "\(found)")
        }
        for (keys, expected) in [
            ("adapter: ./nope", "x.yaml:4:10: no such folder of an adapter: "),
            ("adapter: .", "x.yaml:4:10: no adapter in "),
            ("adapter: {merge: [./nope, .]}", "x.yaml:4:10: no such folder of an adapter: "),
        ] {
            let found = try complaint("pooling: mean\n\(keys)\n")
            #expect(found.contains(expected), "\(found)")
        }
        let short = try complaint("pooling: mean\n", file: "short.csv")
        #expect(short.contains("short.csv:3"), "\(short)")
    }

    @Test("What would learn nothing is said where it is written", arguments: ["validate", "plan"])
    func idle(verb: String) throws {
        let keys = """
            pooling: mean
            train: { data: wordnet, decontaminate: false, steps: 2 }
            variants:
              a: { layer: 1, train: { targets: none, modules_to_save: [layers.1.mlp.down_proj, embed_tokens] } }
              b: { layer: 1, train: { targets: none, modules_to_save: [norm] } }
              c: { layer: 1, train: { layers: [1], modules_to_save: [embed_tokens] } }
              d: { train: { batch_size: 1, hard_negatives: false } }
              e: { train: { objective: { adaptive_layers: { layers_per_step: 3 } } } }
              f: { layer: 0, train: { targets: full } }
            """
        try run([verb, "x.yaml"], keys) { outcome, _ in
            let lines = outcome.errors.replacing("Error: ", with: "").split(separator: "\n").map(String.init)
            let expected = [
                "x.yaml:6:59: layers.1.mlp.down_proj would learn nothing: hidden layer 1 is read, in which it has no part",
                "x.yaml:7:59: norm would learn nothing: hidden layer 1 is read",
                "x.yaml:8:35: nothing to train: hidden layer 1 is read",
                "x.yaml:9:29: nothing to learn: with batch_size 1, pairs give the objective in_batch_negatives no gradient",
                "x.yaml:10:28: expected layers_per_step to be at most 2",
            ]
            #expect(outcome.status == 1 && lines.count == expected.count, "\(outcome.errors)")
            for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start), "\(line)") }
        }
    }

    @Test("An objective that --set says is refused there; a file that isn't there at the line that names it")
    func places() throws {
        let keys = """
            pooling: mean
            train: { data: wordnet, decontaminate: false, steps: 2, objective: in_batch_negatives }
            """
        for (set, message) in [
            ("train.objective=cosent", "the loss cosent learns from pairs with scores, found pairs"),
            ("train.objective.cosent.scale=3", "the loss cosent learns from"),
            ("train.objective.matryoshka.dimensions=[99]", "matryoshka reads 99 dimensions"),
            ("train.loss=cosent", "the loss cosent learns from"),
        ] {
            try run(["validate", "x.yaml", "--set", set], keys) { outcome, _ in
                #expect(outcome.errors.hasPrefix("Error: --set \(set): \(message)"), "\(outcome.errors)")
            }
        }
        let missing = "pooling: mean\nvariants:\n  a:\n    train: { decontaminate: false, data: ./nope.csv }\n"
        try run(["plan", "x.yaml"], missing) { outcome, _ in
            #expect(
                outcome.errors.hasPrefix("Error: x.yaml:6:42: no such file: ./nope.csv"),
                "\(outcome.errors)")
        }
    }

    @Test(
        "Options come before or after the file, in any order",
        arguments: [
            ["x.yaml", "--set", "layer=1", "--only", "a"], ["--set", "layer=1", "--only", "a", "x.yaml"],
            ["--only", "a", "x.yaml", "--set", "layer=1"], ["--set", "layer=1", "x.yaml", "--only", "a"],
            ["--only", "a", "--set", "layer=1", "--precision", "float32", "x.yaml"],
        ])
    func order(arguments: [String]) throws {
        let keys = "pooling: mean\nvariants: { a: {}, b: { normaliser: prompteol } }\n"
        try run(["validate"] + arguments, keys) { outcome, _ in
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("layer: 1\n") && !outcome.output.contains("  b:\n"))
            #expect(outcome.errors.contains("x.yaml: 1 runs"))
        }
    }

    @Test("A file that isn't there is told with the listed experiment that was probably meant")
    func misspelt() throws {
        for name in ["reproduce-belm", "experiments/reproduce-belm.yaml"] {
            let outcome = try Program.run(["validate", name], in: Fixtures.packageRoot)
            #expect(
                outcome.errors
                    == "Error: \(name): no such file; did you mean \"reproduce-bellm\", an experiment that is listed?\n"
            )
        }
        let other = try Program.run(["validate", "nothing-like-it.yaml"], in: Fixtures.packageRoot)
        #expect(other.errors == "Error: nothing-like-it.yaml: no such file\n")
    }

    @Test("A kind of warning is told once, with the runs that it concerns, on standard error alone")
    func warnings() throws {
        let runs = (0..<5).map { "  r\($0): { bidirectional: [1], template: \"\($0) {text}\" }\n" }
        let keys = "pooling: last\nvariants:\n\(runs.joined())  s: { bidirectional: all, layer: 1 }\n"
        for verb in ["plan", "run"] {
            try run([verb, "x.yaml"], keys) { outcome, _ in
                #expect(outcome.status == 0, "\(outcome.errors)")
                let warnings = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
                #expect(warnings.count == 1, "\(outcome.errors)")
                #expect(warnings[0].contains("r0, r1, r2 and 3 more: "), "\(warnings)")
                #expect(!outcome.output.contains("warning: "))
            }
        }
        try run(["run", "x.yaml", "--launcher", "local"], keys) { outcome, folder in
            #expect(outcome.status == 0 && !outcome.output.contains("warning: "), "\(outcome.errors)")
            #expect(outcome.errors.components(separatedBy: "warning: ").count == 2, "\(outcome.errors)")
            // The result keeps them, and another table of it has them.
            let shown = try Program.run(["show", "results/x.h5"], in: folder)
            #expect(shown.errors.contains("warning: r0, r1, r2 and 3 more: ") && shown.output == outcome.output)
            let page = try Program.run(["show", "results/x.h5", "--format", "markdown"], in: folder)
            #expect(page.errors.isEmpty && page.output.contains("warning: r0, r1, r2 and 3 more: "), "\(page.output)")
        }
    }

    @Test("Variants that mean the same are told by each verb before any work")
    func twins() throws {
        for verb in ["validate", "plan", "run"] {
            try run([verb, "x.yaml"], "pooling: mean\nvariants: { a: {}, b: { layer: 2 }, c: { layer: 1 } }\n") {
                outcome, _ in
                #expect(outcome.status == 0, "\(outcome.errors)")
                let warning = "warning: b: means the same as \"a\" in a model of 2 layers, so its scores are the same\n"
                #expect(outcome.errors.components(separatedBy: warning).count == 2, "\(outcome.errors)")
            }
        }
    }

    @Test("A result that isn't there is told with the one that was probably meant")
    func missingResult() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/results", withIntermediateDirectories: true)
            try Data([1]).write(to: URL(fileURLWithPath: folder + "/results/mine.h5"))
            for name in ["mine", "results/mine", "mime.h5", "results/mines.h5"] {
                let outcome = try Program.run(["show", name], in: folder)
                #expect(outcome.errors == "Error: \(name): no such file; did you mean \"results/mine.h5\"?\n")
            }
            let other = try Program.run(["compare", "else.h5", "results/mine.h5"], in: folder)
            #expect(other.errors == "Error: else.h5: no such file\n")
        }
    }
}

import Files
import Foundation
import Results
import TestSupport
import Testing

/// Files of one's own as tasks, on the tiny model.
struct OwnTaskTests {
    private static let pairs =
        "s,a,b\n5,A girl sings.,A girl is singing.\n1,A dog runs.,A man eats.\n3,One.,Two.\n"
        + "2,\"Red, green.\",Blue.\n4,Up.,Upwards.\n"

    private func withExperiment(_ tasks: String, _ check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.createFolder(folder + "/data/downstream")
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try AtomicFile.replace(folder + "/own/pairs.csv", with: Self.pairs)
            let yaml = "model: ../tiny.gguf\npooling: mean\ntasks:\n\(tasks)"
            try AtomicFile.replace(folder + "/own/x.yaml", with: yaml)
            try check(folder)
        }
    }

    @Test("Five lines beside the experiment are a task: scored, shown, compared, and recorded with their digest")
    func run() throws {
        let task = "  - {name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}\n"
        try withExperiment(task) { folder in
            for verb in ["validate", "plan", "run"] {
                let outcome = try Program.run(
                    [verb, "own/x.yaml"] + (verb == "validate" ? [] : ["--data", "data"]), in: folder)
                #expect(outcome.status == 0, "\(verb): \(outcome.errors)")
                if verb == "plan" { #expect(outcome.output.contains("mine: 5 pairs")) }
            }
            let result = try ExperimentResult(contentsOf: folder + "/results/x.h5")
            #expect(result.datasets.map(\.textVariant) == ["own"])
            #expect(result.datasets.map(\.sha256) == [SHA256Digest(of: Self.pairs).description])
            #expect(result.datasets.map(\.pairs) == [5])
            #expect(result.items.map(\.table.count) == [5])
            #expect(result.runs.allSatisfy { $0.methodID.count == 64 })
            let comparison = try Program.run(
                ["compare", "results/x.h5", "results/x.h5", "--resamples", "100"], in: folder)
            #expect(comparison.status == 0 && comparison.output.contains("mine"), "\(comparison.errors)")
        }
    }

    @Test("Where all tasks are one's own no data folder is asked for; one that is named must be there")
    func withoutData() throws {
        let task = "  - {name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}\n"
        try withExperiment(task) { folder in
            let noData = ["BELLM_CACHE": folder + "/cache"]
            for arguments in [["plan"], ["run"], ["run", "--launcher", "local", "--output", "parts.h5"]] {
                let outcome = try Program.run(
                    [arguments[0], "own/x.yaml"] + arguments.dropFirst(), in: folder, environment: noData)
                #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            }
            let whole = try ExperimentResult(contentsOf: folder + "/results/x.h5")
            #expect(try ExperimentResult(contentsOf: folder + "/parts.h5").measures == whole.measures)
            // A folder of which nothing is read leaves nothing to choose.
            for text in ["raw", "senteval"] { try AtomicFile.createFolder("\(folder)/both/\(text)/downstream") }
            for data in ["nowhere", "both"] {
                let outcome = try Program.run(
                    ["plan", "own/x.yaml"], in: folder, environment: noData.merging(["BELLM_DATA": data]) { $1 })
                #expect(outcome.status == 0, "\(data): \(outcome.errors)")
            }
            let named = try Program.run(
                ["run", "own/x.yaml", "--data", "nowhere"], in: folder, environment: noData)
            #expect(named.status == 1 && named.errors.contains("expected a data folder, found none"))
        }
        try withExperiment(task + "  - STS-B\n") { folder in
            let outcome = try Program.run(
                ["plan", "own/x.yaml"], in: folder, environment: ["BELLM_CACHE": folder + "/cache"])
            #expect(outcome.status == 1 && outcome.errors.contains("no data: neither --data nor BELLM_DATA"))
        }
    }

    @Test("A bad row, a missing file and a known task's name are errors with file and line")
    func mistakes() throws {
        let cases = [
            (
                "  - {name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: s, score: b}}\n",
                "own/pairs.csv:2: expected a number as score, found \"A girl is singing.\""
            ),
            (
                "  - {name: mine, kind: sts, file: none.csv, columns: {first: a, second: b, score: s}}\n",
                "own/x.yaml:4:35: no such file: own/none.csv"
            ),
            (
                "  - {name: STS-B, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}\n",
                "own/x.yaml:4:12: the name \"STS-B\" is a known task's"
            ),
        ]
        for (task, message) in cases {
            try withExperiment(task) { folder in
                let outcome = try Program.run(["run", "own/x.yaml", "--data", "data"], in: folder)
                #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }

    @Test("Faults of a task's file and of a run are told together")
    func mistakesTogether() throws {
        let task = "  - {name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: s, score: b}}\nlayer: 9\n"
        try withExperiment(task) { folder in
            let outcome = try Program.run(["validate", "own/x.yaml"], in: folder)
            #expect(outcome.status == 1 && outcome.errors.contains("own/pairs.csv:2: expected a number as score"))
            #expect(outcome.errors.contains("own/x.yaml:5:8: there is no hidden layer 9"), "\(outcome.errors)")
        }
    }

    @Test("Other text in STS-B's place has its file's name, in plan and table, and no published row beside it")
    func unknownContent() throws {
        try withExperiment("  - STS-B\npublished: [{paper: bellm, row: BeLLM LLaMA-2-7B}]\n") { folder in
            let rows = (0..<4).map { "g\tf\t2012\t\($0)\t\($0)\tEin Hund läuft \($0).\tEine Katze schläft.\n" }
            try AtomicFile.replace(folder + "/data/downstream/STS/STSBenchmark/sts-test.csv", with: rows.joined())
            for verb in ["plan", "run"] {
                let outcome = try Program.run([verb, "own/x.yaml", "--data", "data"], in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let told = verb == "plan" ? outcome.errors : outcome.output
                #expect(told.contains("STSBenchmark/sts-test.csv: unknown content in "), "\(told)")
                #expect(!outcome.output.contains("published: BeLLM") && !outcome.output.contains(/\bAvg\b/))
            }
        }
    }
}

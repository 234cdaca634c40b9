import Foundation
import Results
import TestSupport
import Testing

/// Runs that use the embedding cache, each with a cache folder of its own.
struct CacheTests {
    private static let sentences = (0..<320).map { "Number \($0) of the sentences, \($0 % 7) words longer or shorter." }

    /// Calls `check` with a folder that has an experiment on STS-B pairs, its data, and the tiny model.
    private func withExperiment(
        model: String, sentences count: Int = 160, check: (_ folder: String) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            let tasks = folder + "/data/downstream/STS/STSBenchmark"
            try FileManager.default.createDirectory(atPath: tasks, withIntermediateDirectories: true)
            let rows = stride(from: 0, to: count, by: 2).map { index in
                "main-captions\tMSRvid\t2012test\t\(index)\t\(index % 5).000\t\(Self.sentences[index])\t"
                    + "\(Self.sentences[index + 1])\n"
            }
            try Data(rows.joined().utf8).write(to: URL(fileURLWithPath: tasks + "/sts-test.csv"))
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let yaml = """
                name: x
                model: \(model)
                tasks: [STS-B]
                variants:
                  mean: { pooling: mean, layer: 8 }
                  max: { pooling: max, layer: 6, bidirectional: all }
                """
            let text = model == "./tiny.gguf" ? yaml.replacing("8", with: "-1").replacing("6", with: "1") : yaml
            try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            try check(folder)
        }
    }

    private func run(_ folder: String, _ output: String, _ options: [String] = []) throws -> Program.Outcome {
        let outcome = try Program.run(
            ["run", "x.yaml", "--data", "data", "--output", output] + options, in: folder,
            environment: Self.environment(folder))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    private static func environment(_ folder: String) -> [String: String] {
        ["BELLM_CACHE": folder + "/cache", "BELLM_CACHE_SIZE": "1 GB"]
    }

    private func expectSameScores(_ one: String, _ other: String) throws {
        let (one, other) = (try ExperimentResult(contentsOf: one), try ExperimentResult(contentsOf: other))
        #expect(one.measures == other.measures)
        #expect(one.items == other.items)
    }

    @Test("A second run computes nothing, --fresh and --no-cache everything, and all give the same bits")
    func runs() throws {
        try withExperiment(model: "./tiny.gguf") { folder in
            let plain = try run(folder, "plain.h5", ["--no-cache"])
            #expect(!plain.errors.contains("cache"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/cache"))
            let runs = try [
                ("first", [], "0 hits, 320 misses"), ("second", [], "320 hits, 0 misses"),
                ("fresh", ["--fresh"], "0 hits, 320 misses"), ("single", ["--threads", "1"], "320 hits, 0 misses"),
                ("changed", ["--set", "max.pooling=mean"], "160 hits, 160 misses"),
            ].map { name, options, lookups in
                let outcome = try run(folder, name + ".h5", options)
                #expect(outcome.errors.contains("cache: \(lookups)\n"), "\(name)")
                return name
            }
            for name in runs.dropLast() { try expectSameScores("\(folder)/plain.h5", "\(folder)/\(name).h5") }
            let records = try ExperimentResult(contentsOf: folder + "/second.h5").runs
            #expect(records.map(\.cacheHits) == [160, 160])
            #expect(records.map(\.cacheMisses) == [0, 0])
            #expect(records.map(\.tokensComputed) == [0, 0])
            let planned = try Program.run(
                ["plan", "x.yaml", "--data", "data"], in: folder, environment: Self.environment(folder))
            #expect(planned.output.contains("in the cache: 160 of 160 prompts; 0 tokens remain"), "\(planned.output)")
        }
    }

    @Test("Two processes with one new cache and one result both succeed, with the bits of a lone one")
    func twoProcesses() throws {
        try withExperiment(model: "./tiny.gguf") { folder in
            _ = try run(folder, "plain.h5", ["--no-cache"])
            DispatchQueue.concurrentPerform(iterations: 4) { number in
                let outcome = try? run(folder, number < 2 ? "same.h5" : "\(number).h5")
                #expect(outcome?.errors.contains("warning") == false, "\(outcome?.errors ?? "did not run")")
            }
            for name in ["same", "2", "3"] { try expectSameScores("\(folder)/plain.h5", "\(folder)/\(name).h5") }
            let hidden = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".") }
            #expect(hidden.isEmpty)
        }
    }

    @Test(
        "After kill -9 a run goes on from where it was, with the bits of an uninterrupted one",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func killed() throws {
        try withExperiment(model: Fixtures.smolLM2, sentences: Self.sentences.count) { folder in
            _ = try run(folder, "plain.h5", ["--no-cache"])

            let process = Process()
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = ["run", "x.yaml", "--data", "data", "--output", "killed.h5", "--threads", "1"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            process.environment = ProcessInfo.processInfo.environment.merging(Self.environment(folder)) { $1 }
            process.standardError = FileHandle.nullDevice
            try process.run()
            // The schema takes 60 KB, each of eight chunks 290: one is stored whole.
            while process.isRunning, size(folder + "/cache/embeddings.sqlite-wal") < 400_000 { usleep(2000) }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal, "it ended before it was killed")
            #expect(!FileManager.default.fileExists(atPath: folder + "/killed.h5"))

            let resumed = try run(folder, "killed.h5")
            let records = try ExperimentResult(contentsOf: folder + "/killed.h5").runs
            #expect(records.allSatisfy { $0.cacheHits > 0 && $0.cacheMisses > 0 }, "\(resumed.errors)")
            #expect(!resumed.errors.contains("warning"))
            try expectSameScores("\(folder)/plain.h5", "\(folder)/killed.h5")
        }
    }

    private func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    @Test(
        "Ctrl-C says that what was computed is kept",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func interrupted() throws {
        try Fixtures.withTemporaryFolder { folder in
            let lines = (0..<4000).map { "sentence number \($0) of many that take a while\n" }.joined()
            let outcome = try Program.run(
                ["embed", "--model", Fixtures.smolLM2, "--pooling", "mean", "--input", "-", "--output", "out.h5"],
                in: folder, input: lines, environment: Self.environment(folder), interruptAfter: 1)
            #expect(outcome.status == 130)
            let kept = "what was computed is kept, and running again goes on from there"
            #expect(outcome.errors == "interrupted: no file was written; \(kept)\n")
        }
    }
}

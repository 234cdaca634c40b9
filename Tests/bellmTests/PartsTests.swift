import Foundation
import Results
import TestSupport
import Testing

/// Experiments computed in parts, by processes of this machine, and what is written for Slurm.
struct PartsTests {
    private static let yaml = """
        name: x
        model: ./tiny.gguf
        tasks: [STS-B, SICK-R]
        pooling: mean
        variants:
          causal: {}
          each layer: { layers: all, bidirectional: all }
          two: { template: ["Say: {text}", "{text}"], pooling: last }
          other way round: { template: ["{text}", "Say: {text}"], pooling: last }
          white: { postprocess: whiten target, dimensions: [4, 8] }
          seen: { bidirectional: last 1, padding: visible }
        """

    /// - Parameter launcher: lines behind the experiment
    private func withExperiment(_ launcher: String = "", check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let tasks = folder + "/data/downstream/STS/STSBenchmark"
            try FileManager.default.createDirectory(atPath: tasks, withIntermediateDirectories: true)
            let rows = (0..<40).map { index in
                "main-captions\tMSRvid\t2012test\t\(index)\t\(index % 5).000\tSentence number \(index).\t"
                    + "\(index % 7) of some others\n"
            }
            try Data(rows.joined().utf8).write(to: URL(fileURLWithPath: tasks + "/sts-test.csv"))
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data("\(Self.yaml)\n\(launcher)\n".utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            try check(folder)
        }
    }

    private func run(_ folder: String, _ options: [String], status: Int32 = 0) throws -> Program.Outcome {
        let outcome = try Program.run(["run", "x.yaml", "--data", "data"] + options, in: folder)
        #expect(outcome.status == status, "\(outcome.errors)")
        return outcome
    }

    private func files(_ folder: String, _ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(path)")) ?? []).sorted()
    }

    /// Two results, without what differs by nature. As text: NaN equals nothing, and a double's description is exact.
    private func expectSame(_ one: String, _ other: String, isSplit: Bool = false) throws {
        let own = ["created", "threads", "launcher", "parts", "hosts"]
        let texts = try [one, other].map { path in
            var result = try ExperimentResult(contentsOf: path)
            result.provenance.removeAll { own.contains($0.key) }
            result.runs = result.runs.map { run in
                var run = run
                (run.seconds, run.peakBytes) = (0, 0)
                if isSplit { run.tokensComputed = 0 }
                return run
            }
            return "\(result)"
        }
        #expect(texts[0] == texts[1])
    }

    @Test("Parts merge to the result of a single process, bit for bit; what is there isn't computed again")
    func merged() throws {
        try withExperiment { folder in
            let single = try run(folder, ["--output", "one.h5"])
            let merged = try run(folder, ["--output", "parts.h5", "--launcher", "local", "--jobs", "2"])
            #expect(merged.output == single.output)
            try expectSame(folder + "/one.h5", folder + "/parts.h5")
            #expect(files(folder, "parts.parts/runs").count == 6)
            #expect(files(folder, "parts.parts/claims").isEmpty)

            let again = try run(folder, ["--output", "parts.h5", "--launcher", "local"])
            #expect(!again.errors.contains("[1/"), "\(again.errors)")
            let part = try #require(files(folder, "parts.parts/runs").first)
            try FileManager.default.removeItem(atPath: folder + "/parts.parts/runs/" + part)
            let missing = try run(folder, ["--output", "parts.h5", "--launcher", "local"])
            #expect(missing.errors.contains("[1/1] "), "\(missing.errors)")
            try expectSame(folder + "/one.h5", folder + "/parts.h5")
        }
    }

    @Test("Runs cut into blocks, and split over elements, merge to the same bits, and leave no blocks")
    func split() throws {
        try withExperiment("launcher: { block_sentences: 7, element_blocks: 3 }") { folder in
            _ = try run(folder, ["--output", "one.h5"])
            let merged = try run(folder, ["--output", "parts.h5", "--launcher", "local", "--jobs", "3"])
            #expect(merged.errors.contains("causal, blocks 1 to 3"), "\(merged.errors)")
            try expectSame(folder + "/one.h5", folder + "/parts.h5", isSplit: true)
            #expect(files(folder, "parts.parts/blocks").isEmpty)
        }
    }

    @Test("Parts, and adapters trained for them, of another arithmetic are not used, and are there when it is back")
    func arithmetic() throws {
        let block = """
              trained: { train: { data: lines.jsonl, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj] } }
            """
        try withExperiment(block) { folder in
            let lines = ["A bird flies.", "It rains.", "A dog runs.", "Snow falls."].map {
                "{\"anchor\": \"\($0)\", \"positive\": \"\($0) So it is.\"}\n"
            }
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: folder + "/lines.jsonl"))
            let other = ["ONEDNN_MAX_CPU_ISA": "SSE41"]
            for (environment, computed, kept) in [([:], true, 1), (other, true, 2), ([:], false, 2)] {
                let outcome = try Program.run(
                    ["run", "x.yaml", "--data", "data", "--output", "p.h5", "--launcher", "local"], in: folder,
                    environment: environment)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.errors.contains("[1/7]") == computed, "\(outcome.errors)")
                #expect(files(folder, "p.parts/runs").count == 7 * kept)
                #expect(files(folder, "p.parts/adapters").count == kept)
                let result = try ExperimentResult(contentsOf: folder + "/p.h5")
                let said = result.value(of: "arithmetic") ?? ""
                #expect(said.contains("SSE41") == !environment.isEmpty && !said.contains(" | "), "\(said)")
            }
        }
    }

    @Test("Blocks of another machine's arithmetic stay, and the result and each run say so")
    func mixedBlocks() throws {
        try withExperiment("launcher: { block_sentences: 7, element_blocks: 3 }") { folder in
            let outcome = try run(folder, ["--output", "p.h5", "--launcher", "local", "--only", "causal"])
            #expect(outcome.errors.contains("[3/3]"), "\(outcome.errors)")
            let submission = "p.parts/submissions/" + (try #require(files(folder, "p.parts/submissions").first))
            let part = "\(folder)/p.parts/runs/" + (try #require(files(folder, "p.parts/runs").first))
            try FileManager.default.removeItem(atPath: part)
            for (element, environment) in [["ONEDNN_MAX_CPU_ISA": "SSE41"], [:], [:]].enumerated() {
                let outcome = try Program.run(
                    ["run-part", submission, "--element", "\(element)"], in: folder, environment: environment)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            #expect(try Program.run(["merge-parts", submission], in: folder).status == 0)
            let result = try ExperimentResult(contentsOf: folder + "/p.h5")
            let said = result.value(of: "arithmetic")?.components(separatedBy: " | ") ?? []
            #expect(said.count == 2 && said[1].contains("SSE41"), "\(said)")
            #expect(result.runs[0].warnings.contains { $0.contains("compute differently") && $0.contains("SSE41") })
        }
    }

    @Test("An element that fails is named with its log, nothing is merged, and the next run computes only it")
    func failed() throws {
        try withExperiment { folder in
            // A folder where the part of a run belongs: it can't be written.
            _ = try run(folder, ["--output", "parts.h5", "--launcher", "local"])
            let part = folder + "/parts.parts/runs/" + (try #require(files(folder, "parts.parts/runs").first))
            try FileManager.default.removeItem(atPath: part)
            try FileManager.default.removeItem(atPath: folder + "/parts.h5")
            let submission = try #require(files(folder, "parts.parts/submissions").first)
            let manifest = "\(folder)/parts.parts/submissions/\(submission)"
            try Data("damaged".utf8).write(to: URL(fileURLWithPath: folder + "/tiny.gguf"))
            let element = try Program.run(["run-part", manifest, "--element", "0"], in: folder)
            #expect(element.status == 1 && element.errors.contains("tiny.gguf"), "\(element.errors)")
            let merge = try Program.run(["merge-parts", manifest], in: folder)
            #expect(merge.status == 1 && merge.errors.contains("1 of 6 runs have no part"), "\(merge.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/parts.h5"))

            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let next = try run(folder, ["--output", "parts.h5", "--launcher", "local"])
            #expect(next.errors.contains("[1/1]"), "\(next.errors)")
        }
    }

    @Test("--dry-run writes a script that bash reads, with what the experiment asks for, and submits nothing")
    func dryRun() throws {
        let launcher = """
            launcher:
              partition: cpu
              time: 4:00:00
              array_limit: 2
              sbatch: [--constraint=avx512]
              setup: ["echo 'set up'"]
            """
        try withExperiment(launcher) { folder in
            let outcome = try run(folder, ["--launcher", "slurm", "--dry-run", "--output", "it's.h5"])
            #expect(outcome.errors.contains("nothing was submitted"))
            #expect(outcome.errors.contains("--array=0-5%2"), "\(outcome.errors)")
            let submission = try #require(files(folder, "it's.parts/submissions").first)
            let path = "\(folder)/it's.parts/submissions/\(submission)/job.sh"
            let script = try String(contentsOfFile: path, encoding: .utf8)
            for line in [
                "#!/bin/bash", "#SBATCH --partition=cpu", "#SBATCH --time=4:00:00", "#SBATCH --cpus-per-task=4",
                "#SBATCH --mem=1G", "#SBATCH --constraint=avx512", "#SBATCH --signal=B:TERM@60", "#SBATCH --requeue",
                "echo 'set up'",
            ] {
                #expect(script.split(separator: "\n").contains(Substring(line)), "\(line)")
            }
            let bash = Process()
            bash.executableURL = URL(fileURLWithPath: "/bin/bash")
            bash.arguments = ["-n", path]
            try bash.run()
            bash.waitUntilExit()
            #expect(bash.terminationStatus == 0)
            #expect(!FileManager.default.fileExists(atPath: folder + "/it's.h5"))
        }
    }

    @Test("Options that don't go together are refused, and a plan says what an array costs")
    func options() throws {
        try withExperiment { folder in
            for (options, message) in [
                (["--jobs", "2"], "--jobs needs --launcher local"), (["--wait"], "--wait needs --launcher slurm"),
                (["--launcher", "slurm", "--wait", "--dry-run"], "--dry-run submits nothing"),
            ] {
                let outcome = try Program.run(["run", "x.yaml"] + options, in: folder)
                #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
            }
            let plan = try Program.run(["plan", "x.yaml", "--data", "data", "--launcher", "slurm"], in: folder)
            #expect(plan.output.contains("as a job array: 6 elements for 6 runs, 4 processors each"), "\(plan.output)")
            #expect(plan.output.contains("core-hours"))
        }
    }
}

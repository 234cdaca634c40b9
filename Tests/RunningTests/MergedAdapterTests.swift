import Diagnostics
import Files
import Foundation
import Models
import Running
import Testing

@Suite("Runs with an adapter that is made of others")
struct MergedAdapterTests {
    private static let recipe = "data: lines.jsonl, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj]"

    @Test("It is made once, from what it names: halfway between two lies neither, and twice the same is that one")
    func runs() async throws {
        let keys = "variants:\n  a: { train: { \(Self.recipe) } }\n  b: { train: { \(Self.recipe) }, seed: 2 }\n"
        try await TinyExperiment.with(keys) { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: HeadRunTests.lines)
            let trained = try await ExperimentRunner(try experiment.plan(), workers: 2).run()
            let folders = try experiment.plan().trainings.map(\.folder)
            try experiment.rewrite(
                """
                variants:
                  half: { adapter: { merge: [\(folders[0]), \(folders[1])] } }
                  same: { adapter: { merge: [\(folders[0]), \(folders[0])], by: average } }
                  one: { adapter: { merge: [\(folders[0]), \(folders[1])], by: task_arithmetic, weights: [1, 0] } }
                  plain: { adapter: \(folders[0]) }
                  cut: { adapter: { merge: [\(folders[0]), \(folders[0])], rank: 2 } }
                  lossy: { adapter: { merge: [\(folders[0]), \(folders[1])], rank: 1 } }
                  all: { adapter: { merge: [\(folders[0]), \(folders[0])], by: ties, density: 1, rank: 1000 } }
                  dropped: { adapter: { merge: [\(folders[0]), \(folders[1])], by: dare, drop: 0.5, rank: 1000 } }
                """)
            let result = try await ExperimentRunner(try experiment.plan(), workers: 2).run()
            let scores = Dictionary(
                result.items.map { ($0.run, $0.table.reals("cosine")) }, uniquingKeysWith: { first, _ in first })
            let plain = try #require(scores["plain"])
            for name in ["same", "one", "cut", "all"] {
                #expect(zip(scores[name] ?? [], plain).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
            }
            #expect(scores["half"] != plain && plain == trained.items.first { $0.run == "a" }?.table.reals("cosine"))
            #expect(result.runs[0].adapter.hasPrefix("average of ") && Set(result.runs.map(\.adapterSHA256)).count == 8)
            #expect(Set(result.runs.map(\.methodID)).count == 8)
            // What a cut lost is told, by the plan and in the result.
            let warned = result.runs.filter { $0.warnings.contains { $0.contains("is cut to rank 1, which keeps") } }
            #expect(warned.map(\.name) == ["lossy"])
            #expect(
                try experiment.plan().warnings().contains { $0.run == "lossy" && $0.text.contains("cut to rank 1") })
            let again = try experiment.plan()
            let folder = try #require(again.adapterFolder(of: again.runs[0]))
            #expect(folder.contains("/adapters/merged-"))

            // One that was damaged in the cache is made again.
            let weights = URL(fileURLWithPath: folder + "/adapter_model.safetensors")
            let whole = try Data(contentsOf: weights)
            var damaged = whole
            damaged[damaged.count - 1] ^= 1
            try damaged.write(to: weights)
            _ = try experiment.plan()
            #expect(try Data(contentsOf: weights) == whole)
        }
    }

    @Test("A merge by what a probe measures is made once, stopped or not, and is another one with another probe")
    func measured() async throws {
        let keys = "variants:\n  a: { train: { \(Self.recipe) } }\n  b: { train: { \(Self.recipe) }, seed: 2 }\n"
        try await TinyExperiment.with(keys) { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: HeadRunTests.lines)
            let trained = try await ExperimentRunner(try experiment.plan(), workers: 2).run()
            let folders = try experiment.plan().trainings.map(\.folder)
            func merge(_ by: String, _ steps: Int = 2, other: Int = 1, rank: Int = 1000) -> String {
                "{ adapter: { merge: [\(folders[0]), \(folders[other])], by: \(by), rank: \(rank), "
                    + "probe: { data: lines.jsonl, batch_size: 2, steps: \(steps) } } }"
            }
            try experiment.rewrite(
                """
                variants:
                  fisher: \(merge("fisher"))
                  longer: \(merge("fisher", 3))
                  regmean: \(merge("regmean"))
                  diagonal: \(merge("regmean, off_diagonal: 0"))
                  same: \(merge("fisher", other: 0))
                  one: \(merge("regmean", other: 0))
                  lossy: \(merge("regmean", rank: 1))
                """)
            let plan = try experiment.plan()
            #expect(plan.trainings.count == 7 && plan.trainings.allSatisfy { !$0.isDone })
            #expect(plan.trainings[0].title.hasSuffix(", what fisher measures of 2 adapters"))
            let result = try await ExperimentRunner(plan, workers: 2).run()
            #expect(Set(result.runs.map(\.methodID)).count == 7)
            #expect(result.runs[0].adapter.hasPrefix("fisher of ") && result.runs[2].adapter.hasPrefix("regmean of "))
            let scores = Dictionary(
                result.items.map { ($0.run, $0.table.reals("cosine")) }, uniquingKeysWith: { first, _ in first })
            let plain = try #require(trained.items.first { $0.run == "a" }).table.reals("cosine")
            for name in ["same", "one"] {
                #expect(zip(scores[name] ?? [], plain).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
            }
            #expect(scores["fisher"] != plain && scores["fisher"] != scores["regmean"])
            let warned = result.runs.filter { $0.warnings.contains { $0.contains("is cut to rank 1, which keeps") } }
            #expect(warned.map(\.name) == ["lossy"])
            let again = try experiment.plan()
            #expect(again.trainings.allSatisfy { $0.isDone })
            #expect(try again.summary(workers: 1).contains("each through 2 adapters for fisher, "))
        }
    }

    @Test("A position is trained once, found again, told in the result, and is another method with another probe")
    func positions() async throws {
        let keys = "variants:\n  a: { train: { \(Self.recipe) } }\n  b: { train: { \(Self.recipe) }, seed: 2 }\n"
        try await TinyExperiment.with(keys) { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: HeadRunTests.lines)
            _ = try await ExperimentRunner(try experiment.plan(), workers: 2).run()
            let folders = try experiment.plan().trainings.map(\.folder)
            func position(_ more: String, _ probe: String) -> String {
                "{ adapter: { merge: [\(folders[0]), \(folders[1])], by: self_positioning\(more), "
                    + "probe: { data: lines.jsonl, batch_size: 2, \(probe) } } }"
            }
            try experiment.rewrite(
                """
                variants:
                  one: \(position("", "steps: 2, learning_rate: 0.1"))
                  longer: \(position("", "steps: 3, learning_rate: 0.1"))
                  faster: \(position("", "steps: 2, learning_rate: 0.2"))
                  held: \(position(", scale_penalty: 0.5", "steps: 2, learning_rate: 0.1"))
                  elsewhere: \(position(", weights: [1, 3], scale: 0.5", "steps: 2, learning_rate: 0.1"))
                """)
            let plan = try experiment.plan()
            #expect(plan.trainings.count == 5 && plan.trainings.allSatisfy { !$0.isDone })
            let result = try await ExperimentRunner(plan, workers: 2).run()
            #expect(Set(result.runs.map(\.methodID)).count == 5 && Set(result.runs.map(\.adapterSHA256)).count == 5)
            for run in result.runs {
                #expect(run.adapter.hasPrefix("self_positioning of ") && run.adapter.contains("(shares "))
            }
            let again = try experiment.plan()
            #expect(again.trainings.allSatisfy { $0.isDone })
            let folder = try #require(again.adapterFolder(of: again.runs[0]))
            #expect(try Adapter(folder: folder).configuration.rank == 4)
            // What is written out means the same.
            let spec = try experiment.plan().spec
            #expect(spec.resolvedYAML.contains("by: self_positioning") && !spec.resolvedYAML.contains("weight_decay"))
        }
    }

    @Test("A run of another experiment stands for the adapter that it trains, alone, merged and positioned")
    func trainedElsewhere() async throws {
        let sources =
            "variants:\n  a: { train: { \(Self.recipe) } }\n  b: { train: { \(Self.recipe) }, seed: 2, seeds: 2 }\n"
        try await TinyExperiment.with(sources) { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: HeadRunTests.lines)
            try FileManager.default.copyItem(
                atPath: experiment.folder + "/x.yaml", toPath: experiment.folder + "/sources.yaml")
            let planned = try experiment.plan()
            let folders = planned.trainings.map(\.folder)
            let (first, second) = ("sources.yaml:a", "sources.yaml:b seed=3")
            let position =
                "by: self_positioning, probe: { data: lines.jsonl, batch_size: 2, steps: 2, learning_rate: 0.1 }"
            try experiment.rewrite(
                """
                variants:
                  alone: { adapter: \(first) }
                  its folder: { adapter: \(folders[0]) }
                  half: { adapter: { merge: [\(first), \(second)] } }
                  of folders: { adapter: { merge: [\(folders[0]), \(folders[2])] } }
                  positioned: { adapter: { merge: [\(first), \(second)], \(position) } }
                """)
            // Said before anything is computed, with the command that trains it.
            let error = #expect(throws: (any Error).self) { try experiment.plan() }
            let message = "\(error.map { "\($0)" } ?? "")"
            #expect(message.contains("is not trained yet") && message.contains("--only \"a\""), "\(message)")

            _ = try await ExperimentRunner(planned, workers: 2).run()
            let plan = try experiment.plan()
            #expect(plan.spec.resolvedYAML.contains("sources.yaml:b seed=3"))
            let result = try await ExperimentRunner(plan, workers: 2).run()
            let scores = Dictionary(
                result.items.map { ($0.run, $0.table.reals("cosine")) }, uniquingKeysWith: { first, _ in first })
            #expect(scores["alone"] == scores["its folder"] && scores["half"] == scores["of folders"])
            #expect(Set(result.runs.map(\.adapterSHA256)).count == 3)
            #expect(result.runs[0].adapter.hasPrefix("a of ") && result.runs[0].adapter.hasSuffix("sources.yaml"))
            // What it is called and where it lies decides nothing.
            #expect(Set(result.runs.map(\.methodID)).count == 3)

            // Its training looked at the tasks of its own experiment.
            #expect(try plan.warnings().allSatisfy { !$0.text.contains("cleaned") })
            let pairs = experiment.folder + "/pairs.csv"
            try FileManager.default.copyItem(atPath: pairs, toPath: experiment.folder + "/others.csv")
            let path = experiment.folder + "/x.yaml"
            let other = try String(contentsOfFile: path, encoding: .utf8).replacing("pairs.csv", with: "others.csv")
            try AtomicFile.replace(path, with: other)
            let warnings = try experiment.plan().warnings().filter { $0.text.contains("cleaned") }
            #expect(Set(warnings.map(\.run)) == ["alone", "half", "positioned"])
            #expect(
                warnings.first?.text == "the adapter of a: its examples were not cleaned of the sentences of mine")
        }
    }

    @Test(
        "A run that trains no adapter of the model is refused where it is named",
        arguments: [
            ("sources.yaml:c", "unknown run of"),
            ("sources.yaml:plain", "expected a run that trains an adapter by itself, found \"plain\""),
            ("sources.yaml:again", "expected a run that trains an adapter by itself, found \"again\""),
            ("sources.yaml:other", "trains an adapter of other, not of tiny"),
            ("elsewhere.yaml:a", "elsewhere.yaml"),
        ])
    func refusedRuns(reference: String, message: String) throws {
        let sources = """
            variants:
              plain: {}
              again: { adapter: sources.yaml:plain }
              other: { model: ./other.gguf, train: { \(Self.recipe) } }
            """
        try TinyExperiment.with(sources) { experiment in
            let folder = experiment.folder
            try AtomicFile.replace(folder + "/lines.jsonl", with: HeadRunTests.lines)
            try FileManager.default.copyItem(atPath: folder + "/x.yaml", toPath: folder + "/sources.yaml")
            try FileManager.default.copyItem(atPath: folder + "/tiny.gguf", toPath: folder + "/other.gguf")
            try experiment.rewrite("adapter: \(reference)\n")
            let error = #expect(throws: (any Error).self) { try experiment.plan() }
            let found = "\(error.map { "\($0)" } ?? "")"
            #expect(found.contains(message), "\(found)")
            // A file that isn't there is named itself.
            #expect(found.contains("x.yaml:4") || reference.hasPrefix("elsewhere"), "\(found)")
        }
    }

    @Test(
        "What can't be merged is refused at its line",
        arguments: [
            ("{ merge: [./a] }", "expected two adapters or more to merge, found 1"),
            ("{ merge: [./a, ./b], by: slrp }", "unknown way to merge \"slrp\""),
            ("{ merge: [./a, ./b], wieghts: [1, 2] }", "unknown key of a merged adapter \"wieghts\""),
            ("{ by: slerp }", "merge"),
            ("{ merge: [./a, ./b], weights: [1e308, 1e308] }", "weights: expected 0, or a size from"),
            ("{ merge: [./a, ./b], by: slerp, weights: [1, 1e7] }", "found 10000000.0"),
            ("{ merge: [./a, ./b], by: task_arithmetic, weights: [-1e-300, 1] }", "found -1e-300"),
            ("{ merge: [./a, ./b], scale: 1e308 }", "scale: expected 0, or a size from"),
            ("{ merge: [./a, ./b], scale: 1e400 }", "expected a number"),
            ("{ merge: [./a, ./b], scale: 0 }", "expected another scale than 0"),
            ("{ merge: [./a, ./b], by: task_arithmetic, weights: [0, 0] }", "expected another weight than 0"),
            ("{ merge: [./a, ./b], by: ties }", "what ties makes has no low rank"),
            ("{ merge: [./a, ./b], by: dare, rank: 4 }", "expected drop, the chance"),
            ("{ merge: [./a, ./b], by: dare, rank: 4, drop: 1 }", "drop: expected a chance above 0 and below 1"),
            ("{ merge: [./a, ./b], by: ties, rank: 0 }", "rank: expected 1 to 16384, found 0"),
            ("{ merge: [./a, ./b], by: ties, rank: 4, density: 20 }", "density: expected a share above 0, up to 1"),
            ("{ merge: [./a, ./b], by: self_positioning }", "probe"),
            ("{ merge: [./a, ./b], by: self_positionning }", "unknown way to merge \"self_positionning\""),
            (
                "{ merge: [./a, ./b], by: self_positioning, probe: { data: wordnet } }",
                "expected the learning_rate of plain gradient descent"
            ),
            (
                "{ merge: [./a, ./b], by: self_positioning, probe: { learning_rate: 0.1, rank: 4 } }",
                "rank says nothing of a probe"
            ),
            (
                "{ merge: [./a, ./b, ./c], by: self_positioning, probe: { learning_rate: 0.1 } }",
                "slerp lies between two adapters, found 3"
            ),
            (
                "{ merge: [./a, ./b], by: self_positioning, scale_penalty: 2, probe: { learning_rate: 0.1 } }",
                "scale_penalty: expected 0.0 to 1.0"
            ),
            (
                "{ merge: [./a, ./b], by: self_positioning, probe: { learning_rate: 0.1 } }",
                "no such folder of an adapter"
            ),
            ("{ merge: [./a, ./b], density: 0.2 }", "density is a key of ties, and this merge is by average"),
            ("{ merge: [./a, ./b], by: dare, drop: 0.9, rank: 4, seed: -1 }", "seed: expected"),
            ("{ merge: [./a, ./b] }", "./a/adapter_config.json: no such file"),
        ])
    func refused(adapter: String, message: String) throws {
        try TinyExperiment.with("adapter: \(adapter)\n") { experiment in
            let error = #expect(throws: (any Error).self) { try experiment.plan() }
            #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(String(describing: error))")
        }
    }
}

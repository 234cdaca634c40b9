import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Running
import Specification
import Synchronization
import Testing

@Suite("Trainings, and the store of their adapters")
struct TrainingPlanTests {
    private static func variants(_ runs: String) -> String {
        """
        train: { data: lines.jsonl, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj, v_proj] }
        variants:
        \(runs)
        """
    }

    private static let same = variants(
        "  mean: {}\n  layer: { layer: 1 }\n  twin: { dimensions: 4 }\n  other: { seed: 8 }")

    private static let lines = """
        {"anchor": "A bird flies.", "positive": "A bird is flying."}
        {"anchor": "A cat sleeps.", "positive": "A cat is asleep."}
        {"anchor": "A dog runs.", "positive": "A dog is running."}
        {"anchor": "It rains.", "positive": "Rain falls."}
        {"anchor": "Snow falls.", "positive": "It snows."}

        """

    @Test("Epochs are counted out in steps, without what fills no batch; the adapter is that of the same steps")
    func epochs() async throws {
        let runs = """
            train: { data: lines.jsonl, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj], warmup: 0 }
            variants:
              a: { train: { epochs: 3 } }
              b: { train: { steps: 6 } }
              c: { train: { epochs: 0.1 } }
              d: { train: { epochs: 3, accumulation: 4 } }
            """
        try await with(runs) { experiment in
            let plan = try experiment.plan()
            #expect(plan.trainings.map(\.spec.recipe.steps) == [6, 1, 2])
            #expect(plan.trainings.allSatisfy { $0.spec.epochs == nil })
            #expect(plan.adapterFolder(of: plan.runs[0]) == plan.adapterFolder(of: plan.runs[1]))
        }
    }

    @Test("What changes no example and no batch makes no training of its own: the adapters are equal by a bit")
    func alike() async throws {
        let runs = """
            train: { data: lines.jsonl, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj] }
            variants:
              a: { train: { decontaminate: false } }
              b: { train: { no_duplicates: true, decontaminate: false } }
              c: { train: { examples: 9, decontaminate: false } }
              d: {}
            """
        try await with(runs) { experiment in
            func identities() throws -> [SHA256Digest] {
                let plan = try experiment.plan()
                return plan.runs.compactMap { plan.stages(of: $0).first?.identity }
            }
            // One of the five is in the evaluation.
            var found = try identities()
            #expect(found[0] == found[1] && found[0] == found[2] && found[0] != found[3])
            #expect(try await train(experiment) == 2)
            try AtomicFile.replace(
                experiment.folder + "/lines.jsonl", with: Self.lines.replacing("A dog runs.", with: "He runs."))
            found = try identities()
            #expect(Set(found).count == 1)
            // A sentence that stands twice is put off.
            try AtomicFile.replace(
                experiment.folder + "/lines.jsonl", with: Self.lines.replacing("It rains.", with: "Snow falls."))
            let plan = try experiment.plan()
            let separation = try #require(plan.stages(of: plan.runs[1]).first).separation
            found = try identities()
            #expect((found[0] == found[1]) == (separation.putOff + separation.leftOut == 0))
        }
    }

    @Test("An adapter belongs to what is learnt, not to what a task of one's own is called")
    func renamedTask() throws {
        let keys = """
            train: { data: NAME, loss: cosent, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj], development: NAME,
                evaluate_every: 1, decontaminate: false }
            """
        try TinyExperiment.with("") { experiment in
            func fingerprint(_ name: String) throws -> SHA256Digest {
                try experiment.rewrite(keys.replacing("NAME", with: name))
                let path = experiment.folder + "/x.yaml"
                try AtomicFile.replace(
                    path, with: TextFile.text(of: path).replacing("{name: mine,", with: "{name: \(name),"))
                return try #require(try experiment.plan().trainings.first).fingerprint
            }
            let (mine, ours) = (try fingerprint("mine"), try fingerprint("ours"))
            #expect(mine == ours)
        }
    }

    @Test(
        "Combinations of a matrix that train the same on the examples that there are, are refused",
        arguments: [
            ("train.examples: [all, 5]", true), ("train.examples: [7, 9]", true), ("train.examples: [all, 2]", false),
            ("train: [{ epochs: 3 }, { steps: 6 }]", true), ("train: [{ epochs: 3 }, { steps: 5 }]", false),
        ])
    func same(matrix: String, isRefused: Bool) async throws {
        let recipe = "train: { data: lines.jsonl, batch_size: 2, rank: 2, targets: [q_proj], warmup: 0 }"
        try await with("\(recipe)\nmatrix: { \(matrix) }") { experiment in
            guard isRefused else { return _ = try experiment.plan() }
            let error = #expect(throws: ConfigProblems.self) { try experiment.plan() }
            #expect(error?.description.contains("mean the same with the examples that there are") == true)
        }
    }

    @Test("A file below the home folder is called with ~, wherever a result says what was learnt from")
    func home() async throws {
        let path = HomeFolder.path + "/a/lines.jsonl"
        var spec = TrainingSpec()
        spec.source = .file(path, beside: "/")
        #expect(spec.sourceName == "~/a/lines.jsonl")
    }

    private func with(_ keys: String, _ body: (TinyExperiment) async throws -> Void) async throws {
        try await TinyExperiment.with(keys) { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: Self.lines)
            try await body(experiment)
        }
    }

    /// How many trainings were begun.
    private func train(_ experiment: TinyExperiment, anew: Bool = false) async throws -> Int {
        let begun = Mutex(0)
        try await ExperimentRunner(try experiment.plan(), workers: 2).trainAdapters(anew: anew) { event in
            if case .trainingStarted = event { begun.withLock { $0 += 1 } }
        }
        return begun.withLock { $0 }
    }

    @Test("Runs that would train the same share one training; another layer or seed is another")
    func sharing() async throws {
        try await with(Self.same) { experiment in
            let plan = try experiment.plan()
            #expect(plan.trainings.count == 3)
            let folders = plan.runs.map { plan.adapterFolder(of: $0) }
            #expect(folders[0] == folders[2] && Set(folders).count == 3)
            #expect(Set(plan.trainings.map(\.fingerprint)).count == 3)
            let identity = plan.trainings[0].identity
            // Another kernel or another limit is another adapter of the same training.
            let arithmetics = [
                "OpenBLAS Haswell", "OpenBLAS SkylakeX", "OpenBLAS Haswell; settings ONEDNN_MAX_CPU_ISA=AVX2",
            ]
            #expect(Set(arithmetics.map { TrainingPlan.fingerprint(of: identity, by: $0) }).count == 3)
            #expect(
                plan.trainings[0].fingerprint == TrainingPlan.fingerprint(of: identity, by: Arithmetic.description))
            #expect(try experiment.plan().trainings.map(\.fingerprint) == plan.trainings.map(\.fingerprint))
            #expect(plan.trainings.allSatisfy { !$0.isDone && $0.folder.hasPrefix(experiment.cache.path) })
            #expect(try plan.restricted(to: "other").trainings.map(\.fingerprint) == [plan.trainings[2].fingerprint])
        }
    }

    @Test("Examples with a sentence of an evaluation set are dropped, and counted")
    func cleaning() async throws {
        let keys = Self.variants("  a: {}")
        try await with(keys) { experiment in
            let training = try #require(try experiment.plan().trainings.first)
            #expect(training.cleaning.examples == 5 && training.cleaning.contaminated == 1)
            #expect(training.examples.count == 4)
        }
    }

    @Test("More examples than there are: the training takes what there is, and its runs are warned")
    func tooFew() async throws {
        let keys = Self.variants("  few: { train: { examples: 9 } }\n  all: { train: { examples: 4 } }")
        try await with(keys) { experiment in
            let warnings = try experiment.plan().warnings().filter { $0.text.hasPrefix("asks for") }
            #expect(warnings.map(\.run) == ["few"])
            let text = try #require(warnings.first).text
            #expect(text.hasPrefix("asks for 9 examples; ") && text.hasSuffix("lines.jsonl leaves 4 to learn from"))
        }
    }

    @Test("A training of which the evaluation leaves nothing says so, and what to do")
    func nothingLeft() async throws {
        try await with(Self.variants("  a: {}")) { experiment in
            try AtomicFile.replace(
                experiment.folder + "/lines.jsonl",
                with:
                    "{\"anchor\": \"Up.\", \"positive\": \"Above.\"}\n{\"anchor\": \"Red\", \"positive\": \"Pink.\"}\n")
            let error = #expect(throws: Diagnostic.self) { try experiment.plan() }
            #expect(error?.message.hasSuffix("has 2 examples, each with a sentence of the evaluation") == true)
            #expect(error?.suggestion == "decontaminate: false keeps them")
        }
    }

    @Test("A limit holds for the development set too; what a part of it chose has a key of its own")
    func limitedDevelopment() async throws {
        let keys = Self.variants("  a: {}").replacing(
            "steps: 2,", with: "steps: 2, development: STS-B-dev, evaluate_every: 1, decontaminate: false,")
        try await with(keys) { experiment in
            let rows = (0..<6).map { "main\tMSRvid\t2012test\t\($0)\t\($0 % 5)\tA cat \($0).\tA dog \($0)." }
            try AtomicFile.createFolder(experiment.folder + "/data/downstream/STS/STSBenchmark")
            try AtomicFile.replace(
                experiment.folder + "/data/downstream/STS/STSBenchmark/sts-dev.csv",
                with: rows.map { $0 + "\n" }.joined())
            let plans = try [nil, 3, 100].map { try experiment.plan(limit: $0).trainings[0] }
            let tokens = plans.map { $0.development?.tokenCount ?? 0 }
            #expect(tokens[1] > 0 && tokens[1] <= tokens[0] / 2 + 1 && tokens[2] == tokens[0], "\(tokens)")
            #expect(plans[0].identity == plans[2].identity && plans[0].identity != plans[1].identity)
        }
    }

    @Test(
        "What a user's own development set holds is in the training's identity; a set that is scored too is warned of")
    func ownDevelopment() async throws {
        let developed = "development: mine, evaluate_every: 1, decontaminate: false"
        let keys = Self.variants("  a: {}").replacing("steps: 2,", with: "steps: 2, \(developed),")
        try await with(keys) { experiment in
            let plans = try [TinyExperiment.pairs, TinyExperiment.pairs.replacing("4,Up.", with: "3,Up.")].map {
                pairs in
                try AtomicFile.replace(experiment.folder + "/pairs.csv", with: pairs)
                return try experiment.plan()
            }
            let trainings = plans.map { $0.trainings[0] }
            #expect(
                trainings[0].identity != trainings[1].identity && trainings[0].learntFrom != trainings[1].learntFrom)
            #expect(trainings[0].datasets.map(\.task) == ["training on lines.jsonl", "development on mine"])
            #expect(trainings[0].datasets.map(\.pairs) == [5, 5])
            let warnings = try plans[0].warnings().map(\.text)
            #expect(warnings.contains("the adapter is chosen by mine, which is scored: its score is chosen too"))
        }
    }

    @Test(
        "Scored pairs that the development set holds too are counted, whatever it is called and however they are written"
    )
    func developmentPairsThatAreScored() async throws {
        let keys = Self.variants("  a: {}").replacing(
            "steps: 2,", with: "steps: 2, development: STS-B-dev, evaluate_every: 1, decontaminate: false,")
        try await with(keys) { experiment in
            let pairs = [
                ("a dog runs !", "ONE."), ("A girl sings.", "A girl is singing."), ("Red", "Green"), ("Up.", "Up."),
            ]
            let rows = pairs.map { "main\tMSRvid\t2012test\t1\t\($0.0.count % 5)\t\($0.0)\t\($0.1)" }
            try AtomicFile.createFolder(experiment.folder + "/data/downstream/STS/STSBenchmark")
            try AtomicFile.replace(
                experiment.folder + "/data/downstream/STS/STSBenchmark/sts-dev.csv",
                with: rows.map { $0 + "\n" }.joined())
            let warnings = try experiment.plan().warnings().map(\.text)
            #expect(
                warnings.contains(
                    "the adapter is chosen by STS-B-dev, which holds 2 of the 5 pairs of mine: they are chosen by too"))
        }
    }

    @Test("An adapter is trained once, found afterwards, and is the same when it is trained anew")
    func store() async throws {
        try await with(Self.variants("  a: {}\n  b: { pooling: last }")) { experiment in
            #expect(try await train(experiment) == 2)
            let plan = try experiment.plan()
            #expect(plan.trainings.map(\.isDone) == [true, true])
            let digests = try plan.trainings.map { try Adapter.sha256(folder: $0.folder) }
            #expect(try await train(experiment) == 0)
            #expect(try await train(experiment, anew: true) == 2)
            #expect(try plan.trainings.map { try Adapter.sha256(folder: $0.folder) } == digests)
            #expect(digests[0] != digests[1])
        }
    }

    @Test("A training that is stopped leaves no adapter, and the next call finishes it")
    func stopped() async throws {
        try await with(Self.variants("  a: {}")) { experiment in
            let stopped = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await train(experiment)
            }
            await #expect(throws: CancellationError.self) { try await stopped.value }
            let left = try experiment.plan().trainings
            #expect(left.map(\.isDone) == [false])
            #expect(try await train(experiment) == 1)
            #expect(try experiment.plan().trainings.map(\.isDone) == [true])
        }
    }

    @Test("A damaged log of a training is an error that says what to do")
    func damagedLog() async throws {
        try await with(Self.variants("  a: {}")) { experiment in
            _ = try await train(experiment)
            let plan = try experiment.plan()
            try AtomicFile.replace(plan.trainings[0].folder + "/training.json", with: "[")
            let error = await #expect(throws: Diagnostic.self) {
                try await ExperimentRunner(plan, workers: 1).run()
            }
            #expect(error?.suggestion?.contains("run with --fresh") == true, "\(String(describing: error))")
        }
    }

    @Test(
        "A finished adapter of which a byte has changed is used by nobody: not scored, exported or trained on",
        arguments: [
            "adapter_model.safetensors", "adapter_config.json", "2_Dense/model.safetensors", "2_Dense/config.json",
            "training.json", "bellm.sha256",
        ])
    func damaged(file: String) async throws {
        let keys = Self.variants("  a: {}").replacing(
            "steps: 2,", with: "steps: 2, head: { kind: linear, dimensions: 4 },")
        try await with(keys) { experiment in
            _ = try await train(experiment)
            let plan = try experiment.plan()
            let folder = plan.trainings[0].folder
            let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
            var damaged = whole
            damaged[damaged.count - 2] ^= 1
            try damaged.write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
            func message(_ body: () async throws -> Void) async throws -> String {
                try await #require(throws: Diagnostic.self) { try await body() }.description
            }
            var said = [try await message { try plan.exportAdapter(of: plan.runs[0], to: experiment.folder + "/out") }]
            said.append(try await message { _ = try await train(experiment) })
            said.append(try await message { _ = try AdapterFolder(folder).head() })
            said.append(try await message { _ = try AdapterFolder(folder).sha256() })
            for text in said { #expect(text.contains(folder) && text.contains("--fresh"), "\(text)") }
            if file != "bellm.sha256" { #expect(said.allSatisfy { $0.contains(file) }) }
            #expect(!FileManager.default.fileExists(atPath: experiment.folder + "/out/adapter_config.json"))

            #expect(try await train(experiment, anew: true) == 1)
            if file != "training.json" {
                #expect(
                    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")) == whole || file == "bellm.sha256")
            }
            try experiment.plan().exportAdapter(of: plan.runs[0], to: experiment.folder + "/out")
            #expect(FileManager.default.fileExists(atPath: experiment.folder + "/out/adapter_config.json"))
        }
    }

    @Test("An adapter whose digests aren't written yet isn't done: it is trained again")
    func unsealed() async throws {
        try await with(Self.variants("  a: {}")) { experiment in
            _ = try await train(experiment)
            let training = try experiment.plan().trainings[0]
            try FileManager.default.removeItem(atPath: training.folder + "/bellm.sha256")
            #expect(!training.isDone)
            #expect(try await train(experiment) == 1)
            #expect(training.isDone)
        }
    }
}

import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Running
import Specification
import Synchronization
import TestSupport
import Testing

@Suite("Runs whose embedding has a head")
struct HeadRunTests {
    static let lines = """
        {"anchor": "A bird flies.", "positive": "A bird is flying."}
        {"anchor": "A cat sleeps.", "positive": "A cat is asleep."}
        {"anchor": "It rains.", "positive": "Rain falls."}
        {"anchor": "Snow falls.", "positive": "It snows."}

        """

    private static func keys(_ runs: String) -> String {
        """
        train: { data: lines.jsonl, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj] }
        variants:
        \(runs)
        """
    }

    private func with(_ runs: String, _ body: (TinyExperiment) async throws -> Void) async throws {
        try await TinyExperiment.with(Self.keys(runs)) { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: Self.lines)
            try await body(experiment)
        }
    }

    @Test("Rows that need no training are scored before any, and the result has all in the experiment's order")
    func firstRows() async throws {
        let runs = """
              trained: {}
              plain: { train: none }
              other: { train: none, pooling: last }
            """
        try await with(runs) { experiment in
            let events = Mutex<[String]>([])
            let result = try await ExperimentRunner(try experiment.plan(), workers: 2).run { event in
                switch event {
                case .trainingStarted: events.withLock { $0.append("training") }
                case .scored(let runs):
                    for run in runs { events.withLock { $0.append("\(run.run) \(run.measures.map(\.metric))") } }
                default: break
                }
            }
            let found = events.withLock(\.self)
            #expect(Set(found.prefix(2)) == ["plain [\"spearman\"]", "other [\"spearman\"]"])
            #expect(found.dropFirst(2) == ["training", "trained [\"spearman\"]"])
            #expect(result.runs.map(\.name) == ["trained", "plain", "other"])
        }
    }

    /// The cosines of the task's pairs, by the adapter and the head in a folder.
    private func cosines(_ plan: ExperimentPlan, run: Int, head: Head?) async throws -> [Double] {
        let folder = try #require(plan.adapterFolder(of: plan.runs[run]))
        let model = try plan.runs[run].model.open()
        let backbone = try model.backbone(merging: AdapterFolder(folder).adapter())
        let rows = TinyExperiment.pairs.split(separator: "\n").dropFirst().flatMap { line in
            line.split(separator: ",").dropFirst().map(String.init)
        }
        let prompts = try Prompts(
            rows, by: plan.runs[run].method, tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
        let pooled = try await Encoder(backbone: backbone, workers: 1)
            .encode(prompts, methods: [plan.runs[run].method]).embeddings[0]
        let embeddings = head.map { $0(pooled) } ?? pooled
        return stride(from: 0, to: rows.count, by: 2).map { index in
            let (a, b) = (
                embeddings.array(row: index).map(Double.init), embeddings.array(row: index + 1).map(Double.init)
            )
            func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
            return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
        }
    }

    @Test("A head that belongs to the embedding is saved and evaluated; one for the training only is not")
    func evaluated() async throws {
        let runs = """
              kept: { train: { head: { kind: linear, dimensions: 5 } } }
              thrown: { train: { head: { kind: linear, dimensions: 5, train_only: true } } }
              plain: {}
            """
        try await with(runs) { experiment in
            let plan = try experiment.plan()
            #expect(Set(plan.trainings.map(\.fingerprint)).count == 3)
            let result = try await ExperimentRunner(plan, workers: 2).run()
            #expect(result.runs.map(\.head) == ["24 → 5", "", ""])
            #expect(result.runs.map(\.dimensions) == [5, 24, 24])
            #expect(Set(result.runs.map(\.adapterSHA256)).count == 3 && Set(result.runs.map(\.methodID)).count == 3)
            for (index, run) in result.runs.enumerated() {
                let folder = try #require(plan.adapterFolder(of: plan.runs[index]))
                let head = try AdapterFolder(folder).head()
                #expect((head != nil) == (run.name == "kept"))
                let found = result.items.filter { $0.run == run.name }.flatMap { $0.table.reals("cosine") }
                let expected = try await cosines(plan, run: index, head: head)
                #expect(found.count == 5)
                #expect(Difference(found.map(Float.init), expected).largest < 1e-5, "\(run.name)")
            }
        }
    }

    private func cosines(_ experiment: TinyExperiment, cache: CacheUse? = nil) async throws -> [String: [Double]] {
        var runner = ExperimentRunner(try experiment.plan(), workers: 2)
        runner.cache = cache
        let result = try await runner.run()
        return Dictionary(grouping: result.items, by: \.run).mapValues { $0.flatMap { $0.table.reals("cosine") } }
    }

    private static let headedAndPlain = """
          headed: { train: { head: { kind: mlp, hidden: 6, dimensions: 24 } } }
          plain: { train: { head: { kind: mlp, hidden: 6, dimensions: 24, train_only: true } } }
        """

    @Test("The cache gives each run its own embeddings back, with a head and without")
    func cached() async throws {
        try await with(Self.headedAndPlain) { experiment in
            let computed = try await cosines(experiment)
            #expect(computed["headed"] != computed["plain"])
            let cache = try #require(
                try CacheUse(folder: experiment.cache) { Issue.record("warned: \($0)") })
            #expect(try await cosines(experiment, cache: cache) == computed)
            #expect(try await cosines(experiment, cache: cache) == computed)
        }
    }

    @Test("An adapter's folder without the last layer of its head, or all of them, is refused")
    func incomplete() async throws {
        let runs = "      mlp: { train: { head: { kind: mlp, hidden: 6, dimensions: 5 } } }"
        try await with(runs) { experiment in
            let plan = try experiment.plan()
            _ = try await ExperimentRunner(plan, workers: 2).run()
            let copy = AdapterFolder(experiment.folder + "/copy")
            try plan.exportAdapter(of: plan.runs[0], to: copy.path)
            #expect(try copy.headShape()?.layers.count == 2)
            for (number, left) in [(3, 1), (2, 0)] {
                try FileManager.default.removeItem(atPath: "\(copy.path)/\(number)_Dense")
                for read in [{ _ = try copy.head() }, { _ = try copy.headShape() }, { _ = try copy.sha256() }] {
                    let error = try #require(throws: Diagnostic.self) { try read() }
                    #expect(error.message == "expected a head of 2 layers beside the adapter, found \(left)")
                }
            }
        }
    }

    @Test("A trained adapter that lost its head is an error that says what to do")
    func lost() async throws {
        try await with("  headed: { train: { head: { kind: linear, dimensions: 5 } } }") { experiment in
            _ = try await cosines(experiment)
            let folder = try #require(try experiment.plan().trainings.first?.folder)
            try FileManager.default.removeItem(atPath: folder + "/2_Dense")
            let error = await #expect(throws: Diagnostic.self) { _ = try await cosines(experiment) }
            #expect(error?.suggestion?.contains("run with --fresh") == true, "\(String(describing: error))")
        }
    }

    @Test("An objective that reads more dimensions than the head gives is refused before any work, at its line")
    func views() async throws {
        let objective = "objective: { matryoshka: { dimensions: [6] } }"
        let run = "  headed: { train: { \(objective), head: { kind: linear, dimensions: 5, train_only: true } } }"
        try await with(run) { experiment in
            let error = #expect(throws: ConfigProblems.self) { _ = try experiment.plan() }
            let text = "\(String(describing: error))"
            #expect(text.contains("x.yaml:") && text.contains("reads 6 dimensions, but embeddings have 5"), "\(text)")
        }
    }

    @Test("An exported adapter with its head gives the same embeddings by a bit where it is named")
    func exported() async throws {
        try await with(Self.headedAndPlain) { experiment in
            let trained = try await cosines(experiment)
            let (plan, copy) = (try experiment.plan(), experiment.folder + "/copy")
            try plan.exportAdapter(of: plan.runs[0], to: copy)
            let files = try plan.files(ofCopy: copy, of: plan.runs[0])
            #expect(files.count == 6 && files.map(\.path).allSatisfy(FileManager.default.fileExists))
            // A copy replaces a copy, and no file of another kind.
            for file in files {
                try file.check()
                let written = try Data(contentsOf: URL(fileURLWithPath: file.path))
                for other in ["model: x\n", "{\"a\": 1}", "\u{89}HDF\r\n"] {
                    try AtomicFile.replace(file.path, with: other)
                    let error = #expect(throws: Diagnostic.self) { try file.check() }
                    #expect(error?.message.hasPrefix("cannot write here: expected ") == true)
                }
                try AtomicFile.replace(file.path, with: "")
                try file.check()
                try written.write(to: URL(fileURLWithPath: file.path))
            }
            let path = experiment.folder + "/x.yaml"
            let lines = try TextFile.text(of: path).split(separator: "\n").prefix { !$0.hasPrefix("train:") }
            let start = lines.joined(separator: "\n")
            try AtomicFile.replace(path, with: start + "\nvariants:\n  headed: { adapter: ./copy }\n")
            #expect(try await cosines(experiment)["headed"] == trained["headed"])
            try AtomicFile.replace(path, with: start + "\ndimensions: 25\nadapter: ./copy\n")
            let error = #expect(throws: ConfigProblems.self) { _ = try experiment.plan() }
            #expect("\(String(describing: error))".contains("expected at most the head's 24 dimensions, found 25"))
            #expect(throws: Diagnostic.self, "its head would stay") {
                try plan.exportAdapter(of: plan.runs[1], to: copy)
            }
        }
    }
}

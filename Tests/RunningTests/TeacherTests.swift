import Diagnostics
import Files
import Foundation
import Models
import Running
import Specification
import Synchronization
import TestSupport
import Testing
import Training

@Suite("Trainings that learn from a teacher")
struct TeacherTests {
    private static let rows: [(String, String, Double, Double)] = [
        ("He sings.", "He is singing.", 5.0, 0.875), ("Tea is hot.", "Ice is cold.", 1, 0.25),
        ("She runs.", "She is running.", 4, 0.75), ("Bread.", "Stones.", 0, -0.0), ("Up.", "On.", 2, 0.5),
        ("Rain falls.", "It rains.", 4.5, 1),
    ]
    private static let csv =
        "sentence1,sentence2,score,grade\n" + rows.map { "\($0),\($1),\($2),\(1 + 6 * $3)\n" }.joined()
    private static let keys =
        "data: taught.csv, steps: 4, batch_size: 3, learning_rate: 1e-2, rank: 2, alpha: 4, targets: [q_proj, v_proj], "
        + "checkpoint_every: 1, decontaminate: false"
    private static let column = "{column: grade, lowest: 1, highest: 7}"
    private static let model = "{model: ./tiny.gguf, pooling: max, layer: 1}"

    private static func recipe(_ teacher: String, alpha: Double = 0.5) -> String {
        "{ \(keys), objective: {distillation: {alpha: \(alpha)}}, teacher: \(teacher) }"
    }

    private func with(_ keys: String, _ body: (TinyExperiment) async throws -> Void) async throws {
        try await TinyExperiment.with(keys) { experiment in
            try AtomicFile.replace(experiment.folder + "/taught.csv", with: Self.csv)
            try await body(experiment)
        }
    }

    private func train(
        _ plan: ExperimentPlan, stoppingAt stop: Int? = nil, workers: Int = 2, cache: CacheFolder? = nil
    ) async throws -> Int {
        let taught = Mutex(0)
        let work = Task {
            var runner = ExperimentRunner(plan, workers: workers)
            if let cache { runner.cache = try CacheUse(folder: cache, warn: { _ in }) }
            try await runner.trainAdapters { event in
                switch event {
                case .teaching: taught.withLock { $0 += 1 }
                case .training(.step(let step)) where step.number == stop: withUnsafeCurrentTask { $0?.cancel() }
                default: break
                }
            }
        }
        if stop == nil {
            try await work.value
        } else {
            await #expect(throws: CancellationError.self) { try await work.value }
        }
        return taught.withLock { $0 }
    }

    private func bits(_ plan: ExperimentPlan) throws -> [UInt32] {
        try Adapter(folder: try #require(plan.trainings.first).folder).values.array(row: 0).bits
    }

    @Test("A column's range becomes cosines, in csv and in JSON lines, and what lies outside is refused with its line")
    func columns() throws {
        try Fixtures.withTemporaryFolder { folder in
            func examples(_ name: String, _ text: String) throws -> [TrainingExample] {
                try AtomicFile.replace("\(folder)/\(name)", with: text)
                return try TrainingData(
                    path: "\(folder)/\(name)", teacher: TeacherColumn("grade", lowest: 1, highest: 7)
                ).examples
            }
            #expect(try examples("a.csv", Self.csv).map(\.values) == Self.rows.map { [[$0.2], [$0.3]] })
            let json = "{\"anchor\": \"A.\", \"positive\": \"B.\", \"grade\": 4}\n"
            #expect(try examples("a.jsonl", json).map(\.values) == [[[0.5]]])
            let wrong = [
                ("b.csv", Self.csv + "A.,B.,1,7.5\n", "b.csv:8: expected grade to be from 1.0 to 7.0, found 7.5"),
                ("b.csv", Self.csv + "A.,B.,1,-5\n", "b.csv:8: expected grade to be from 1.0 to 7.0, found -5.0"),
                ("c.csv", Self.csv + "A.,B.,1,good\n", "c.csv:8: expected a number as grade, found \"good\""),
                ("d.csv", "text1,text2,label,grades\na,b,1,1\n", "d.csv:1: unknown column of a teacher \"grade\""),
                (
                    "e.jsonl", json + "{\"anchor\": \"A.\", \"positive\": \"B.\"}\n",
                    "e.jsonl:2: unknown column of a teacher"
                ),
                ("f.jsonl", json.replacing("4", with: "\"4\""), "f.jsonl:1: expected \"grade\" to be a number"),
            ]
            for (name, text, words) in wrong {
                let error = try #require(throws: Diagnostic.self) { try examples(name, text) }
                #expect("\(error)".contains(words), "\(error)")
            }
        }
    }

    @Test(
        "Stopped and started again, a taught training ends in the same bits, whoever teaches",
        arguments: [column, model])
    func resumed(_ teacher: String) async throws {
        try await with("train: \(Self.recipe(teacher))") { experiment in
            let plan = try experiment.plan()
            _ = try await train(plan, workers: 1)
            let whole = try bits(plan)
            try FileManager.default.removeItem(atPath: try #require(plan.trainings.first).folder)
            _ = try await train(plan, stoppingAt: 2, cache: experiment.cache)
            #expect(try !plan.trainings[0].isDone)
            _ = try await train(experiment.plan(), cache: experiment.cache)
            #expect(try bits(plan) == whole)
        }
    }

    @Test("A model teaches the cosines that its run would score, as a column of them does")
    func asColumn() async throws {
        try await with("train: \(Self.recipe(Self.model, alpha: 1))") { experiment in
            let plan = try experiment.plan()
            _ = try await train(plan)
            let training = try #require(plan.trainings.first)
            let taught = try Adapter(folder: training.folder).values.array(row: 0)

            try experiment.rewrite("layer: 1\nvariants: {scored: {pooling: max}}")
            try AtomicFile.replace(
                experiment.folder + "/pairs.csv",
                with: "s,a,b\n" + Self.rows.map { "\($0.2),\($0.0),\($0.1)\n" }.joined())
            let result = try await ExperimentRunner(experiment.plan(), workers: 1).run()
            let cosines = result.items.flatMap { $0.table.reals("cosine") }
            #expect(Set(cosines).count == Self.rows.count)

            try experiment.rewrite(
                "train: " + Self.recipe("{column: cosine, lowest: -1, highest: 1, lowest_cosine: -1}", alpha: 1))
            try AtomicFile.replace(
                experiment.folder + "/taught.csv",
                with: "sentence1,sentence2,score,cosine\n"
                    + zip(Self.rows, cosines).map { "\($0.0),\($0.1),\($0.2),\($1)\n" }.joined())
            let columns = try experiment.plan()
            _ = try await train(columns)
            let other = try #require(columns.trainings.first)
            #expect(other.folder != training.folder)
            let found = try Adapter(folder: other.folder).values.array(row: 0)
            #expect(Difference(found, taught.map(Double.init)).relative < 1e-5)
        }
    }

    @Test("A result's cosines teach as a column of them does, and one without a cosine of each pair is refused")
    func ofResult() async throws {
        try await with("layer: 1\nvariants: {scored: {pooling: max}, other: {}}") { experiment in
            let result = experiment.folder + "/scored.h5"
            let scored = try await ExperimentRunner(experiment.plan(), workers: 1).run()
            try scored.write(to: result)
            let cosines = try #require(scored.items.first { $0.run == "scored" }).table.reals("cosine")
            func recipe(_ teacher: String, data: String = "mine") -> String {
                "train: " + Self.recipe(teacher, alpha: 1).replacing("data: taught.csv", with: "data: \(data)")
            }
            try experiment.rewrite(recipe("{result: ./scored.h5, run: scored}"))
            let plan = try experiment.plan()
            _ = try await train(plan)
            #expect(plan.trainings[0].title.hasSuffix("5 examples of mine, taught by scored in scored.h5"))
            let taught = try Adapter(folder: plan.trainings[0].folder).values.array(row: 0)
            // Wherever it lies, and however it is said, it teaches the same.
            try FileManager.default.copyItem(atPath: result, toPath: experiment.folder + "/copy.h5")
            try experiment.rewrite(recipe("{result: ./copy.h5, run: scored}"))
            #expect(try experiment.plan().trainings[0].folder == plan.trainings[0].folder)
            try experiment.rewrite(recipe("{result: ./copy.h5, run: other}"))
            #expect(try experiment.plan().trainings[0].folder != plan.trainings[0].folder)

            let lines = TinyExperiment.pairs.split(separator: "\n").dropFirst()
            try AtomicFile.replace(
                experiment.folder + "/column.csv",
                with: "score,sentence1,sentence2,cosine\n" + zip(lines, cosines).map { "\($0),\($1)\n" }.joined())
            try experiment.rewrite(
                recipe("{column: cosine, lowest: -1, highest: 1, lowest_cosine: -1}", data: "column.csv"))
            let columns = try experiment.plan()
            _ = try await train(columns)
            let learnt = try Adapter(folder: columns.trainings[0].folder).values.array(row: 0)
            #expect(Difference(learnt, taught.map(Double.init)).relative < 1e-5)

            func complaint(_ teacher: String) throws -> String {
                try experiment.rewrite(recipe(teacher))
                return "\(try #require(throws: (any Error).self) { try experiment.plan() })"
            }
            let place = "x.yaml:4:"
            let wrong = [
                ("{result: ./none.h5, run: scored}", "none.h5: the teacher's result can't be read"),
                ("{result: ./pairs.csv, run: scored}", "pairs.csv: the teacher's result can't be read"),
                ("{result: ./scored.h5}", "scored.h5 has 2 runs: expected run, which says whose cosines teach"),
                (
                    "{result: ./scored.h5, run: scord}",
                    "scored.h5 \"scord\"; expected one of: scored, other; did you mean"
                ),
            ]
            for (teacher, words) in wrong {
                let found = try complaint(teacher)
                #expect(found.contains(words) && (found.contains(place) || words.contains("read")), "\(found)")
            }
            try experiment.rewrite("layer: 1")
            let few = try await ExperimentRunner(experiment.plan(limit: 2), workers: 1, limit: 2).run()
            try few.write(to: experiment.folder + "/few.h5")
            var found = try complaint("{result: ./few.h5}")
            #expect(
                found.contains("expected a cosine of each of the 5 pairs of mine, found 2; run it without --limit")
                    && found.contains(place), "\(found)")
            // Other pairs under the same name.
            try AtomicFile.replace(
                experiment.folder + "/pairs.csv", with: TinyExperiment.pairs.replacing("Blue", with: "Green"))
            found = try complaint("{result: ./scored.h5, run: scored}")
            #expect(found.contains("its mine was read from other content than") && found.contains(place), "\(found)")
        }
    }

    @Test("What a teacher is decides which training it is; its name and its seed-mates don't make it compute again")
    func identity() async throws {
        func recipe(_ teacher: String) -> String { Self.recipe(teacher) }
        let text = """
            variants:
              a: { train: \(recipe(Self.model)) }
              b: { train: \(recipe("{model: ./twin.gguf, pooling: max, layer: 1}")) }
              c: { train: \(recipe("{model: ./tiny.gguf, pooling: mean, layer: 1}")) }
              d: { train: \(recipe(Self.column)) }
              e: { seed: 2, train: \(recipe(Self.model)) }
            """
        try await with(text) { experiment in
            try FileManager.default.copyItem(
                atPath: experiment.folder + "/tiny.gguf", toPath: experiment.folder + "/twin.gguf")
            let plan = try experiment.plan()
            #expect(plan.trainings.count == 4)
            #expect(plan.adapterFolder(of: plan.runs[0]) == plan.adapterFolder(of: plan.runs[1]))
            // The models embed once for a and e, and once for c.
            let alone = try experiment.plan(only: ["c"])
            let calls = try await train(alone)
            #expect(calls > 0)
            #expect(try await train(plan) == calls)
            let summary = try plan.summary(workers: 1)
            #expect(summary.contains("teacher: tiny, max pooling, hidden layer 1"), "\(summary)")
        }
    }
}

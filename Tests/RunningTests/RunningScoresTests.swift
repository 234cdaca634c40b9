import Diagnostics
import Embedding
import Foundation
import Numerics
import Running
import Specification
import TestSupport
import Testing

@Suite("Scores while passes go on")
struct RunningScoresTests {
    /// Random embeddings for each of a pass's methods.
    private func embeddings(of pass: PassPlan, seed: UInt64) -> [FrozenMatrix] {
        var random = SeededRandom(seed: seed)
        let shape = (rows: pass.prompts.tokens.count, columns: pass.model.shape.hiddenSize)
        return pass.methods.map { _ in
            FrozenMatrix(
                freezing: Matrix(
                    rows: shape.rows, columns: shape.columns, random.floats(shape.rows * shape.columns)))
        }
    }

    @Test("A run of several prompts is scored by the last of its passes, a run of one by its own")
    func averages() async throws {
        let keys = """
            variants:
              both: { template: ["x {text}", "y {text}"] }
              one: { template: "x {text}" }
            """
        try await TinyExperiment.with(keys) { experiment in
            let plan = try experiment.plan()
            #expect(plan.passes.count == 2)
            var work = RunningScores(plan.data, workers: 1)
            try await work.take(embeddings(of: plan.passes[0], seed: 1), of: plan.passes[0]) { _, _, _ in }
            #expect(Set(work.scores.keys) == ["one"])
            try await work.take(embeddings(of: plan.passes[1], seed: 2), of: plan.passes[1]) { _, _, _ in }
            let (one, both) = (try #require(work.scores["one"]), try #require(work.scores["both"]))
            #expect(one.measures.map(\.run).allSatisfy { $0 == "one" } && !one.measures.isEmpty)
            #expect(one.items.map(\.table.count) == [5] && both.items.map(\.table.count) == [5])
            #expect(one.measures.map(\.measure.value) != both.measures.map(\.measure.value))
        }
    }

    @Test(
        "An embedding without a number stops the experiment with run, sentence and layer, whether blocks are kept or not"
    )
    func notFinite() async throws {
        try await TinyExperiment.with("name: broken") { experiment in
            let tiny = TinyLlama(layers: 2, vocabulary: 256, context: TinyLlama.programContext).overflowing(inLayer: 0)
            try Data(tiny.fileWithTokenizer.bytes).write(to: URL(fileURLWithPath: experiment.folder + "/tiny.gguf"))
            let plan = try experiment.plan()
            var messages: [String] = []
            for isKept in [false, true] {
                var runner = ExperimentRunner(plan, workers: 1)
                if isKept {
                    runner.blocks = BlockStore(folder: experiment.folder + "/b", blocks: plan.blocks(sentences: 3))
                }
                let fixed = runner
                messages.append(try await #require(throws: Diagnostic.self) { _ = try await fixed.run() }.description)
            }
            for message in messages {
                #expect(message.hasPrefix("run \"") && message.contains("from layer 1 on"), "\(message)")
                #expect(
                    TinyExperiment.pairs.split(whereSeparator: ",\n".contains).contains {
                        message.contains("\"\($0)\"")
                    })
            }
        }
    }

    @Test("Runs that differ by what is done with the embeddings share them, and each has its own score")
    func postprocessing() async throws {
        let keys = "variants:\n  plain: {}\n  centred: { postprocess: centre target }\n  short: { dimensions: 4 }"
        try await TinyExperiment.with(keys) { experiment in
            let plan = try experiment.plan()
            #expect(plan.passes.count == 1 && plan.passes[0].methods.count == 1)
            var work = RunningScores(plan.data, workers: 1)
            try await work.take(embeddings(of: plan.passes[0], seed: 3), of: plan.passes[0]) { _, _, _ in }
            let cosines = try plan.runs.map { try #require(work.scores[$0.name]).items }
            #expect(cosines.count == 3)
            #expect(cosines[0].map(\.table) != cosines[1].map(\.table))
            #expect(cosines[0].map(\.table) != cosines[2].map(\.table))
        }
    }
}

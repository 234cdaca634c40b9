import Embedding
import Models
import Numerics
import Running
import Specification
import Testing

@Suite("The plan of an experiment")
struct ExperimentPlanTests {
    private static let variants = """
        variants:
          a: {}
          b: { pooling: last }
          other: { template: "so {text}" }
          c: { layer: 1 }
          d: { bidirectional: all }
          exact: { precision: bfloat16 }
        """

    @Test("Runs share a pass where prompts and arithmetic are the same; passes come in the order of their first run")
    func passes() throws {
        try TinyExperiment.with(Self.variants) { experiment in
            let plan = try experiment.plan()
            #expect(plan.runs.map(\.name) == ["a", "b", "other", "c", "d", "exact"])
            #expect(plan.passes.map { $0.runs.map(\.name) } == [["a", "b", "c", "d"], ["other"], ["exact"]])
            #expect(plan.passes.map(\.methods.count) == [4, 1, 1])
            #expect(plan.passes[2].linear.precision == .bfloat16)
            #expect(plan.trainings.isEmpty)
        }
    }

    @Test("What repeats is one prompt; each sentence of the data knows its own")
    func prompts() throws {
        try TinyExperiment.with("template: '{text}'") { experiment in
            let plan = try experiment.plan()
            let pass = try #require(plan.passes.first)
            #expect(pass.prompts.tokens.count == 9)
            #expect(pass.rows.count == 10 && Set(pass.rows).count == 9)
            // The tiny model's tokens are bytes.
            let sentences = [
                "A girl sings.", "A girl is singing.", "A dog runs.", "A man eats.", "One.", "A dog runs.",
            ]
            #expect(pass.rows.prefix(6).map { pass.prompts.tokens[$0] } == sentences.map { $0.utf8.map(Int32.init) })
        }
    }

    @Test("layers: all is a run of each layer, all in one pass")
    func layers() throws {
        try TinyExperiment.with("variants:\n  x: { layers: all }\n  y: {}") { experiment in
            let plan = try experiment.plan()
            let rows = try #require(plan.rowsOfRun["x"])
            #expect(rows.count == 3 && plan.runs.map(\.name) == rows + ["y"])
            #expect(plan.passes.count == 1)
            #expect(plan.passes[0].methods.prefix(3).map(\.layer) == [HiddenLayer(0), HiddenLayer(1), HiddenLayer(2)])
        }
    }

    @Test("The plan of one run is the part of the whole that serves it, with the same prompts")
    func restricted() throws {
        try TinyExperiment.with(Self.variants) { experiment in
            let whole = try experiment.plan()
            let one = try whole.restricted(to: "b")
            #expect(one.runs.map(\.name) == ["b"] && one.passes.map { $0.runs.map(\.name) } == [["b"]])
            #expect(one.passes[0].methods == [whole.passes[0].methods[1]])
            #expect(one.passes[0].prompts.tokens == whole.passes[0].prompts.tokens)
            #expect(one.passes[0].workload.operations < whole.passes[0].workload.operations)
            let chosen = try experiment.plan(only: ["b"])
            #expect(chosen.runs.map(\.name) == ["b"] && chosen.passes[0].methods == one.passes[0].methods)
            #expect(try whole.restricted(to: "nobody").passes.isEmpty)
        }
    }

    @Test("All runs that don't fit the model are named, before any work")
    func problems() throws {
        try TinyExperiment.with("variants:\n  good: {}\n  deep: { layer: 7 }\n  wide: { bidirectional: [5] }") {
            experiment in
            let error = #expect(throws: ConfigProblems.self) { try experiment.plan() }
            #expect(error?.diagnostics.count == 2, "\(String(describing: error))")
            #expect(error?.diagnostics.allSatisfy { $0.location?.line != nil } ?? false)
        }
    }

    @Test("A run without effect is warned of once, by its name")
    func warnings() throws {
        let keys = "variants:\n  none: { pooling: last }\n  last: { pooling: last, bidirectional: last 1 }"
        try TinyExperiment.with(keys) { experiment in
            let warnings = try experiment.plan().warnings()
            #expect(warnings.map(\.run) == ["last"])
            #expect(warnings.first?.text.contains("cannot change") ?? false)
        }
    }

    @Test("What the cache has is not counted again")
    func lookUp() async throws {
        try await TinyExperiment.with("variants:\n  a: {}\n  b: { pooling: last }") { experiment in
            let cache = try #require(try CacheUse(folder: experiment.cache) { Issue.record("\($0)") })
            var plan = try experiment.plan()
            try plan.lookUp(in: cache)
            #expect(plan.passes[0].remaining == plan.passes[0].workload && plan.passes[0].knownPrompts == 0)
            var runner = ExperimentRunner(try experiment.plan(only: ["a"]), workers: 1)
            runner.cache = cache
            _ = try await runner.run()
            var first = try experiment.plan(only: ["a"])
            try first.lookUp(in: cache)
            #expect(first.passes[0].remaining.operations == 0 && first.passes[0].knownPrompts == 9)
            try plan.lookUp(in: cache)
            #expect(plan.passes[0].remaining.operations > 0 && plan.passes[0].knownPrompts == 0)
        }
    }
}

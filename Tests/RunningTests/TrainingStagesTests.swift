import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Results
import Running
import Specification
import Synchronization
import TestSupport
import Testing
import Training

@Suite("Trainings in stages: each begins where the last one ended")
struct TrainingStagesTests {
    private static let part = "rank: 2, alpha: 4, targets: [q_proj, v_proj], dropout: 0.1"

    /// - Parameter part: the keys of what is trained
    private static func stages(_ part: String = part) -> String {
        """
        seed: 5
        variants:
          both:
            train:
              - { data: first.jsonl, steps: 3, batch_size: 2, learning_rate: 1e-2, checkpoint_every: 1, \(part) }
              - { data: second.csv, loss: cosent, steps: 4, batch_size: 2, learning_rate: 2e-2, checkpoint_every: 1 }
          first: { train: { data: first.jsonl, steps: 3, batch_size: 2, learning_rate: 1e-2, checkpoint_every: 1, \(part) } }
          second:
            train: { data: second.csv, loss: cosent, steps: 4, batch_size: 2, learning_rate: 2e-2, checkpoint_every: 1, \(part) }
        """
    }

    private static let first = """
        {"anchor": "A bird flies.", "positive": "A bird is flying."}
        {"anchor": "A cat sleeps.", "positive": "A cat is asleep."}
        {"anchor": "It rains.", "positive": "Rain falls."}
        {"anchor": "Snow falls.", "positive": "It snows."}

        """
    private static let second = """
        text1,text2,label
        He sings.,He is singing.,5
        Tea is hot.,Ice is cold.,1
        She runs.,She is running.,4
        Bread.,Stones.,0

        """

    private func with(_ keys: String = stages(), _ body: (TinyExperiment) async throws -> Void) async throws {
        try await TinyExperiment.with(keys) { experiment in
            try AtomicFile.replace(experiment.folder + "/first.jsonl", with: Self.first)
            try AtomicFile.replace(experiment.folder + "/second.csv", with: Self.second)
            try await body(experiment)
        }
    }

    private func plan(_ experiment: TinyExperiment, _ run: String) throws -> ExperimentPlan {
        try experiment.plan().restricted(to: run)
    }

    /// What happened, and where it is to stop.
    private final class Log: Sendable {
        private let state = Mutex<(lines: [String], stage: Int)>(([], 0))
        private let stop: (stage: Int, step: Int)?
        var lines: [String] { state.withLock(\.lines) }

        init(stoppingAt stop: (stage: Int, step: Int)?) { self.stop = stop }

        func note(_ event: ExperimentRunner.Event) {
            state.withLock { state in
                switch event {
                case .trainingStarted(let number, let count, let plan):
                    state.stage = plan.stage
                    state.lines.append("\(number)/\(count) stage \(plan.stage)")
                case .training(.resumed(let steps)): state.lines.append("resumed \(steps)")
                case .training(.step(let step)):
                    state.lines.append("\(step.number)")
                    if let stop, stop == (state.stage, step.number) { withUnsafeCurrentTask { $0?.cancel() } }
                default: break
                }
            }
        }
    }

    private func train(_ plan: ExperimentPlan, stoppingAt stop: (stage: Int, step: Int)? = nil) async throws -> [String]
    {
        let log = Log(stoppingAt: stop)
        // In a task of its own: only that one is cancelled.
        let work = Task { try await ExperimentRunner(plan, workers: 2).trainAdapters(observe: log.note) }
        if stop == nil {
            try await work.value
        } else {
            await #expect(throws: CancellationError.self) { try await work.value }
        }
        return log.lines
    }

    private func bits(_ training: TrainingPlan) throws -> [UInt32] {
        try Adapter(folder: training.folder).values.array(row: 0).bits
    }

    /// The stages of the run `both`, trained one by one by hand.
    private func trainedByHand(_ plan: ExperimentPlan) async throws -> TrainedAdapter {
        var last: TrainedAdapter?
        for training in plan.trainings {
            let backbone = try #require(
                try training.model.backbone(linear: training.linear) as? any AdaptableBackbone)
            var trainer = try Trainer(training.spec.recipe, method: training.method, workers: 1)
            trainer.start = last.map { ($0.adapter, $0.head) }
            last = try await trainer.train(training.model, backbone: backbone, examples: training.examples)
        }
        return try #require(last)
    }

    @Test("Runs share the stages that they begin with, and each stage knows what came before it")
    func sharing() async throws {
        try await with { experiment in
            let plan = try experiment.plan()
            let stages = plan.runs.map { plan.stages(of: $0).map(\.fingerprint) }
            #expect(stages.map(\.count) == [2, 1, 1] && plan.trainings.count == 3)
            #expect(stages[0][0] == stages[1][0])
            // The same recipe and data, but behind another stage.
            #expect(stages[0][1] != stages[2][0])
            #expect(plan.trainings.map(\.stage) == [1, 2, 1])
            #expect(plan.trainings[1].title.hasPrefix("stage 2, "))
            #expect(plan.adapterFolder(of: plan.runs[0]) == plan.trainings[1].folder)
            let alone = try plan.restricted(to: "both")
            #expect(alone.trainings.map(\.fingerprint) == stages[0])
            #expect(try plan.restricted(to: "second").trainings.map(\.fingerprint) == stages[2])
            let summary = try plan.summary(workers: 1)
            #expect(summary.contains("training 2: stage 2, "), "\(summary)")
        }
    }

    @Test(
        "Two stages are the first, then by hand the second from its adapter, by a bit",
        arguments: [
            part, "targets: full", "targets: [q_proj], modules_to_save: [down_proj, norm], rank: 2",
            "rank: 2, head: {kind: linear, dimensions: 6}", "rank: 2, head: {kind: linear, train_only: true}",
        ])
    func byHand(_ part: String) async throws {
        try await with(Self.stages(part)) { experiment in
            let plan = try plan(experiment, "both")
            let log = try await train(plan)
            #expect(log == ["1/2 stage 1", "1", "2", "3", "2/2 stage 2", "1", "2", "3", "4"])
            let modules = try #require(plan.trainings[1].model.modules)
            let whole = try Adapter(folder: plan.trainings[1].folder).fitted(
                to: modules, as: plan.trainings[1].spec.recipe.adapter)
            let hand = try await trainedByHand(plan)
            #expect(whole.layout == hand.adapter.layout)
            let head = try AdapterFolder(plan.trainings[1].folder).head()
            #expect(head?.values.array(row: 0).bits == hand.head?.values.array(row: 0).bits)
            #expect((head == nil) == !part.contains("dimensions"))
            #expect(whole.values.array(row: 0).bits == hand.adapter.values.array(row: 0).bits)
            let second = try self.plan(experiment, "second")
            _ = try await train(second)
            #expect(try bits(second.trainings[0]) != bits(plan.trainings[1]))
            #expect(try bits(plan.trainings[0]) != bits(plan.trainings[1]))
        }
    }

    @Test("Stopped within a stage or between two, a training goes on to the same bits, and repeats no finished stage")
    func stopped() async throws {
        var whole: [UInt32] = []
        try await with { experiment in
            let plan = try plan(experiment, "both")
            _ = try await train(plan)
            whole = try bits(plan.trainings[1])
        }
        for (stop, expected) in [
            ((stage: 1, step: 2), ["1/2 stage 1", "resumed 2", "3", "2/2 stage 2", "1", "2", "3", "4"]),
            // Behind a stage's last step nothing of it is left to stop.
            ((stage: 1, step: 3), ["2/2 stage 2", "1", "2", "3", "4"]),
            ((stage: 2, step: 1), ["2/2 stage 2", "resumed 1", "2", "3", "4"]),
            ((stage: 2, step: 3), ["2/2 stage 2", "resumed 3", "4"]),
        ] {
            try await with { experiment in
                let plan = try plan(experiment, "both")
                _ = try await train(plan, stoppingAt: stop)
                #expect(!plan.trainings[1].isDone)
                #expect(try await train(plan) == expected)
                #expect(try bits(plan.trainings[1]) == whole)
                #expect(try await train(plan).isEmpty)
            }
        }
    }

    @Test("The result has each stage's losses, its files, and what was trained in words")
    func records() async throws {
        try await with { experiment in
            let plan = try experiment.plan()
            let result = try await ExperimentRunner(plan, workers: 2).run()
            #expect(result.training.map(\.run) == ["both", "first", "second"])
            #expect(result.training[0].rows.map(\.stage) == [1, 1, 1, 2, 2, 2, 2])
            #expect(result.training[0].rows.map(\.step) == [1, 2, 3, 1, 2, 3, 4])
            #expect(Array(result.training[0].rows.prefix(3)).map(\.loss) == result.training[1].rows.map(\.loss))
            #expect(result.runs[0].adapter.contains("3 steps of 2 from 4 examples of first.jsonl"))
            #expect(result.runs[0].adapter.contains(", then 4 steps of 2 from 4 examples of second.csv"))
            #expect(Set(result.runs.map(\.methodID)).count == 3 && result.runs[0].seed == 5)
            let learnt = result.datasets.map(\.task).filter { $0.hasPrefix("training on") }
            #expect(learnt == ["training on first.jsonl", "training on second.csv", "training on second.csv"])
            let path = experiment.folder + "/r.h5"
            try result.write(to: path)
            let read = try ExperimentResult(contentsOf: path).training[0].rows
            #expect(read.map(\.stage) == [1, 1, 1, 2, 2, 2, 2])
            #expect(read.map(\.loss) == result.training[0].rows.map(\.loss))
        }
    }

    @Test("The forecast counts the stages that are to be trained; a stage whose start is gone says what to do")
    func forecast() async throws {
        try await with { experiment in
            let plan = try plan(experiment, "both")
            let before = plan.forecast(workers: 1).trainingSeconds
            _ = try await train(try self.plan(experiment, "first"))
            let after = plan.forecast(workers: 1).trainingSeconds
            #expect(before > 0 && after > 0 && plan.trainings.map(\.isDone) == [true, false])
            let weights = plan.trainings[0].folder + "/adapter_model.safetensors"
            try FileManager.default.removeItem(atPath: weights)
            let error = await #expect(throws: Diagnostic.self) {
                try await ExperimentRunner(plan, workers: 1).trainAdapters()
            }
            #expect(error?.message.hasPrefix("the file is gone") == true, "\(String(describing: error))")
            #expect(error?.location?.file == weights && error?.suggestion?.contains("run with --fresh") == true)
        }
    }
}

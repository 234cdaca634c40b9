import Diagnostics
import Embedding
import Files
import Foundation
import Specification
import Synchronization
import Tasks
import Training

/// Checks runs against the sizes of their models, and what the experiment's own files hold: each is opened once. Not where a
/// model is one of the hub that isn't downloaded yet, and not what lies in a data folder.
public final class ModelChecks: Sendable {
    private struct Opened {
        var models: [String: PretrainedModel] = [:]
        var examples: [ExampleFile: [TrainingExample]] = [:]
        var areTasksChecked = false
        var experiments = TrainedRunExperiments()
    }

    private struct ExampleFile: Hashable {
        var path: String
        var teacher: TeacherColumn?
    }

    private let opened = Mutex(Opened())

    public init() {}

    /// - Throws: `ConfigProblems`, at the lines that say what the model doesn't have, and at those of the files; a `Diagnostic`
    ///   where the model's file can't be read.
    public func check(_ run: RunSpec, of spec: ExperimentSpec) throws {
        try ConfigProblems.throwing { problems in
            try problems.collect { try checkOwnTasks(of: spec) }
            try problems.collect { try checkModel(of: run, spec) }
        }
    }

    private func checkModel(of run: RunSpec, _ spec: ExperimentSpec) throws {
        guard !run.model.isMissing else { return }
        let known = opened.withLock { $0.models[run.model.file] }
        let model = try known ?? run.model.open()
        opened.withLock { $0.models[run.model.file] = model }
        try run.check(model, roles: spec.roles(of: run))
        _ = try opened.withLock { try $0.experiments.declared(for: run) }
        for teacher in run.teacherModels where !teacher.model.isMissing {
            let known = opened.withLock { $0.models[teacher.model.file] }
            let model = try known ?? teacher.model.open()
            opened.withLock { $0.models[teacher.model.file] = model }
            try teacher.check(model, roles: [.sentence])
        }
        if case .trained(let stages) = run.adapter {
            for stage in stages { try check(stage, of: run, on: model) }
        }
    }

    /// Reads the tasks that are files of the user's own.
    private func checkOwnTasks(of spec: ExperimentSpec) throws {
        let isFirst = opened.withLock { opened in
            defer { opened.areTasksChecked = true }
            return !opened.areTasksChecked
        }
        guard isFirst else { return }
        try ConfigProblems.throwing { problems in
            for task in (spec.tasks + spec.fittingTasks).map(\.task) where task.isUsersOwn {
                try problems.collect { _ = try DataFolder.none.load(task) }
            }
        }
    }

    /// Reads what a training learns from, where that lies beside the experiment, and checks that it can. Examples that the
    /// evaluation has too are still among them.
    private func check(_ training: TrainingSpec, of run: RunSpec, on model: PretrainedModel) throws {
        if let result = training.teacherResult {
            do {
                try result.check()
            } catch let error as Diagnostic {
                throw error.placed(at: run.place(inTraining: "teacher"), run.place(inTraining:))
            }
        }
        guard case .file(let written, let folder) = training.source else { return }
        let path = ConfigSource.resolve(written, in: folder)
        guard FileManager.default.fileExists(atPath: path) else { return }
        let file = ExampleFile(path: path, teacher: training.teacherColumn)
        let known = opened.withLock { $0.examples[file] }
        let read = try known ?? TrainingData(path: path, teacher: file.teacher).examples
        opened.withLock { $0.examples[file] = read }
        let examples = training.teacherModel == nil ? read : read.awaitingTeacher
        do {
            let learnt = try training.seeing(Array(examples.prefix(training.examples ?? .max)), by: model)
            _ = try training.prepared(for: learnt, on: model.shape)
        } catch let error as Diagnostic {
            throw error.placed(at: run.place(inTraining: nil), run.place(inTraining:))
        }
    }

    /// Checks what runs are together, each of which was checked.
    ///
    /// - Returns: what their reader must know, each kind once
    public func checkMeanings(of runs: [RunSpec]) throws -> [(runs: String, text: String)] {
        let warnings = try runs.checkMeanings { run in opened.withLock { $0.models[run.model.file] } }
        return AlikeWarnings.grouped(runs.compactMap { run in warnings[run.name].map { (run.name, $0) } })
    }
}

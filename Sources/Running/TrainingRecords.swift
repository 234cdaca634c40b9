import Files
import Results
import Specification
import Tasks
import Training

// What a result says of trainings.

extension AdapterReference {
    /// As a result says it.
    func summary(_ plans: [TrainingPlan]) -> String {
        switch self {
        case .folder(let path): HomeFolder.abbreviated(path)
        case .hub(let reference): reference.spelling
        case .run(let run): "\(run.name) of \(HomeFolder.abbreviated(run.file))"
        case .merged(let sources, let merge):
            "\(merge.method.rawValue) of " + sources.map { $0.summary([]) }.joined(separator: ", ")
        case .trained(let stages):
            (stages.first?.position.map { position in
                "\(position.merge?.method.rawValue ?? "self_positioning") of "
                    + position.sources.map { $0.summary([]) }.joined(separator: ", ")
                    + (plans.last?.learntPosition.map { " (\($0))" } ?? "")
            } ?? stages.first?.recipe.adapter.title ?? "")
                + (stages.first?.recipe.head.map { ", \($0.title)" } ?? "") + ", "
                + plans.map(\.summary).joined(separator: ", then ")
        }
    }
}

extension TrainingTable {
    /// - Parameter logs: of each stage
    init(run: String, logs: [[TrainingStep]]) {
        let steps = logs.enumerated().flatMap { stage, log in log.map { (stage: stage + 1, step: $0) } }
        self.init(
            run: run,
            rows: steps.map { stage, step in
                var row = Row()
                row.stage = stage
                (row.step, row.loss, row.learningRate) = (step.number, step.loss, step.learningRate)
                (row.gradientNorm, row.tokens, row.seconds) = (step.gradientNorm, step.tokens, step.seconds)
                row.developmentScore = step.developmentScore.map { $0 / 100 } ?? .nan
                row.peakBytes = step.peakBytes ?? 0
                return row
            })
    }
}

extension TrainingPlan {
    fileprivate var summary: String {
        let recipe = spec.recipe
        return "\(recipe.steps) steps of \(recipe.batchSize * recipe.accumulation) from \(examples.count) examples of "
            + "\(sourceTitle) (\(cleaning.contaminated) in evaluation sets dropped)"
            + (recipe.separatesDuplicates ? ", \(separation)" : "")
            + teacherWords
    }

    /// What the reader of a run must know of a training that is done.
    func allWarnings() throws -> [String] {
        let log = try AdapterStore.log(of: self)
        let idle = log.count { $0.gradientNorm == 0 }
        let cut = try measuring.flatMap { try MergedAdapters.warning($0.merge, in: folder) }
        return warnings + (cut.map { [$0] } ?? [])
            + (idle == 0 ? [] : ["\(idle) of the \(log.count) steps of the training had a gradient of 0"])
    }

    /// The files learnt from, each with the number of its examples that are learnt from, then those of the development set.
    package var datasets: [DatasetRecord] {
        func record(_ task: String, _ file: LoadedFile, pairs: Int) -> DatasetRecord {
            DatasetRecord(
                task: task, file: HomeFolder.abbreviated(file.path), textVariant: "", sha256: file.sha256, pairs: pairs)
        }
        let counts = Dictionary(grouping: examples, by: \.file).mapValues(\.count)
        let learnt = files.enumerated().map { index, file in
            record("training on \(sourceTitle)", file, pairs: counts[index] ?? 0)
        }
        return learnt
            + developmentFiles.enumerated().map { index, file in
                record(
                    "development on \(developmentTitle)", file, pairs: index == 0 ? development?.count ?? 0 : 0)
            }
    }
}

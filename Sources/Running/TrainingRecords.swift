import Results
import Specification
import Training

// What a result says of trainings.

extension AdapterReference {
    /// As a result says it.
    func summary(_ plan: TrainingPlan?) -> String {
        switch self {
        case .folder(let path): path
        case .hub(let reference): reference.spelling
        case .trained(let spec):
            spec.recipe.adapter.title + (spec.recipe.head.map { ", \($0.title)" } ?? "")
                + ", \(spec.recipe.steps) steps of "
                + "\(spec.recipe.batchSize * spec.recipe.accumulation) from \(plan?.examples.count ?? 0) examples of "
                + "\(spec.sourceName) (\(plan?.cleaning.contaminated ?? 0) in evaluation sets dropped)"
                + (spec.recipe.separatesDuplicates ? (plan.map { ", \($0.separation)" } ?? "") : "")
        }
    }
}

extension TrainingTable {
    init(run: String, log: [TrainingStep]) {
        self.init(
            run: run,
            rows: log.map { step in
                var row = Row()
                (row.step, row.loss, row.learningRate) = (step.number, step.loss, step.learningRate)
                (row.gradientNorm, row.tokens, row.seconds) = (step.gradientNorm, step.tokens, step.seconds)
                row.developmentScore = step.developmentScore.map { $0 / 100 } ?? .nan
                return row
            })
    }
}

extension TrainingPlan {
    /// The files learnt from; the number of examples stands with the first.
    var datasets: [DatasetRecord] {
        files.enumerated().map { index, file in
            DatasetRecord(
                task: "training on \(spec.sourceName)", file: file.path, textVariant: "", sha256: file.sha256,
                pairs: index == 0 ? examples.count : 0)
        }
    }
}

import Diagnostics
import Embedding
import Files
import Models
import Objectives
import Training

extension [RunSpec] {
    /// Refuses combinations of a matrix that mean the same in the model: they would compute the same numbers under two
    /// names.
    ///
    /// - Parameter model: of a run; nil where it isn't known, and the run isn't compared
    /// - Returns: by a run's name, what is to be said of it where it means the same as one before it that is declared apart: both
    ///   have names that were given to them, so that is a warning.
    /// - Throws: `ConfigProblems`, at the lines that say the second of each.
    @discardableResult
    package func checkMeanings(_ model: (RunSpec) throws -> PretrainedModel?) throws -> [String: String] {
        try checkMeanings(model) { run, model in
            let stages = try run.stages.map { try $0.meaning(in: model).description }
            return (stages, "in a model of \(model.shape.layerCount) layers")
        }
    }

    /// Refuses those that mean the same once what they are trained on is read.
    ///
    /// - Parameter trainings: what the stages of a run's training mean; nil where they aren't known
    package func checkMeanings(
        _ model: (RunSpec) throws -> PretrainedModel?, trainings: (RunSpec) -> [String]?
    ) throws {
        try checkMeanings(model) { run, _ in trainings(run).map { ($0, "with the examples that there are") } }
    }

    @discardableResult
    private func checkMeanings(
        _ model: (RunSpec) throws -> PretrainedModel?,
        training: (RunSpec, PretrainedModel) throws -> (stages: [String], place: String)?
    ) throws -> [String: String] {
        var problems = ConfigProblems()
        var warnings: [String: String] = [:]
        var seen: [Meaning: [RunSpec]] = [:]
        for run in self {
            guard let model = try model(run), let training = try? training(run, model),
                let meaning = try? run.meaning(on: model, stages: training.stages)
            else { continue }
            let twins = seen[meaning] ?? []
            seen[meaning] = twins + [run]
            if let twin = twins.last(where: { $0.location == run.location && !run.matrixKeys.isEmpty }) {
                let key = run.matrixKeys.first { run.locations[$0] != twin.locations[$0] }
                problems.add(
                    Diagnostic(
                        "the runs \"\(twin.name)\" and \"\(run.name)\" mean the same \(training.place)",
                        at: key.flatMap { run.locations[$0] } ?? run.location))
            } else if let twin = twins.first {
                warnings[run.name] = "means the same as \"\(twin.name)\" \(training.place), so its scores are the same"
            }
        }
        try problems.throwIfAny()
        return warnings
    }
}

private struct Meaning: Hashable {
    var others: [String]
    var methods: [EmbeddingMethod]
    var stages: [String]
}

extension RunSpec {
    fileprivate var stages: [TrainingSpec] {
        if case .trained(let stages) = adapter { stages } else { [] }
    }

    /// All that decides its numbers in a model.
    ///
    /// - Parameter stages: what those of its training mean
    fileprivate func meaning(on model: PretrainedModel, stages: [String]) throws -> Meaning {
        let elsewhere = MethodField.names + ["model"] + (stages.isEmpty ? [] : [RunKey.trainName])
        var run = self
        // Rows of a table, whatever their order.
        run.postprocessing.dimensions.sort()
        let depth = model.shape.layerCount
        run.scoredLayers = try scoredLayers.map { layers in
            .these(
                try layers.layers(of: depth).map { try $0.resolved(layerCount: depth) }.sorted().map { HiddenLayer($0) }
            )
        }
        let others = RunKey.ofSettings.filter { !elsewhere.contains($0.name) }.map { key in
            "\(key.name) \(key.write(run).map(String.init(describing:)) ?? "")"
        }
        let file = "model \(ConfigSource.canonical(run.model.file)) \(run.model.ignoredKeys.sorted())"
        return Meaning(
            others: others + [file],
            methods: try methods.map { try ResolvedMethod($0, model.shape).countedOut }, stages: stages)
    }
}

extension TrainingSpec {
    /// What it trains, and how, in a model: whatever the words that say it. The recipe itself keeps its words, which adapters in
    /// the cache are found by.
    package func meaning(in model: PretrainedModel) throws -> SHA256Digest {
        var spec = self
        let parameters = try model.modules?.parameterLayout(of: recipe.adapter)
        // The names of what is trained say more than these, which are alike for all.
        if parameters != nil {
            (spec.recipe.adapter.targets, spec.recipe.adapter.layers, spec.recipe.adapter.modulesToSave) = (
                .all, nil, []
            )
        }
        // Neither says anything of the adapter but how it is made.
        spec.recipe.checkpointInterval = TrainingRecipe().checkpointInterval
        if let steps = try? recipe.rates().warmUpSteps { spec.recipe.warmUp = .steps(steps) }
        while let sum = spec.recipe.objective.base as? WeightedSum, sum.terms.count == 1, sum.terms[0].weight == 1 {
            spec.recipe.objective = sum.terms[0].objective
        }
        let trained = (parameters?.names ?? []).joined(separator: "\n")
        return SHA256Digest(of: "\(spec.resolvedYAML)\(trained)\n\(recipe.adapter.rank)\n\(recipe.seed)")
    }
}

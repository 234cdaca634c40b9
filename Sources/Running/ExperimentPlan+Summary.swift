import Tasks
import Embedding
import Foundation
import Models
import Specification

extension ExperimentPlan {
    /// The plan as text for a terminal: data, passes, forecast, warnings.
    public func summary(workers: Int) throws -> String {
        let forecast = forecast(workers: workers)
        let total = passes.map(\.workload.operations).reduce(0, +)
        let alone = passes.map(\.workload.operationsAlone).reduce(0, +)
        var lines = [
            "experiment \(spec.name): \(runs.count) runs in \(passes.count) passes, SHA-256 \(spec.sha256)"
        ]
        lines += ["", "data \(data.folder.path ?? "of the experiment's own files")"]
        lines += data.tasks.map { task in
            "  \(task.shownName): \(task.content.count) \(task.unit) (\(task.skipped) without a score skipped), "
                + "text \(task.textVariant.rawValue)"
        }
        lines += data.fittingTasks.map {
            "  \($0.shownName): not scored, only fitted to; text \($0.textVariant.rawValue)"
        }
        lines += data.leftOut.map { "  \($0.name): left out; \(DataFolder.howToGet($0))" }
        lines.append("  \(data.sentences.indices.count) sentences, \(data.sentences.sentences.count) unique")
        for (index, training) in trainings.enumerated() { lines += training.summary(number: index + 1) }
        for (index, pass) in passes.enumerated() { lines += try summary(of: pass, number: index + 1) }
        lines += [
            "",
            "matrix products: \(Self.teraflop(total)) TFLOP (\(Self.teraflop(alone)) if every run had a pass of its own)",
            "forecast: \(Int(forecast.seconds.rounded(.up))) s on \(workers) threads"
                + Self.parts([
                    ("training", forecast.trainingSeconds), ("the classifiers", forecast.classifierSeconds),
                ]) + ", "
                + "\(Int(forecast.peakBytes / 1e6)) MB of memory",
        ]
        return lines.joined(separator: "\n")
    }

    private func summary(of pass: PassPlan, number: Int) throws -> [String] {
        let work = pass.workload
        let template = pass.methods.first?.templates.description ?? ""
        let header = [
            "", "pass \(number): \(pass.modelName), template \(template)",
            "  \(work.tokens) tokens, \(work.tokensComputed) computed"
                + (work.tokens > work.tokensComputed ? " (what prompts begin with alike once)" : "")
                + ", \(Self.teraflop(work.operations)) TFLOP; \(pass.prompts.truncated) sentences cut, "
                + "\(pass.prompts.emptyCount) without tokens",
        ]
        let cached =
            pass.knownPrompts > 0
            ? [
                "  in the cache: \(pass.knownPrompts) of \(pass.prompts.tokens.count) prompts; "
                    + "\(pass.remaining.tokensComputed) tokens remain"
            ] : []
        return try header + cached
            + pass.runs.map { run in
                let layers = try ResolvedMethod(run.method, pass.model.shape).bidirectionalLayers
                return "  \(run.name): \(run.method.pooling) pooling, hidden layer \(run.method.layer), "
                    + (layers.isEmpty ? "causal" : "bidirectional layers \(layers)")
                    + (run.method.padding == .none ? "" : ", padding visible")
                    + (run.averagesPrompts ? ", one of \(run.methods.count) prompts that are averaged" : "")
                    + run.postprocessing.summary
            }
    }

    /// Such as ` (training 300 s)`; nothing for parts that take no time.
    private static func parts(_ parts: [(name: String, seconds: Double)]) -> String {
        let said = parts.filter { $0.seconds > 0 }.map { "\($0.name) \(Int($0.seconds.rounded(.up))) s" }
        return said.isEmpty ? "" : " (\(said.joined(separator: ", ")))"
    }

    private static func teraflop(_ operations: Double) -> String { String(format: "%.2f", operations / 1e12) }
}

extension TrainingPlan {
    fileprivate func summary(number: Int) -> [String] {
        let recipe = spec.recipe
        let dropped = cleaning.examples - cleaning.kept
        return [
            "",
            "training \(number): " + (stage > 1 ? "stage \(stage), " : "")
                + "\(modelName), template \(method.templates), \(method.pooling) pooling, "
                + "attention \(method.attention), seed \(recipe.seed)",
            "  \(examples.count) examples of \(sourceTitle); \(dropped) dropped: \(cleaning.contaminated) in evaluation "
                + "sets, \(cleaning.repeated) repeated, \(cleaning.empty) empty",
            "  \(recipe.steps) steps of \(recipe.batchSize * recipe.accumulation) examples, about \(Int(tokensPerStep)) tokens "
                + "each; loss \(recipe.objective.name); "
                + placeWords + recipe.adapter.title,
            isDone ? "  done: \(folder)" : "  to be trained",
        ] + (teacher.map { ["  teacher: \($0.title)"] } ?? []) + (recipe.separatesDuplicates ? ["  \(separation)"] : [])
    }
}

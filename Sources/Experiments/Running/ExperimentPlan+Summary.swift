import Benchmarks
import Embedding
import Foundation

extension ExperimentPlan {
    /// The plan as text for a terminal: data, passes, forecast, warnings.
    public func summary(workers: Int) throws -> String {
        let forecast = forecast(workers: workers)
        let total = passes.map(\.workload.operations).reduce(0, +)
        let alone = passes.map(\.workload.operationsAlone).reduce(0, +)
        var lines = [
            "experiment \(spec.name): \(runs.count) runs in \(passes.count) passes, SHA-256 \(spec.sha256)"
        ]
        lines += ["", "data \(data.folder.path)"]
        lines += data.tasks.map { task in
            "  \(task.task.name): \(task.content.count) \(task.content.unit) (\(task.skipped) without a score skipped), "
                + "text \(task.textVariant.rawValue)"
        }
        lines += data.fittingTasks.map {
            "  \($0.task.name): not scored, only fitted to; text \($0.textVariant.rawValue)"
        }
        lines += data.leftOut.map { "  \($0.name): left out; \(DataFolder.howToGet($0))" }
        lines.append("  \(data.sentences.indices.count) sentences, \(data.sentences.sentences.count) unique")
        for (index, pass) in passes.enumerated() { lines += try summary(of: pass, number: index + 1) }
        lines += [
            "",
            "matrix products: \(Self.teraflop(total)) TFLOP (\(Self.teraflop(alone)) if every run had a pass of its own)",
            "forecast: \(Int(forecast.seconds.rounded(.up))) s on \(workers) threads"
                + (forecast.classifierSeconds > 0
                    ? " (the classifiers \(Int(forecast.classifierSeconds.rounded(.up))) s), " : ", ")
                + "\(Int(forecast.peakBytes / 1e6)) MB of memory",
        ]
        lines += try warnings().map { "warning: \($0.run): \($0.text)" }
        return lines.joined(separator: "\n")
    }

    private func summary(of pass: PassPlan, number: Int) throws -> [String] {
        let work = pass.workload
        let template = pass.methods.first?.template.description ?? ""
        let header = [
            "", "pass \(number): \(pass.modelName), template \(template)",
            "  \(work.tokens) tokens, \(work.tokensComputed) computed"
                + (work.prefixTokens > 0 ? " (the first \(work.prefixTokens) of each prompt once)" : "")
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
                let layers = try run.method.attention.bidirectionalLayers(layerCount: pass.model.shape.layerCount)
                return "  \(run.name): \(run.method.pooling) pooling, hidden layer \(run.method.layer), "
                    + (layers.isEmpty ? "causal" : "bidirectional layers \(layers)")
                    + (run.method.padding == .none ? "" : ", padding visible")
                    + (run.furtherPrompts.isEmpty ? "" : ", one of \(run.methods.count) prompts that are averaged")
                    + run.postprocessing.summary
            }
    }

    private static func teraflop(_ operations: Double) -> String { String(format: "%.2f", operations / 1e12) }
}

extension ExperimentSpec {
    /// Checks each run against its model's sizes, and that the model's file can be read.
    public func checkAgainstModels() throws {
        var problems = ConfigProblems()
        for run in runs {
            try problems.collect {
                let shape = try PretrainedModel(path: run.model.existingFile()).shape
                try run.check(layerCount: shape.layerCount, hiddenSize: shape.hiddenSize)
            }
        }
        try problems.throwIfAny()
    }
}

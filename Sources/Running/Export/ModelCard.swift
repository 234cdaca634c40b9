import Embedding
import Files
import Foundation
import Results
import Specification
import Tasks

// The model card: README.md with front matter as the hub reads it, and the experiment that made the model.
// Source: https://huggingface.co/docs/hub/model-cards
extension ModelExport {
    /// - Parameters:
    ///   - notes: what a user of the folder must know
    ///   - title: the folder's path
    ///   - base: where the folder is an adapter's, its base model
    func writeCard(_ notes: [String], title: String, adapterOf base: String? = nil, to folder: String) throws {
        let name = URL(fileURLWithPath: title).lastPathComponent
        let body = [
            frontMatter(name, isAdapter: base != nil), "# \(name)", introduction(base),
            use(name, isAdapter: base != nil),
            notes.isEmpty ? nil : "## Known differences\n\n" + notes.map { "- \($0)" }.joined(separator: "\n"), scores,
            data,
            "## The experiment\n\nWritten by \(ProgramVersion.description). Its file, with nothing left to a default:\n\n"
                + "```yaml\n\(yaml)```",
        ].compactMap(\.self)
        try AtomicFile.replace(FilePath.join(folder, "README.md"), with: body.joined(separator: "\n\n") + "\n")
        try AtomicFile.replace(FilePath.join(folder, "experiment.yaml"), with: yaml)
    }

    var baseName: String {
        options.baseModel ?? run.model.hub?.id.repository ?? run.model.origin ?? run.model.name
    }

    private func frontMatter(_ name: String, isAdapter: Bool) -> String {
        var lines = [
            "---", "library_name: \(isAdapter ? "peft" : "sentence-transformers")", "pipeline_tag: sentence-similarity",
        ]
        lines +=
            ["tags:"]
            + ["sentence-transformers", "sentence-similarity", "feature-extraction", "bellm"].map { "- \($0)" }
        lines.append("base_model: \(JSONText.quoted(baseName))")
        if let licence = run.model.licence { lines.append("license: \(licence)") }
        let names = trainingData.map(\.name)
        if !names.isEmpty { lines += ["datasets:"] + names.map { "- \(JSONText.quoted($0))" } }
        // A quick look's scores are no model's.
        if !shown.isEmpty, result?.limit == nil {
            lines += ["model-index:", "- name: \(JSONText.quoted(name))", "  results:"]
            for measure in shown {
                lines += [
                    "  - task:",
                    "      type: \(measure.metric == "accuracy" ? "text-classification" : "semantic-similarity")",
                    "    dataset:", "      name: \(JSONText.quoted(measure.task))",
                    "      type: \(JSONText.quoted(measure.task))",
                    "    metrics:", "    - type: \(measure.metric)", "      value: \(measure.value)",
                ]
            }
        }
        return (lines + ["---"]).joined(separator: "\n")
    }

    private func introduction(_ base: String?) -> String {
        let method = run.method
        let adapter =
            recipe.adapterFolder == nil
            ? "" : base == nil ? ", with its adapter merged into the weights" : ", an adapter of its weights"
        return """
            The run "\(run.name)" of the experiment "\(spec.name)" on \(baseName)\(adapter).

            - template: `\(method.templates.description.replacing("\n", with: "`, `"))`
            - normaliser: \(method.normaliser)
            - pooling: \(method.pooling), hidden layer \(method.layer)
            - layers that attend in both directions: \(method.attention)
            - dimensions: \(recipe.columns)
            """
    }

    private func use(_ name: String, isAdapter: Bool) -> String {
        guard !isAdapter else {
            return """
                ## Use

                ```python
                from peft import AutoPeftModelForFeatureExtraction

                model = AutoPeftModelForFeatureExtraction.from_pretrained(\(JSONText.quoted(name)))
                ```

                PEFT loads the weights; the template, the pooling and the layers above are for the caller to apply.
                """
        }
        return """
            ## Use

            ```python
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(\(JSONText.quoted(name)))
            embeddings = model.encode(["A man is playing a guitar."])
            ```
            """
    }

    /// What tables show of the run: a measure a task.
    private var shown: [Measure] {
        guard let result else { return [] }
        return result.tasks.flatMap { task in
            result.measures.filter {
                $0.run == run.name && $0.measure.task == task.task && $0.measure.metric == task.metric
                    && $0.measure.slice == Aggregation.all.rawValue && $0.measure.value.isFinite
            }.map(\.measure)
        }
    }

    private var scores: String? {
        guard !shown.isEmpty else { return nil }
        func text(_ number: Double) -> String { String(format: "%.2f", 100 * number) }
        let rows = shown.map { measure in
            let interval = measure.interval.map { "\(text($0.lower)) to \(text($0.upper))" } ?? "–"
            return "| \(measure.task) | \(measure.metric) | \(text(measure.value)) | \(interval) | \(measure.count) |"
        }
        let limit = result?.limit.map { " A quick look at \($0) items of each part of a task." } ?? ""
        return "## Scores\n\nTimes 100, with 95 % intervals.\(limit)\n\n| task | metric | score | interval | items |\n"
            + "|---|---|---:|---|---:|\n" + rows.joined(separator: "\n")
    }

    // MARK: Data

    /// What the run's adapter learnt from, each once; an adapter that was found doesn't say it.
    private var trainingData: [(name: String, source: String, licence: String)] {
        var found: [(name: String, source: String, licence: String)] = []
        for stage in run.adapter?.knownStages ?? [] where !found.contains(where: { $0.name == stage.sourceName }) {
            switch stage.source {
            case .wordNet: found.append((stage.sourceName, "WordNet, Princeton University", "WordNet License"))
            case .file: found.append((stage.sourceName, "a file", ""))
            case .task(let name):
                let task = spec.catalogue.tasks.first { $0.name == name }
                found.append((name, task?.source ?? "", task?.licence ?? ""))
            }
        }
        return found
    }

    private var data: String? {
        let tasks = spec.tasks.map(\.task).filter { task in shown.contains { $0.task == task.name } }
        let adapters = (run.adapter?.foundAdapters ?? []).map {
            ("training", "whatever the adapter \($0) learnt from", "not known here", "")
        }
        let rows =
            trainingData.map { ("training", $0.name, $0.source, $0.licence) } + adapters
            + tasks.map { ("scores", $0.name, $0.source, $0.licence) }
        guard !rows.isEmpty else { return nil }
        let lines = rows.map { use, name, source, licence in
            "| \(name) | \(use) | \(source) | \(licence.isEmpty ? "not known here" : licence) |"
        }
        return "## Data\n\n| name | for | source | licence |\n|---|---|---|---|\n" + lines.joined(separator: "\n")
    }
}

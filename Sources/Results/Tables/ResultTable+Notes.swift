extension ResultTable {
    /// What is measured: the correlation or the accuracy, on which text, with which backbone, without which rows.
    static func linesAbove(_ result: ExperimentResult, aggregation: Aggregation, value: Value) -> [String] {
        let correlation = value == .spearman ? "Spearman" : "Pearson"
        var facts = ["\(correlation) x 100 of cosine and gold score", "aggregation \(aggregation.rawValue)"]
        let classified = inFirstOrder(result.scores.filter { !$0.accuracy.isNaN }.map(\.task))
        if !classified.isEmpty {
            let isAll = result.scores.allSatisfy { !$0.accuracy.isNaN }
            let accuracy = "accuracy x 100 of logistic regression for \(classified.joined(separator: ", "))"
            facts = isAll ? [accuracy] : facts + [accuracy]
        }
        let texts = inFirstOrder(result.datasets.map(\.textVariant)).filter { !$0.isEmpty }
        if !texts.isEmpty { facts.append("text \(texts.joined(separator: " and "))") }
        let backbones = inFirstOrder(result.runs.map(\.backbone)).filter { !$0.isEmpty }
        if !backbones.isEmpty { facts.append("backbone \(backbones.joined(separator: ", "))") }
        let skipped = result.datasets.reduce(0) { $0 + $1.skipped }
        if !result.datasets.isEmpty, result.scores.contains(where: { $0.accuracy.isNaN }) {
            facts.append("\(counted(skipped, "pair")) without a gold score skipped")
        }
        return (result.name.isEmpty ? [] : [result.name]) + [facts.joined(separator: "; ")] + limitLine(result)
    }

    /// Scores of a part of each task look like any others: say first that they are not comparable.
    private static func limitLine(_ result: ExperimentResult) -> [String] {
        guard let limit = result.provenance.first(where: { $0.key == ProvenanceEntry.limitKey })?.value else {
            return []
        }
        return ["quick look: scores of only the first \(limit) pairs of each task, not comparable with others"]
    }

    /// Where the published rows are from, what is missing, and what each run has to say.
    static func linesBelow(_ result: ExperimentResult, tasks: [String]) -> [String] {
        let shown = shownPublished(result, tasks: tasks)
        let beside = shown.filter { !$0.run.isEmpty }
        // Rows of one paper have the same reasons.
        let reasons = inFirstOrder(beside.map(\.paper)).flatMap { paper in
            inFirstOrder(beside.filter { $0.paper == paper }.flatMap(\.differences)).map {
                "known difference to \(paper): \($0)"
            }
        }
        return shown.map { line(for: $0, in: result) } + reasons + seedLines(result, tasks: tasks) + cautions(result)
    }

    /// For runs that differ by the seed of their training alone, mean and standard deviation over the seeds.
    private static func seedLines(_ result: ExperimentResult, tasks: [String]) -> [String] {
        let trained = result.runs.filter { $0.seed >= 0 }
        let groups = Dictionary(grouping: trained, by: \.withoutSeed)
        return inFirstOrder(trained.map(\.withoutSeed)).compactMap { key in
            guard let runs = groups[key], runs.count > 1 else { return nil }
            let cells = tasks.compactMap { task -> String? in
                let scores = runs.compactMap { run in
                    result.scores.first { $0.run == run.name && $0.task == task && $0.subset == "all" }?.spearman
                }
                guard scores.count == runs.count else { return nil }
                let mean = scores.reduce(0, +) / Double(scores.count)
                let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                let deviation = (squares / Double(scores.count - 1)).squareRoot()
                return "\(task) \(cellText(100 * mean)) ± \(cellText(100 * deviation))"
            }
            guard !cells.isEmpty else { return nil }
            return "mean ± deviation over \(runs.count) seeds: \(sharedName(runs)): " + cells.joined(separator: ", ")
        }
    }

    /// What the names of runs that differ by a matrix's seed have in common, else all the names.
    private static func sharedName(_ runs: [RunRecord]) -> String {
        let names = inFirstOrder(
            runs.map { run in
                run.name.split(separator: " ").filter { $0 != "seed=\(run.seed)" }.joined(separator: " ")
            })
        if names.count == 1, let name = names.first, !name.isEmpty { return name }
        return runs.map(\.name).joined(separator: " / ")
    }

    /// What a reader must know of the measured scores, a line each: tasks left out, warnings, sentences cut or empty.
    package static func cautions(_ result: ExperimentResult) -> [String] {
        leftOutLines(result.leftOut) + result.checks.lines
            + result.runs.flatMap { run in run.warnings.map { "warning: \(run.name): \($0)" } }
            + result.runs.flatMap(countLines)
    }

    private static func line(for row: PublishedRow, in result: ExperimentResult) -> String {
        var facts = ["Spearman x 100, aggregation all"] + row.circumstances(in: result)
        if !row.source.isEmpty { facts.append("source: \(row.source)") }
        return "published: \(row.name): " + facts.joined(separator: "; ")
    }

    /// The tasks left out, those with the same remedy on one line.
    private static func leftOutLines(_ tasks: [LeftOutTask]) -> [String] {
        let general = "pass --data DIR, a folder in SentEval's layout (DIR/downstream/STS/STS12-en-test/...)"
        return inFirstOrder(tasks.map(\.remedy)).map { remedy in
            let names = tasks.filter { $0.remedy == remedy }.map(\.task).joined(separator: ", ")
            return "left out, no data: \(names); to have them: \(remedy.isEmpty ? general : remedy)"
        }
    }

    private static func countLines(_ run: RunRecord) -> [String] {
        var lines: [String] = []
        if run.truncatedSentences > 0 {
            lines.append("\(run.name): \(counted(run.truncatedSentences, "sentence")) cut at the length limit")
        }
        if run.emptySentences > 0 {
            lines.append(
                "\(run.name): \(counted(run.emptySentences, "sentence")) without a token: zero vector, cosine 0")
        }
        return lines
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

extension RunRecord {
    /// All that decides the scores but the seed: equal for runs that differ by it alone.
    fileprivate var withoutSeed: String {
        [
            backbone, weightsSHA256, adapter, precision, attentionPlan, template, normaliser, pooling,
            String(hiddenLayer), padding, postprocessing, String(dimensions), prependLayers,
        ].joined(separator: "\u{1F}")
    }
}

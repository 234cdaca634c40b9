import Diagnostics
import Tasks

extension ResultTable {
    /// What is measured: the metric of each kind of task, on which text, with which backbone, without which rows.
    ///
    /// - Parameter metrics: what is shown of each task
    static func linesAbove(
        _ result: ExperimentResult, aggregation: Aggregation, metrics: [String: String]
    ) -> [String] {
        let facts =
            kindFacts(result, aggregation: aggregation, metrics: metrics) + missingMeans(result, metrics: metrics)
            + dataFacts(result)
        return (result.name.isEmpty ? [] : [result.name]) + [facts.joined(separator: "; ")] + limitLine(result)
    }

    private static func kindFacts(
        _ result: ExperimentResult, aggregation: Aggregation, metrics: [String: String]
    ) -> [String] {
        let present = Set(result.measures.map(\.measure.task))
        let tasks = result.tasks.filter { present.contains($0.task) }
        return TaskKinds.all.flatMap { kind -> [String] in
            let own = tasks.filter { $0.kind == kind.name }.map {
                (task: $0.task, shown: metrics[$0.task] ?? $0.metric)
            }
            let shown = inFirstOrder(own.map(\.shown))
            // One metric of such a kind needs no names: it is the tables' own.
            let captions = shown.map { metric in
                let names = own.filter { $0.shown == metric }.map(\.task).joined(separator: ", ")
                return kind.caption(of: metric) + (kind.aggregates && shown.count == 1 ? "" : " for \(names)")
            }
            return captions + (kind.aggregates && !own.isEmpty ? ["aggregation \(aggregation.rawValue)"] : [])
        }
    }

    /// The suites that have no column of their mean, though all their tasks are there.
    private static func missingMeans(_ result: ExperimentResult, metrics: [String: String]) -> [String] {
        let tasks = tasks(of: result)
        return wholeSuites(result, tasks: tasks).compactMap { suite in
            let shown = inFirstOrder(suite.columns.compactMap { metrics[tasks[$0]] })
            return shown.count > 1 ? "no mean \(suite.average) of \(shown.joined(separator: " and "))" : nil
        }
    }

    private static func dataFacts(_ result: ExperimentResult) -> [String] {
        var facts: [String] = []
        let texts = inFirstOrder(result.datasets.map(\.textVariant)).filter { !$0.isEmpty }
        if !texts.isEmpty { facts.append("text \(texts.joined(separator: " and "))") }
        let backbones = inFirstOrder(result.runs.map(\.backbone)).filter { !$0.isEmpty }
        if !backbones.isEmpty { facts.append("backbone \(backbones.joined(separator: ", "))") }
        let skipped = result.datasets.reduce(0) { $0 + $1.skipped }
        if !result.datasets.isEmpty, result.tasks.contains(where: { $0.kind == STSTask.name }) {
            facts.append("\(counted(skipped, "pair")) without a gold score skipped")
        }
        return facts
    }

    /// Scores of a part of each task look like any others: say first that they are not comparable.
    private static func limitLine(_ result: ExperimentResult) -> [String] {
        if let limit = result.value(of: ProvenanceEntry.firstPairsKey) {
            return ["quick look: scores of only the first \(limit) pairs of each task, not comparable with others"]
        }
        guard result.limit != nil else { return [] }
        let whole = result.measures.map(\.measure).filter { $0.slice == Aggregation.all.rawValue }
        let tested = inFirstOrder(whole.map { "\($0.count) of \($0.task)" }).joined(separator: ", ")
        return ["quick look: scores of only \(tested); not comparable with others"]
    }

    /// Where the published rows are from, what is missing, and what each run has to say.
    static func linesBelow(
        _ result: ExperimentResult, tasks: [String], captions: [String], showsWarnings: Bool = true
    ) -> [String] {
        let shown = shownPublished(result, tasks: tasks)
        let beside = shown.filter { !$0.run.isEmpty }
        // Rows of one paper have the same reasons.
        let reasons = inFirstOrder(beside.map(\.paper)).flatMap { paper in
            inFirstOrder(beside.filter { $0.paper == paper }.flatMap(\.differences)).map {
                "known difference to \(paper): \($0)"
            }
        }
        return shown.map { line(for: $0, in: result) } + reasons + captions
            + cautions(result, showsWarnings: showsWarnings)
    }

    /// What a reader must know of the measured scores, a line each: tasks left out, warnings, sentences cut or empty.
    package static func cautions(_ result: ExperimentResult, showsWarnings: Bool = true) -> [String] {
        func shown(_ warnings: [String]) -> [String] { showsWarnings ? warnings.map { "warning: \($0)" } : [] }
        return leftOutLines(result.leftOut) + contentLines(result) + shown(taskWarnings(result))
            + result.checks.lines + SeedGroup.caution(result.runs) + undefinedLines(result)
            + shown(runWarnings(result)) + result.runs.flatMap(countLines)
    }

    /// The warnings of a result that were not told before it was there.
    ///
    /// - Parameter told: of runs, each with its text
    package static func warnings(
        of result: ExperimentResult, besides told: [(run: String, text: String)] = []
    ) -> [String] {
        taskWarnings(result) + runWarnings(result, besides: told)
    }

    private static func taskWarnings(_ result: ExperimentResult) -> [String] {
        result.tasks.flatMap { task in task.warnings.map { "\(task.task): \($0)" } }
    }

    private static func runWarnings(
        _ result: ExperimentResult, besides told: [(run: String, text: String)] = []
    ) -> [String] {
        let warnings = result.runs.flatMap { run in run.warnings.map { (run: run.name, text: $0) } }
        return AlikeWarnings.grouped(warnings.filter { warning in !told.contains { $0 == warning } })
            .map { "\($0.runs): \($0.text)" }
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

    /// The tasks whose files are none of those that their name stands for.
    private static func contentLines(_ result: ExperimentResult) -> [String] {
        let unknown = result.datasets.filter { $0.textVariant == TextVariant.unknown.rawValue }
        return inFirstOrder(unknown.map(\.task)).map { task in
            // Earlier versions left such content the known task's name.
            unknown.contains { $0.task == task && $0.file.hasSuffix(task) }
                ? "\(task): unknown content in a known task's place, named after its file; no published score is of it"
                : "\(task): unknown content under a known task's name; scores that are published are of other text"
        }
    }

    /// Why a run has no score of a task where the others have one.
    private static func undefinedLines(_ result: ExperimentResult) -> [String] {
        let shown = Dictionary(result.tasks.map { ($0.task, $0.metric) }, uniquingKeysWith: { first, _ in first })
        let undefined = result.measures.filter { record in
            let measure = record.measure
            return measure.value.isNaN && shown[measure.task] ?? measure.metric == measure.metric
                && measure.slice == Aggregation.all.rawValue
        }
        let reasons = undefined.map { record in
            let items = result.items.first { $0.run == record.run && $0.task == record.measure.task }
            let kind = items.flatMap { items in TaskKinds.all.first { $0.items.group == items.table.schema.group } }
            let reason = items.flatMap { kind?.reasonUndefined($0.table) } ?? "a score is NaN"
            return (run: record.run, task: record.measure.task, why: [record.measure.metric, reason])
        }
        // A run that has no score has none of any task, and so have its kin: one line.
        let ofRuns = inFirstOrder(reasons.map { [$0.run] + $0.why }).map { key in
            (run: key[0], why: Array(key.dropFirst()), tasks: reasons.filter { [$0.run] + $0.why == key }.map(\.task))
        }
        return inFirstOrder(ofRuns.map { $0.why + $0.tasks }).map { key in
            let runs = ofRuns.filter { $0.why + $0.tasks == key }.map(\.run).shortList()
            return "\(runs): the \(key[0]) of \(key.dropFirst(2).joined(separator: ", ")) is undefined: \(key[1])"
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

import Diagnostics
import Results

/// A result, from what was asked to what made it.
struct ResultSection {
    let result: ExperimentResult
    /// Its place in the page, from 1.
    let number: Int
    /// The run that others are held against; nil for the first.
    var baseline: String?

    var id: String { "result-\(number)" }

    var markup: Markup {
        let table = ResultTable(result)
        let judged = table.judged
        let outcome = Outcome(table, judged, baseline: baseline)
        let sections = sections(table, judged, baseline: outcome?.baseline)
        return .element(
            "article", ["id": id, "class": "result", "aria-labelledby": "\(id)-heading"],
            [
                .element("h2", ["id": "\(id)-heading"], text: result.name.isEmpty ? "(no name)" : result.name),
                .element("p", ["class": "soft dateline"], text: dateline),
                result.question.isEmpty ? .nothing : .element("p", ["class": "question"], text: result.question),
                .element("div", ["class": "overview"], [facts(table), outcome?.markup ?? .nothing]),
                outcome?.rest ?? .nothing,
                cautions,
                .element(
                    "nav", ["class": "contents", "aria-label": "Contents of \(result.name)"],
                    [Page.list(sections.map(\.link))]),
            ] + sections.map(\.markup))
    }

    /// When it was made, and by what.
    private var dateline: String {
        let created = result.created.isEmpty ? "date not recorded" : "created \(result.created)"
        return result.program.isEmpty ? created : "\(created) by \(result.program)"
    }

    /// What was asked: of which models, on which tasks, how often.
    private func facts(_ table: ResultTable) -> Markup {
        let models = inFirstOrder(result.runs.map(\.backbone)).filter { !$0.isEmpty }
        let tasks = inFirstOrder(result.measures.map(\.measure.task))
        let adapters = Set(result.runs.map(\.adapter)).subtracting([""]).count
        let count = result.runs.count == 1 ? "1 run" : "\(result.runs.count) runs"
        let lines = table.lines.count
        let entries: [(String, String)] = [
            (models.count > 1 ? "models" : "model", models.isEmpty ? "–" : models.joined(separator: ", ")),
            ("adapters", adapters == 0 ? "" : String(adapters)),
            (tasks.count > 1 ? "tasks" : "task", tasks.isEmpty ? "–" : tasks.joined(separator: ", ")),
            ("runs", lines < result.runs.count ? "\(count) of \(lines) methods, seeds folded into one" : count),
            ("measured", table.above.drop { $0 == result.name }.joined(separator: "; ")),
        ]
        return Page.definitions(entries.filter { !$0.1.isEmpty }.map { ($0.0, .text($0.1)) })
    }

    private func sections(_ table: ResultTable, _ judged: JudgedCells, baseline: TableLine?) -> [PageSection] {
        let scores = ScoreSection(table: table, judged: judged)
        let charted = ChartedRuns(result, table, intervals: judged.intervals)
        let charts = FigureSection(charted: charted, prefix: id)
        let figures = charts.sections
        let own = [PageSection("Scores", prefix: id, name: "scores", scores.markup)]
        let training = TrainingSection(charted: charted, prefix: id).markup
        let published = PublishedSection(result: result, table: table).markup
        // A table of a hundred rows is for looking things up: its picture comes first.
        return (scores.isTall ? figures + own : own + figures)
            + charts.sections(beside: baseline)
            + (training.map { [PageSection("Training", prefix: id, name: "training", $0)] } ?? [])
            + (published.map { [PageSection("Published beside measured", prefix: id, name: "published", $0)] } ?? [])
            + (result.runs.isEmpty
                ? []
                : [
                    PageSection(
                        "The plan of each run", prefix: id, name: "methods", MethodSection(result: result).markup)
                ])
            + [PageSection("Provenance", prefix: id, name: "provenance", ProvenanceSection(result: result).markup)]
    }

    private var cautions: Markup {
        let lines = ResultTable.cautions(result)
        guard !lines.isEmpty else { return .nothing }
        return .element(
            "aside", ["class": "cautions", "aria-label": "What to know"],
            [.element("strong", text: "What to know"), Page.list(lines.map { .text($0) })])
    }
}

import Results

/// A result, from what was measured to what made it.
struct ResultSection {
    let result: ExperimentResult
    /// Its place in the page, from 1.
    let number: Int

    static func id(_ number: Int) -> String { "result-\(number)" }

    var markup: Markup {
        let table = ResultTable(result)
        let id = Self.id(number)
        let facts = table.above.drop { $0 == result.name }.map { Markup.element("p", ["class": "soft"], text: $0) }
        let scores = ScoreSection(table: table)
        let figures = FigureSection(result: result, table: table, prefix: id).markup
        // A table of a hundred rows is for looking things up: its picture comes first.
        return .element(
            "section", ["id": id, "aria-labelledby": "\(id)-heading"],
            [.element("h2", ["id": "\(id)-heading"], text: result.name)] + facts + [
                cautions,
                .group(scores.isTall ? [figures, scores.markup] : [scores.markup, figures]),
                TrainingSection(result: result, prefix: id).markup,
                PublishedSection(result: result, table: table).markup,
                MethodSection(result: result).markup,
                ProvenanceSection(result: result).markup,
            ])
    }

    private var cautions: Markup {
        let lines = ResultTable.cautions(result)
        guard !lines.isEmpty else { return .nothing }
        return .element(
            "aside", ["class": "cautions", "aria-label": "What to know"],
            [.element("h3", text: "What to know"), Page.list(lines.map { .text($0) })])
    }
}

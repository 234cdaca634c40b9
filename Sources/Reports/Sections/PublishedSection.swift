import Results

/// Published scores beside the measured ones, the difference, and why they differ.
struct PublishedSection {
    let result: ExperimentResult
    let table: ResultTable

    var markup: Markup {
        guard !table.published.isEmpty else { return .nothing }
        let bodies = table.published.indices.filter { table.published[$0].kind == .published }.map(body)
        let shown = result.published.filter { row in
            table.published.contains { $0.kind == .published && $0.name == row.name }
        }
        return .group([
            .element("h3", text: "Published beside measured"),
            Page.table(
                caption: "Published scores, those of the run that stands beside them, and the difference",
                head: ["row"] + table.columns, bodies: bodies),
            .element("h3", text: "Why they differ"),
            Page.list(shown.map(reasons)),
        ])
    }

    /// A published row, and below it the run's and the difference where a run stands beside it.
    private func body(_ index: Int) -> [Markup] {
        let published = table.published[index]
        let next = table.published.dropFirst(index + 1).first
        let own = Page.row("published: \(published.name)", cells: published.texts.map(Page.number), style: "published")
        guard let difference = next, difference.kind == .difference,
            let run = result.published.first(where: { $0.name == published.name })?.run,
            let measured = table.rows.first(where: { $0.name == run })
        else { return [own] }
        return [
            own, Page.row("measured: \(run)", cells: measured.texts.map(Page.number)),
            Page.row("difference", cells: difference.texts.map(Page.number), style: "difference"),
        ]
    }

    private func reasons(_ row: PublishedRow) -> Markup {
        let facts = row.circumstances(in: result) + row.differences
        let source = Markup.element(
            "span", ["class": "soft"], text: row.source.isEmpty ? "" : " Source: \(row.source).")
        return .group([
            .element("strong", text: row.name), source, facts.isEmpty ? .nothing : Page.list(facts.map { .text($0) }),
        ])
    }
}

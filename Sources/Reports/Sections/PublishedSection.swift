import Results

/// Published scores beside the measured ones, the difference, and why they differ.
struct PublishedSection {
    let result: ExperimentResult
    let table: ResultTable

    /// Nil where nothing published stands beside the runs.
    var markup: Markup? {
        guard !table.published.isEmpty else { return nil }
        let bodies = table.published.indices.filter { table.published[$0].kind == .published }.map(body)
        let shown = result.published.filter { row in
            table.published.contains { $0.kind == .published && $0.name == row.name }
        }
        return .group([
            Page.table(
                caption: "Published scores, those of the run that stands beside them, and the difference",
                head: [Page.head("row")] + columns.map { Page.numberHead(table.columns[$0]) }, bodies: bodies),
            .element("h4", text: "Why they differ"),
            Page.list(inOrder(shown) { $0.paper }.map(reasons)),
        ])
    }

    /// The columns that some paper has a score for.
    private var columns: [Int] {
        table.columns.indices.filter { column in table.published.contains { $0.cells[column] != nil } }
    }

    private func cells(_ texts: [String]) -> [Markup] { columns.map { Page.number(texts[$0]) } }

    /// A published row, and below it the run's and the difference where a run stands beside it.
    private func body(_ index: Int) -> [Markup] {
        let published = table.published[index]
        let next = table.published.dropFirst(index + 1).first
        let own = Page.row("published: \(published.name)", cells: cells(published.texts), style: "published")
        guard let difference = next, difference.kind == .difference,
            let run = result.published.first(where: { $0.name == published.name })?.run,
            let measured = table.rows.first(where: { $0.name == run })
        else { return [own] }
        return [
            own, Page.row("measured: \(run)", cells: cells(measured.texts)),
            Page.row("difference", cells: cells(difference.texts), style: "difference"),
        ]
    }

    /// The rows of one paper: in what each was measured otherwise, then what is known of the paper.
    private func reasons(_ rows: [PublishedRow]) -> Markup {
        let known = inFirstOrder(rows.flatMap(\.differences))
        let facts = inOrder(rows) { $0.circumstances(in: result) }.map { alike in
            let circumstances = ["Spearman x 100, aggregation all"] + alike[0].circumstances(in: result)
            return "\(alike.map(\.name).joined(separator: ", ")): \(circumstances.joined(separator: "; "))"
        }
        return .group([
            .element("strong", text: rows.first?.paper ?? ""),
            .element("span", ["class": "soft"], text: " Source: \(rows.first?.source ?? "")"),
            Page.list((facts + known).map { .text($0) }),
        ])
    }
}

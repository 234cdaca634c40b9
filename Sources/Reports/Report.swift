import Diagnostics
import Files
import Results

/// One or more results as one page: HTML with its style and charts inside, that needs no network.
public struct Report: Sendable {
    private let results: [ExperimentResult]
    private let paths: [String]
    /// The run that others are held against, in each result that has it; nil for each result's first.
    private let baseline: String?

    /// Reads the results.
    ///
    /// - Parameter baseline: the run that others are held against; nil for each result's first
    /// - Throws: a diagnostic that names the file that is no result, or where no result has the baseline.
    public init(contentsOf paths: [String], baseline: String? = nil) throws {
        self.paths = paths
        results = try paths.map(ExperimentResult.init(contentsOf:))
        self.baseline = baseline
        let tables = results.map { ResultTable($0) }
        guard let baseline, !tables.contains(where: { $0.line(called: baseline) != nil }) else { return }
        throw Diagnostic.unknown("run", baseline, among: inFirstOrder(tables.flatMap(\.names)))
    }

    /// A report of results that are in memory.
    public init(_ results: [ExperimentResult]) {
        self.results = results
        baseline = nil
        paths = []
    }

    /// Writes the page, whole or not at all.
    ///
    /// - Throws: where the path is that of one of the results, under whatever name, or cannot be written.
    public func write(to path: String) throws {
        let destination = try OutputDestination(path)
        try destination.refuse(paths)
        try ExperimentResult.refuseReplacing(destination)
        try destination.refuseEnding(otherThan: .page)
        try destination.refuseOtherThan(.page)
        try destination.replace(with: html)
    }

    /// The page.
    public var html: String {
        let title = results.count == 1 ? "\(results[0].name): bellm report" : "bellm report"
        let head = Markup.element(
            "head", [:],
            [
                .element("meta", ["charset": "utf-8"]),
                .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .element("meta", ["name": "generator", "content": OutputKind.generator]),
                .element("meta", ["name": "color-scheme", "content": "light dark"]),
                .element(
                    "meta", ["http-equiv": "Content-Security-Policy", "content": PageScript.policy]),
                .element("title", text: title),
                .element("style", [:], [.own(ChartStyle.page)]),
            ])
        let heading = Markup.element(
            "h1", text: results.count == 1 ? "bellm report" : "bellm report: \(results.count) results")
        let body = Markup.element(
            "body", [:],
            [
                .element("header", [:], [heading, contents]), .element("main", [:], sections.map(\.markup)),
                .element("script", [:], [.own(PageScript.text)]),
            ])
        return "<!DOCTYPE html>\n" + Markup.element("html", ["lang": "en"], [head, body]).rendered + "\n"
    }

    private var sections: [ResultSection] {
        results.enumerated().map { index, result in
            ResultSection(result: result, number: index + 1, baseline: baseline)
        }
    }

    /// Links to the results, where there are several.
    private var contents: Markup {
        guard results.count > 1 else { return .nothing }
        let links = sections.map { section in
            Markup.group([
                .element("a", ["href": "#\(section.id)"], text: section.result.name),
                .element("span", ["class": "soft"], text: " " + section.result.created),
            ])
        }
        return .element("nav", ["aria-label": "Results"], [Page.list(links)])
    }
}

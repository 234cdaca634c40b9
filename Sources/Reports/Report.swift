import Diagnostics
import Files
import Results

/// One or more results as one page: HTML with its style and charts inside, that needs no network and no script.
public struct Report: Sendable {
    private let results: [ExperimentResult]
    private let paths: [String]

    /// Reads the results.
    ///
    /// - Throws: a diagnostic that names the file that is no result.
    public init(contentsOf paths: [String]) throws {
        self.paths = paths
        results = try paths.map(ExperimentResult.init(contentsOf:))
    }

    /// A report of results that are in memory.
    public init(_ results: [ExperimentResult]) {
        self.results = results
        paths = []
    }

    /// Writes the page, whole or not at all.
    ///
    /// - Throws: where the path is that of one of the results, under whatever name, or cannot be written.
    public func write(to path: String) throws {
        let destination = try OutputDestination(path)
        try destination.refuse(paths)
        try ExperimentResult.refuseReplacing(destination)
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
                .element("meta", ["name": "color-scheme", "content": "light dark"]),
                .element("title", text: title),
                .element("style", [:], [.css("\n" + String(decoding: PackageResources.report_css, as: UTF8.self))]),
            ])
        let heading = Markup.element("h1", text: "bellm report")
        let sections = results.enumerated().map { ResultSection(result: $1, number: $0 + 1).markup }
        let body = Markup.element(
            "body", [:], [.element("header", [:], [heading, contents]), .element("main", [:], sections)])
        return "<!DOCTYPE html>\n" + Markup.element("html", ["lang": "en"], [head, body]).rendered + "\n"
    }

    /// Links to the results, where there are several.
    private var contents: Markup {
        guard results.count > 1 else { return .nothing }
        let links = results.enumerated().map { index, result in
            Markup.element("a", ["href": "#\(ResultSection.id(index + 1))"], text: result.name)
        }
        return .element("nav", ["aria-label": "Results"], [Page.list(links)])
    }
}

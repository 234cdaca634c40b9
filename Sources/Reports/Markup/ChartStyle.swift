/// The style of the charts, in a page and alone.
enum ChartStyle {
    private static let pageRules = String(decoding: PackageResources.report_css, as: UTF8.self)
    private static let chartRules = String(decoding: PackageResources.chart_css, as: UTF8.self)

    /// The whole style of a page.
    static let page = "\n" + pageRules + chartRules

    /// The rules of charts with the colours of light pages in them: what draws SVG outside of browsers knows no variables.
    static let alone: String = {
        var rules = "\nsvg { font-family: Helvetica, Arial, \"DejaVu Sans\", sans-serif; }\n" + chartRules
        // The light colours stand first.
        let colours = Dictionary(
            pageRules.matches(of: /--([a-z0-9-]+): (#[0-9a-f]{6})/).map { (String($0.1), String($0.2)) },
            uniquingKeysWith: { first, _ in first })
        for (name, colour) in colours { rules.replace("var(--\(name))", with: colour) }
        return rules
    }()
}

import Files

/// Drawings beside and below each other on one sheet.
struct PlotSheet {
    private let drawings: [(title: String, drawing: Drawing)]
    private let columns: Int

    private static let gap = 20.0
    private static let titleHeight = 22.0

    init(_ drawings: [(title: String, drawing: Drawing)], columns: Int) {
        (self.drawings, self.columns) = (drawings, columns)
    }

    /// A document of its own, on white.
    func svg(title: String) -> String {
        let isTitled = drawings.count > 1
        var (y, width) = (0.0, 0.0)
        var placed: [Markup] = []
        for row in drawings.inParts(of: columns) {
            var x = 0.0
            for (title, drawing) in row {
                let head = isTitled ? [SVG.text(title, at: (4, 14), style: "label strong")] : []
                let body = Markup.element(
                    "g", ["transform": "translate(0 \(SVG.number(isTitled ? Self.titleHeight : 0)))"], drawing.content)
                placed.append(
                    .element("g", ["transform": "translate(\(SVG.number(x)) \(SVG.number(y)))"], head + [body]))
                x += max(drawing.width, columns > 1 ? ChartWidth.narrow.rawValue : 0) + Self.gap
            }
            width = max(width, x - Self.gap)
            y += (row.map(\.drawing.height).max() ?? 0) + (isTitled ? Self.titleHeight : 0) + Self.gap
        }
        return document(title: title, width: width, height: y - Self.gap, placed)
    }

    private func document(title: String, width: Double, height: Double, _ content: [Markup]) -> String {
        let size = (SVG.number(width), SVG.number(height))
        let root = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(size.0) \(size.1)", "width": size.0,
                "height": size.1,
            ],
            [
                .element("title", text: title),
                .element("metadata", text: "\(OutputKind.generator) plot"),
                .element(
                    "desc", text: drawings.map { "\($0.title): \($0.drawing.description)" }.joined(separator: " ")),
                .element("style", [:], [.own(ChartStyle.alone)]),
                .element("rect", ["width": size.0, "height": size.1, "fill": "#ffffff"]),
            ] + content)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root.rendered + "\n"
    }
}

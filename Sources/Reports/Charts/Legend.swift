/// What a chart's colours and shapes stand for, in as many rows as it needs.
struct Legend {
    private struct Entry {
        let name: String
        let index: Int
        let x: Double
        let row: Int
    }

    private static let rowHeight = 20.0
    private let entries: [Entry]

    /// - Parameter width: of the room that it may take
    init(_ names: [String], width: Double) {
        var entries: [Entry] = []
        var (x, row) = (0.0, 0)
        for (index, name) in names.enumerated() {
            let name = SVG.shortened(name, to: width - 26)
            let needed = 26 + SVG.width(of: name) + 18
            if x > 0, x + needed > width { (x, row) = (0, row + 1) }
            entries.append(Entry(name: name, index: index, x: x, row: row))
            x += needed
        }
        self.entries = entries
    }

    var height: Double { Double((entries.last?.row ?? -1) + 1) * Self.rowHeight }

    /// - Parameter place: its upper left corner
    func drawn(at place: (Double, Double)) -> Markup {
        .group(
            entries.map { entry in
                let x = place.0 + entry.x
                let y = place.1 + (Double(entry.row) + 0.5) * Self.rowHeight
                return .element(
                    "g", [:],
                    [
                        SVG.line((x, y), (x + 20, y), style: "curve \(LineChart.style(entry.index))"),
                        Marker(series: entry.index).drawn(
                            at: (x + 10, y), style: LineChart.style(entry.index), title: entry.name),
                        SVG.text(entry.name, at: (x + 26, y + 4)),
                    ])
            })
    }
}

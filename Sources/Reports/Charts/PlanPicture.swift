/// Attention plans of one backbone: a row a plan, a square a layer, filled where it attends in both directions.
struct PlanPicture: Sendable {
    struct Row: Equatable, Sendable {
        /// As the experiment writes it, such as `last 4`.
        var plan: String
        /// Counted from 0.
        var layers: [Int]
    }

    var title: String
    var layerCount: Int
    var rows: [Row]

    private static let rowHeight = 22.0

    func drawing(_ width: ChartWidth) -> Drawing {
        let longest = (rows.map { SVG.width(of: $0.plan) }.max() ?? 0) + 14
        let left = min(longest, 0.35 * width.rawValue)
        let size = min(18, (width.rawValue - left - 8) / Double(max(layerCount, 1)))
        let bottom = 8 + Double(rows.count) * Self.rowHeight
        let step = max(1, Int((24 / size).rounded(.up)))
        let numbers = stride(from: 0, to: layerCount, by: step).map { layer in
            SVG.text(String(layer), at: (left + (Double(layer) + 0.5) * size, bottom + 14), anchor: .middle)
        }
        let plans = rows.enumerated().map { index, row in
            self.row(row, top: 8 + Double(index) * Self.rowHeight, left: left, size: size)
        }
        let right = left + size * Double(layerCount)
        return Drawing(
            width: max(right + 8, 230), height: bottom + 38, title: title,
            description: "A row a plan, a square a layer; filled: attends in both directions, hollow: causal.",
            content: plans + numbers
                + [SVG.text("layer", at: ((left + right) / 2, bottom + 32), anchor: .middle, style: "label strong")])
    }

    private func row(_ row: Row, top: Double, left: Double, size: Double) -> Markup {
        let both = Set(row.layers)
        let squares = (0..<layerCount).map { layer in
            Markup.element(
                "rect",
                [
                    "x": SVG.number(left + Double(layer) * size + 0.5), "y": SVG.number(top + 1),
                    "width": SVG.number(max(size - 1.5, 0.5)), "height": SVG.number(Self.rowHeight - 6),
                    "class": both.contains(layer) ? "layer both" : "layer",
                ])
        }
        let said =
            row.layers.isEmpty ? "causal in all layers" : "both directions in \(MethodSection.ranges(row.layers))"
        let label = SVG.text(
            SVG.shortened(row.plan, to: left - 8), at: (left - 8, top + Self.rowHeight / 2 + 2), anchor: .end)
        return .element("g", [:], [.element("title", text: "\(row.plan): \(said)"), label] + squares)
    }
}

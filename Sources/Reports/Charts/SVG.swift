import Foundation

/// The elements that charts are made of. Lengths are in the drawing's units, one of which is a CSS pixel at full size.
enum SVG {
    /// A drawing with a title and a description, which screen readers say in place of it.
    ///
    /// - Parameter id: unique in the page
    static func drawing(
        id: String, width: Double, height: Double, title: String, description: String, _ children: [Markup]
    ) -> Markup {
        .element(
            "svg",
            [
                "role": "img", "aria-labelledby": "\(id)-title \(id)-text",
                "viewBox": "0 0 \(number(width)) \(number(height))", "width": number(width), "height": number(height),
            ],
            [
                .element("title", ["id": "\(id)-title"], text: title),
                .element("desc", ["id": "\(id)-text"], text: description),
            ] + children)
    }

    static func line(_ from: (Double, Double), _ to: (Double, Double), style: String) -> Markup {
        .element(
            "line",
            [
                "x1": number(from.0), "y1": number(from.1), "x2": number(to.0), "y2": number(to.1), "class": style,
            ])
    }

    enum Anchor: String { case start, middle, end }

    static func text(
        _ text: String, at place: (Double, Double), anchor: Anchor = .start, style: String = "label"
    ) -> Markup {
        .element(
            "text",
            ["x": number(place.0), "y": number(place.1), "text-anchor": anchor.rawValue, "class": style], text: text)
    }

    /// A path through points: `M x y L x y …`.
    static func path(_ points: [(Double, Double)], isClosed: Bool = false, style: String) -> Markup {
        let steps = points.enumerated().map { index, point in
            (index == 0 ? "M" : "L") + number(point.0) + " " + number(point.1)
        }
        return .element("path", ["d": steps.joined(separator: " ") + (isClosed ? " Z" : ""), "class": style])
    }

    /// With two decimals at most, and no needless zeros.
    static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        guard let dot = text.firstIndex(of: ".") else { return text }
        let decimals = text[text.index(after: dot)...].reversed().drop { $0 == "0" }
        return decimals.isEmpty ? String(text[..<dot]) : "\(text[...dot])\(String(decimals.reversed()))"
    }

    /// A text that fits a width, with an ellipsis where it was longer.
    static func shortened(_ text: String, to width: Double) -> String {
        let room = Int(width / Self.width(of: "x"))
        return text.count <= room ? text : text.prefix(max(room - 1, 1)) + "…"
    }

    /// A text in lines that fit a width, broken at spaces and behind hyphens; the last is shortened where they are too many.
    static func wrapped(_ text: String, to width: Double, lines limit: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for character in text {
            // A word that doesn't fit takes its own beginning to the next line.
            if Self.width(of: line + String(character)) > width, let end = line.lastIndex(where: { " -".contains($0) })
            {
                lines.append(String(line[...end]))
                line = String(line[line.index(after: end)...])
            }
            line.append(character)
        }
        lines.append(line)
        let rest = lines.dropFirst(limit - 1).joined()
        return (lines.prefix(limit - 1) + (rest.isEmpty ? [] : [rest])).map { shortened($0, to: width + 1) }
    }

    /// About how wide a text of the charts' 12 px type is.
    static func width(of text: String, size: Double = 12) -> Double {
        0.62 * size * Double(text.count)
    }
}

/// Pieces of HTML that several sections use.
enum Page {
    /// A table that scrolls by itself where it is wider than the screen.
    ///
    /// - Parameters:
    ///   - caption: what the table shows; read first by screen readers, and the name of the scrolled region
    ///   - head: the columns' names; those of `numberHead(_:)` stand to the right, as their cells do
    ///   - isTall: so many rows that it scrolls down as well, under its head
    static func table(
        caption: String, head: [Markup], isTall: Bool = false, bodies: [[Markup]]
    ) -> Markup {
        let table = Markup.element(
            "table", [:],
            [
                .element("caption", [:], [.element("span", text: caption)]),
                .element("thead", [:], [.element("tr", [:], head)]),
            ]
                + bodies.map { .element("tbody", [:], $0) })
        return .element(
            "div",
            ["class": isTall ? "scroll tall" : "scroll", "role": "region", "aria-label": caption, "tabindex": "0"],
            [table])
    }

    static func head(_ name: String) -> Markup { .element("th", ["scope": "col"], text: name) }

    /// The head of a column of numbers.
    static func numberHead(_ name: String) -> Markup {
        .element("th", ["scope": "col", "class": "number"], text: name)
    }

    static func row(_ name: String, cells: [Markup], style: String = "") -> Markup {
        .element("tr", style.isEmpty ? [:] : ["class": style], [.element("th", ["scope": "row"], text: name)] + cells)
    }

    static func number(_ text: String) -> Markup { .element("td", ["class": "number"], text: text) }

    static func list(_ items: [Markup]) -> Markup {
        .element("ul", [:], items.map { .element("li", [:], [$0]) })
    }

    /// Names and what they stand for.
    static func definitions(_ entries: [(String, Markup)]) -> Markup {
        .element(
            "dl", [:],
            entries.map { name, content in
                .group([.element("dt", text: name), .element("dd", [:], [content])])
            })
    }

    /// What is folded away until a reader asks for it.
    static func details(_ summary: String, _ content: Markup) -> Markup {
        .element("details", [:], [.element("summary", text: summary), content])
    }
}

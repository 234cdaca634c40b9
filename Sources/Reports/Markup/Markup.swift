/// A piece of a page, HTML or SVG, as a tree: every text is escaped and every element closed, by construction.
///
/// It is written as XML that is HTML too (the polyglot form), so that any XML parser can check it.
indirect enum Markup: Sendable {
    case text(String)
    case element(name: String, attributes: [Attribute], children: [Markup])
    /// Pieces one after the other, without an element around them.
    case group([Markup])
    /// Style or script of our own, which must not hold `<` or `&`.
    case own(String)

    struct Attribute: Sendable {
        let name: String
        let value: String
    }

    static let nothing = Markup.group([])

    static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
    ) -> Markup {
        .element(
            name: name, attributes: attributes.map { Attribute(name: $0.key, value: $0.value) }, children: children)
    }

    static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String
    ) -> Markup {
        element(name, attributes, [.text(text)])
    }
}

extension Markup {
    /// Written out.
    var rendered: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to output: inout String) {
        switch self {
        case .text(let text): Self.escape(text, to: &output)
        case .own(let text): output += text
        case .group(let children): children.forEach { $0.write(to: &output) }
        case .element(let name, let attributes, let children):
            output += "<\(name)"
            for attribute in attributes {
                output += " \(attribute.name)=\""
                Self.escape(attribute.value, to: &output)
                output += "\""
            }
            if children.isEmpty, Self.voidElements.contains(name) {
                output += "/>"
            } else {
                output += ">"
                children.forEach { $0.write(to: &output) }
                output += "</\(name)>"
            }
            if Self.blocks.contains(name) { output += "\n" }
        }
    }

    /// Those that HTML doesn't close; SVG's own may be written either way.
    private static let voidElements: Set<String> = ["br", "hr", "line", "link", "meta", "path", "polyline", "rect"]
    /// After these a line break changes nothing, and makes the source readable.
    private static let blocks: Set<String> = [
        "article", "circle", "dd", "dl", "div", "figure", "g", "h1", "h2", "h3", "head", "li", "line", "meta", "p",
        "path", "rect",
        "script", "section", "style", "table", "thead", "tbody", "title", "tr", "ul",
    ]

    /// Characters that XML cannot hold become U+FFFD.
    private static func escape(_ text: String, to output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\t", "\n", "\r": output.unicodeScalars.append(scalar)
            case "\0"..." ", "\u{FFFE}", "\u{FFFF}":
                output.unicodeScalars.append(scalar == " " ? " " : "\u{FFFD}")
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}

import Foundation

extension ConfigNode.Content {
    /// The canonical YAML of a mapping: the same value gives the same bytes, whatever it was written as.
    ///
    /// Block mappings, lists of scalars on one line, text quoted wherever YAML 1.1 or 1.2 might read it as
    /// something else. Reading it gives the value back.
    var yaml: String { lines(indent: "").joined(separator: "\n") + "\n" }

    private func lines(indent: String) -> [String] {
        switch self {
        case .mapping(let entries) where !entries.isEmpty:
            entries.flatMap { entry in
                let key = "\(indent)\(Self.quoted(entry.key)):"
                if let inline = entry.value.content.inline { return ["\(key) \(inline)"] }
                return [key] + entry.value.content.lines(indent: indent + "  ")
            }
        case .sequence(let nodes) where inline == nil:
            nodes.flatMap { node in
                var lines = node.content.lines(indent: indent + "  ")
                lines[0] = "\(indent)- \(lines[0].dropFirst(indent.count + 2))"
                return lines
            }
        default:
            [indent + (inline ?? "null")]
        }
    }

    /// The value on one line; nil for what needs several.
    private var inline: String? {
        switch self {
        case .mapping(let entries): entries.isEmpty ? "{}" : nil
        case .sequence(let nodes):
            nodes.allSatisfy { $0.content.inline != nil }
                ? "[\(nodes.compactMap(\.content.inline).joined(separator: ", "))]" : nil
        case .text(let text): Self.quoted(text)
        case .integer(let integer): String(integer)
        case .number(let number): String(number)
        case .boolean(let boolean): String(boolean)
        case .null: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isASCII && $0.isLetter } == true && text.last != " "
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " _-.".contains($0)) }
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        if isPlain { return text }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x22, 0x5C: "\\\(scalar)"
            case 0x0A: "\\n"
            case 0x09: "\\t"
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                "\\u" + String(format: "%04X", scalar.value)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

import Diagnostics
import Files
import Foundation

/// What a step looks for in a text: a fixed text or a regular expression.
struct TokenPattern: Sendable {
    private enum Search: Sendable {
        case literal([Unicode.Scalar])
        // ICU's compiled pattern, which is immutable.
        case expression(Expression)
    }

    private struct Expression: @unchecked Sendable {
        let compiled: NSRegularExpression
    }

    private let search: Search

    init(literal text: String) { search = .literal(Array(text.unicodeScalars)) }

    /// - Throws: where ICU doesn't know the expression.
    init(expression: String) throws {
        search = .expression(Expression(compiled: try NSRegularExpression(pattern: Self.translated(expression))))
    }

    /// Reads `{"String": …}` or `{"Regex": …}`.
    init(_ node: JSONNode) throws {
        if let text = node["String"] {
            self.init(literal: try text.string())
        } else if let expression = node["Regex"] {
            do {
                try self.init(expression: expression.string())
            } catch let error where !(error is Diagnostic) {
                throw expression.expected("a regular expression that ICU knows")
            }
        } else {
            throw node.expected("\"String\" or \"Regex\"")
        }
    }

    /// Oniguruma's and Rust's `\s` is Unicode's white space; ICU's lacks two characters of it.
    private static func translated(_ expression: String) -> String {
        var translated = ""
        var isEscaped = false
        for character in expression.unicodeScalars {
            guard isEscaped else {
                isEscaped = character == "\\"
                if !isEscaped { translated.unicodeScalars.append(character) }
                continue
            }
            isEscaped = false
            switch character {
            case "s": translated += "\\p{White_Space}"
            case "S": translated += "\\P{White_Space}"
            default:
                translated += "\\"
                translated.unicodeScalars.append(character)
            }
        }
        return translated
    }

    /// Where the pattern occurs, in order and without overlap; empty occurrences are left out.
    func matches(in text: ArraySlice<AlignedScalar>) -> [Range<Int>] {
        switch search {
        case .literal(let literal): Self.matches(of: literal, in: text)
        case .expression(let expression): Self.matches(of: expression.compiled, in: text)
        }
    }

    private static func matches(
        of literal: [Unicode.Scalar], in text: ArraySlice<AlignedScalar>
    ) -> [Range<Int>] {
        guard let first = literal.first else { return [] }
        var matches: [Range<Int>] = []
        var index = text.startIndex
        while index + literal.count <= text.endIndex {
            if text[index].scalar == first, zip(literal, text[index...]).allSatisfy({ $0 == $1.scalar }) {
                matches.append(index..<index + literal.count)
                index += literal.count
            } else {
                index += 1
            }
        }
        return matches
    }

    private static func matches(
        of expression: NSRegularExpression, in text: ArraySlice<AlignedScalar>
    ) -> [Range<Int>] {
        // The scalar that each UTF-16 unit belongs to.
        var scalarOfUnit: [Int] = []
        scalarOfUnit.reserveCapacity(text.count + 1)
        for index in text.indices {
            scalarOfUnit.append(index)
            if text[index].scalar.value > 0xFFFF { scalarOfUnit.append(index) }
        }
        let whole = NSRange(location: 0, length: scalarOfUnit.count)
        scalarOfUnit.append(text.endIndex)
        return expression.matches(in: text.text, range: whole).compactMap { match in
            guard match.range.length > 0 else { return nil }
            return scalarOfUnit[match.range.location]..<scalarOfUnit[match.range.location + match.range.length]
        }
    }
}

import Diagnostics
import Files
import Oniguruma

/// What a step looks for in a text: a fixed text or a regular expression.
struct TokenPattern: Sendable {
    private enum Search: Sendable {
        case literal([Unicode.Scalar])
        case expression(RegularExpression)
    }

    private let search: Search
    /// Where the pattern stands, for messages.
    private let location: SourceLocation?

    /// Reads `{"String": …}` or `{"Regex": …}`.
    ///
    /// - Throws: where it is neither, or Oniguruma doesn't know the expression.
    init(_ node: JSONNode) throws {
        if let text = node["String"] {
            let literal = Array(try text.string().unicodeScalars)
            // The library compiles fixed texts too, and an empty expression is found everywhere.
            search = literal.isEmpty ? .expression(try RegularExpression("")) : .literal(literal)
            location = text.error("").location
        } else if let expression = node["Regex"] {
            do {
                search = .expression(try RegularExpression(expression.string()))
            } catch let error as Diagnostic where error.location == nil {
                throw expression.error(error.message)
            }
            location = expression.error("").location
        } else {
            throw node.expected("\"String\" or \"Regex\"")
        }
    }

    /// A fixed text, which isn't empty.
    init(literal: String) { (search, location) = (.literal(Array(literal.unicodeScalars)), nil) }

    init(expression: String) throws {
        (search, location) = (.expression(try RegularExpression(expression)), nil)
    }

    func error(_ message: String) -> Diagnostic { Diagnostic("the pattern of a Replace: \(message)", at: location) }

    var isExpression: Bool {
        if case .expression = search { true } else { false }
    }

    /// Where the pattern occurs, in order and without overlap. An expression may occur without a character, as
    /// `(?=[A-Z])` does: there the text is cut.
    ///
    /// - Throws: where an expression takes too many steps.
    func matches(in text: ArraySlice<AlignedScalar>) throws(Diagnostic) -> [Range<Int>] {
        switch search {
        case .literal(let literal): return Self.matches(of: literal, in: text)
        case .expression(let expression):
            // In an empty text the library finds nothing.
            guard !text.isEmpty else { return [] }
            do {
                return try Self.matches(of: expression, in: text)
            } catch {
                throw Diagnostic(error.message, at: location, suggestion: error.suggestion)
            }
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
        of expression: RegularExpression, in text: ArraySlice<AlignedScalar>
    ) throws(Diagnostic) -> [Range<Int>] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for element in text {
            bytes += UTF8.encode(element.scalar.shownToOniguruma) ?? UTF8.encodedReplacementCharacter
        }
        let found = try expression.matches(in: bytes)
        let first = text.startIndex
        guard bytes.count > text.count else {
            return found.map { first + $0.lowerBound..<first + $0.upperBound }
        }
        // The places ascend, so that one walk along the characters finds them all.
        var (index, offset) = (first, 0)
        func place(of byte: Int) -> Int {
            while offset < byte {
                offset += text[index].width
                index += 1
            }
            return index
        }
        return found.map { place(of: $0.lowerBound)..<place(of: $0.upperBound) }
    }
}

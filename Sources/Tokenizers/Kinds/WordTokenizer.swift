import Diagnostics
import Files

/// Words of a list, as static word vectors have them: nothing but words that are in it becomes a token.
///
/// A text is cut at white space. A piece is looked up as it is written, then in lower case; where the list has neither,
/// it is cut at punctuation and symbols, and each part is looked up the same way. What is still unknown is left out, and
/// counted.
public struct WordTokenizer: Tokenizer {
    private let vocabulary: Vocabulary
    private let repeatedCount: Int
    public let fingerprint: SHA256Digest

    /// - Parameters:
    ///   - words: by id; nil where an id has none
    ///   - digest: of the file that they were read from
    public init(_ words: [String?], digest: SHA256Digest) throws {
        vocabulary = try Vocabulary(words)
        repeatedCount = words.count { $0 == nil }
        fingerprint = SHA256Digest(of: "words, version 1, \(digest)")
    }

    public var vocabularySize: Int { vocabulary.count }

    public var summary: TokenizerSummary {
        TokenizerSummary(
            kind: "a list of words" + (repeatedCount > 0 ? ", \(repeatedCount) repeated ones left out" : ""),
            normalisation: "lower case where a word is unknown",
            preTokenizer: "white space; punctuation where a word is unknown")
    }

    public func encode(_ text: String) -> [Token] {
        var tokens: [Token] = []
        for piece in text.utf8Ranges(where: { !$0.properties.isWhitespace }) {
            if let id = id(of: text, piece) {
                tokens.append(Token(id: id, bytes: piece))
                continue
            }
            let isWord = { (scalar: Unicode.Scalar) in
                !scalar.properties.isWhitespace && !Self.isSeparator(scalar)
            }
            let parts = text.utf8Ranges(in: piece, where: isWord) + text.utf8Scalars(in: piece, where: Self.isSeparator)
            for part in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let id = id(of: text, part) { tokens.append(Token(id: id, bytes: part)) }
            }
        }
        return tokens
    }

    private func id(of text: String, _ range: Range<Int>) -> Int32? {
        let word = String(decoding: Array(text.utf8)[range], as: UTF8.self)
        return vocabulary.id(of: word) ?? vocabulary.id(of: word.lowercased())
    }

    /// Punctuation and symbols.
    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        default: false
        }
    }

    public func unencodedByteCount(of tokens: [Token], in text: String) -> Int { tokens.lostByteCount(in: text) }

    public func decode(_ ids: some Sequence<Int32>) throws -> String {
        try ids.map { id in
            guard id >= 0, Int(id) < vocabulary.count else {
                throw Diagnostic("token id \(id) is outside the vocabulary; expected 0 to \(vocabulary.count - 1)")
            }
            return String(decoding: vocabulary.text(of: Int(id)), as: UTF8.self)
        }.joined(separator: " ")
    }
}

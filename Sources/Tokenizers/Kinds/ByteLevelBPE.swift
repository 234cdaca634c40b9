import Diagnostics
import Files

/// Byte-pair encoding over the bytes of a text, as GPT-2 and its descendants have it.
///
/// A text is cut at special tokens, then into pieces by the pre-tokenizer; in each piece the neighbours that come
/// first in the merge list merge, the leftmost of equals first, until none can. Sources: Sennrich et al., 2016
/// (arXiv:1508.07909), section 3.2; Radford et al., 2019, section 2.2. The ids are llama.cpp's.
public struct ByteLevelBPE: Tokenizer {
    public let preTokenizer: PreTokenizer
    public internal(set) var frame = SequenceFrame()
    let vocabulary: Vocabulary
    package let kinds: [TokenKind]
    let merges: MergeTable
    let specialTokens: SpecialTokens
    /// The token of each single byte, -1 where the vocabulary has none.
    let byteTokens: [Int32]

    /// A tokenizer from lists as GGUF and `tokenizer.json` have them.
    ///
    /// - Parameters:
    ///   - tokens: The texts by id, in GPT-2's byte alphabet; special tokens as they are written.
    ///   - kinds: As many as `tokens`.
    ///   - merges: Two token texts and a space between, the first to apply first.
    /// - Throws: `Diagnostic` for counts that differ, a text that occurs twice, a merge that is malformed, listed
    ///   twice, or whose parts or product the vocabulary lacks.
    public init(tokens: [String], kinds: [TokenKind], merges: [String], preTokenizer: PreTokenizer) throws {
        guard tokens.count == kinds.count else {
            throw Diagnostic("the vocabulary has \(tokens.count) tokens but \(kinds.count) token types")
        }
        guard !tokens.isEmpty, tokens.count <= Int(Int32.max) else {
            throw Diagnostic("expected 1 to \(Int32.max) tokens in the vocabulary, found \(tokens.count)")
        }
        let vocabulary = try Vocabulary(tokens)
        self.preTokenizer = preTokenizer
        self.vocabulary = vocabulary
        self.kinds = kinds
        self.merges = try MergeTable(merges, in: vocabulary)
        specialTokens = SpecialTokens(
            kinds.indices.lazy.filter { kinds[$0].isSpecial }.map { (Int32($0), Array(vocabulary.text(of: $0))) })
        byteTokens = ByteAlphabet.scalars.map { vocabulary.id(of: String($0).utf8.span) ?? -1 }
    }

    public var vocabularySize: Int { vocabulary.count }

    public func encode(_ text: String) -> [Token] {
        let utf8 = text.utf8.span
        var tokens: [Token] = []
        // English text has four bytes to a token.
        tokens.reserveCapacity(utf8.count / 4)
        var piece = MergingPiece()
        var plainStart = 0
        for special in specialTokens.matches(in: utf8) {
            encode(utf8, plainStart..<special.bytes.lowerBound, &piece, into: &tokens)
            tokens.append(special)
            plainStart = special.bytes.upperBound
        }
        encode(utf8, plainStart..<utf8.count, &piece, into: &tokens)
        return tokens
    }

    /// Encodes the part of a text between two special tokens; the pre-tokenizer sees nothing beyond it.
    private func encode(
        _ utf8: borrowing Span<UInt8>, _ range: Range<Int>, _ piece: inout MergingPiece, into tokens: inout [Token]
    ) {
        let part = utf8.extracting(range)
        var start = 0
        while start < part.count {
            let end = preTokenizer.endOfPiece(in: part, from: start)
            let offset = range.lowerBound + start
            if preTokenizer.ignoresMerges, let whole = token(of: part.extracting(start..<end)) {
                tokens.append(Token(id: whole, bytes: offset..<range.lowerBound + end))
                start = end
                continue
            }
            piece.merge(part.extracting(start..<end), byteTokens: byteTokens, merges: merges) { id, bytes in
                tokens.append(Token(id: id, bytes: offset + bytes.lowerBound..<offset + bytes.upperBound))
            }
            start = end
        }
    }

    /// The token that a piece is as it stands; nil for none.
    private func token(of piece: borrowing Span<UInt8>) -> Int32? {
        var text = ""
        for index in 0..<piece.count { text.unicodeScalars.append(ByteAlphabet.scalars[Int(piece[index])]) }
        return vocabulary.id(of: text.utf8.span)
    }

    public func decode(_ ids: some Sequence<Int32>) throws -> String {
        var bytes: [UInt8] = []
        for id in ids {
            guard vocabulary.count > id, id >= 0 else {
                throw Diagnostic("token id \(id) is outside the vocabulary; expected 0 to \(vocabulary.count - 1)")
            }
            bytes += self.bytes(of: Int(id))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a text that a token stands for.
    private func bytes(of id: Int) -> [UInt8] {
        let text = vocabulary.text(of: id)
        if kinds[id].isSpecial { return Array(text) }
        return String(decoding: text, as: UTF8.self).unicodeScalars.flatMap { scalar in
            ByteAlphabet.byte(for: scalar).map { [$0] } ?? Array(String(scalar).utf8)
        }
    }
}

import Diagnostics
import Files

/// A tokenizer of the tokenizers library: added tokens are cut out, the rest is normalised and cut into pieces, and each
/// piece becomes tokens.
public struct TokenizerPipeline: Tokenizer {
    /// How tokens are turned back into text.
    enum Spelling: Sendable {
        /// GPT-2's byte alphabet.
        case byteLevel
        /// A visible space, and `<0xXX>` for bytes.
        case metaspace(Unicode.Scalar)
        /// A prefix where no space goes before.
        case wordPiece(String)
    }

    let verbatim: AddedTokens
    let normalised: AddedTokens
    let normalisation: NormalisationStep?
    let splitting: SplittingStep?
    let model: any TokenModel
    let spelling: Spelling
    /// Ids of added tokens, with their texts.
    let addedTexts: [Int32: AddedToken]
    public let frame: SequenceFrame
    public let vocabularySize: Int
    public var plainVocabularySize: Int { model.vocabulary.count }
    public let fingerprint: SHA256Digest
    public var maximumLength: Int?
    public var paddingToken: Int32?
    /// What the files beside the tokenizer's own have changed.
    var notes: [String] = []
    /// Where libraries that read the same files give other ids.
    var warnings: [String] = []
    public var leadingSpaceWarning: String?

    public func encode(_ text: String) throws -> [Token] {
        let scalars = [AlignedScalar](text)
        var tokens = TokenList()
        for part in verbatim.parts(of: scalars) {
            if let token = part.token {
                guard token.id >= 0 else { throw token.missing }
                tokens.append(token.id, scalars[part.range.lowerBound].lower, scalars[part.range.upperBound - 1].upper)
            } else {
                try encodePlain(Array(scalars[part.range]), isAtStart: part.range.lowerBound == 0, into: &tokens)
            }
        }
        return tokens.tokens
    }

    private func encodePlain(_ plain: [AlignedScalar], isAtStart: Bool, into tokens: inout TokenList) throws {
        var startsLate = false
        let text = try normalisation?.apply(to: plain, startsLate: &startsLate) ?? plain
        for part in normalised.parts(of: text) {
            if let token = part.token {
                guard token.id >= 0 else { throw token.missing }
                tokens.append(token.id, text[part.range.lowerBound].lower, text[part.range.upperBound - 1].upper)
                continue
            }
            var cut = PreTokenizedText(
                Array(text[part.range]), isAtStart: isAtStart && !startsLate && part.range.lowerBound == 0)
            try splitting?.apply(to: &cut)
            for piece in cut.pieces where !piece.isEmpty {
                model.encode(cut.scalars[piece], into: &tokens)
            }
        }
    }

    public func unencodedByteCount(of tokens: [Token], in text: String) -> Int {
        tokens.lostByteCount(in: text)
    }

    public func decode(_ ids: some Sequence<Int32>) throws -> String {
        var bytes: [UInt8] = []
        for id in ids {
            guard id >= 0, Int(id) < vocabularySize else {
                throw Diagnostic("token id \(id) is outside the vocabulary; expected 0 to \(vocabularySize - 1)")
            }
            if let added = addedTexts[id] {
                bytes += added.content.utf8
            } else if Int(id) < model.vocabulary.count {
                bytes += spelling.bytes(of: model.vocabulary.text(of: Int(id)), isFirst: bytes.isEmpty)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension TokenizerPipeline.Spelling {
    /// The text that a token's spelling stands for.
    func bytes(of text: ArraySlice<UInt8>, isFirst: Bool) -> [UInt8] {
        switch self {
        case .byteLevel:
            return String(decoding: text, as: UTF8.self).unicodeScalars.flatMap { scalar in
                ByteAlphabet.byte(for: scalar).map { [$0] } ?? Array(String(scalar).utf8)
            }
        case .metaspace(let visible):
            if let byte = ByteTokens.byte(of: text) { return [byte] }
            let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
            return scalars.enumerated().flatMap { index, scalar -> [UInt8] in
                guard scalar == visible else { return Array(String(scalar).utf8) }
                return isFirst && index == 0 ? [] : [UInt8(ascii: " ")]
            }
        case .wordPiece(let prefix):
            if !isFirst, text.starts(with: prefix.utf8) { return Array(text.dropFirst(prefix.utf8.count)) }
            return (isFirst ? [] : [UInt8(ascii: " ")]) + text
        }
    }
}

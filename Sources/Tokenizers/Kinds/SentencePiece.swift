import Diagnostics
import Files

/// SentencePiece (Kudo and Richardson, 2018, arXiv 1808.06226), with merges or unigrams: `tokenizer.model` files, and the
/// tokenizers of GGUF files whose model is `llama`.
public struct SentencePiece: Tokenizer {
    /// How a text is cut.
    public enum Algorithm: String, Sendable {
        /// The neighbours that make the token with the highest score merge first.
        case merges
        case unigrams
    }

    /// A vocabulary entry.
    public struct Piece: Hashable, Sendable {
        public var text: String
        public var score: Float
        public var kind: TokenKind

        public init(text: String, score: Float, kind: TokenKind) {
            (self.text, self.score, self.kind) = (text, score, kind)
        }
    }

    private let normaliser: SentencePieceNormaliser
    let vocabulary: Vocabulary
    let kinds: [TokenKind]
    private let model: any TokenModel
    /// `<s>` and its kin, found in the text as it is written.
    var control: AddedTokens
    /// Those that other files add behind the vocabulary, by id.
    var extra: [Int32: AddedToken] = [:]
    /// Those that neither the normaliser nor a merge changes.
    private let userDefined: AddedTokens
    public let frame: SequenceFrame
    public internal(set) var fingerprint: SHA256Digest
    public var maximumLength: Int?
    public var paddingToken: Int32?

    /// - Parameters:
    ///   - pieces: by id
    ///   - usesBytes: whether characters that the vocabulary lacks become their bytes' tokens
    ///   - fingerprint: of what the tokenizer was read from
    /// - Throws: where two pieces have one text, or there is none.
    init(
        _ pieces: [Piece], _ algorithm: Algorithm, normaliser: SentencePieceNormaliser, usesBytes: Bool,
        frame: SequenceFrame, fingerprint: SHA256Digest
    ) throws {
        guard !pieces.isEmpty, pieces.count <= Int(Int32.max) else {
            throw Diagnostic("expected at least one piece in the vocabulary, found \(pieces.count)")
        }
        let vocabulary = try Vocabulary(pieces.map(\.text))
        func tokens(_ kinds: TokenKind...) -> [Int32] {
            pieces.indices.filter { kinds.contains(pieces[$0].kind) && !pieces[$0].text.isEmpty }.map { Int32($0) }
        }
        func added(_ ids: [Int32]) -> AddedTokens {
            AddedTokens(ids.map { AddedToken(id: $0, content: pieces[Int($0)].text) })
        }
        self.normaliser = normaliser
        self.vocabulary = vocabulary
        (kinds, self.frame, self.fingerprint) = (pieces.map(\.kind), frame, fingerprint)
        control = added(tokens(.control))
        let byteTokens = usesBytes ? ByteTokens(in: vocabulary) : nil
        let unknown = tokens(.unknown).first
        switch algorithm {
        case .merges:
            var model = MergingModel(
                vocabulary: vocabulary, merges: try MergeTable(pieces, in: vocabulary), symbols: .characters)
            (model.byteTokens, model.unknown, model.fusesUnknown) = (byteTokens, unknown, true)
            self.model = model
            userDefined = added(tokens(.userDefined))
        case .unigrams:
            var model = UnigramModel(
                vocabulary, scores: Self.scores(pieces), ids: tokens(.normal, .userDefined), unknown: unknown,
                isSingle: true,
                lowestScore: pieces.lazy.filter { $0.kind == .normal }.map { Double($0.score) }.min())
            model.byteTokens = byteTokens
            self.model = model
            userDefined = added(tokens(.userDefined))
        }
    }

    /// A user's piece is as good as its length in the best pieces.
    private static func scores(_ pieces: [Piece]) -> [Double] {
        let best = pieces.lazy.filter { $0.kind == .normal }.map(\.score).max() ?? 0
        return pieces.map { piece in
            guard piece.kind == .userDefined else { return Double(piece.score) }
            return Double(Float(piece.text.utf8.count) * best - 0.1)
        }
    }

    public var vocabularySize: Int { max(vocabulary.count, Int(extra.keys.max() ?? -1) + 1) }

    var isMerging: Bool { model is MergingModel }

    /// Tokens that are found in a text as they are written.
    var specialIDs: [Int32] {
        kinds.indices.filter { kinds[$0] == .control || kinds[$0] == .userDefined }.map { Int32($0) }
    }

    /// A token's spelling.
    func text(of id: Int32) -> String { String(decoding: vocabulary.text(of: Int(id)), as: UTF8.self) }

    public func encode(_ text: String) throws -> [Token] {
        let scalars = [AlignedScalar](text)
        var tokens = TokenList()
        for part in control.parts(of: scalars) {
            if let token = part.token {
                guard token.id >= 0 else { throw token.missing }
                tokens.append(token.id, scalars[part.range.lowerBound].lower, scalars[part.range.upperBound - 1].upper)
            } else {
                encodePlain(Array(scalars[part.range]), into: &tokens)
            }
        }
        return tokens.tokens
    }

    private func encodePlain(_ plain: [AlignedScalar], into tokens: inout TokenList) {
        let text = normaliser.apply(to: plain, verbatim: userDefined)
        guard model is MergingModel else {
            if !text.isEmpty { model.encode(text[...], into: &tokens) }
            return
        }
        for part in userDefined.parts(of: text) {
            if let id = part.id {
                tokens.append(id, text[part.range.lowerBound].lower, text[part.range.upperBound - 1].upper)
            } else {
                model.encode(text[part.range], into: &tokens)
            }
        }
    }

    public func unencodedByteCount(of tokens: [Token], in text: String) -> Int {
        tokens.lostByteCount(in: text)
    }

    public func decode(_ ids: some Sequence<Int32>) throws -> String {
        var bytes: [UInt8] = []
        for id in ids {
            if let token = extra[id] {
                bytes += token.content.utf8
                continue
            }
            guard id >= 0, Int(id) < vocabulary.count else {
                throw Diagnostic("token id \(id) is outside the vocabulary; expected 0 to \(vocabularySize - 1)")
            }
            let text = vocabulary.text(of: Int(id))
            bytes +=
                kinds[Int(id)] == .control
                ? Array(text)
                : TokenizerPipeline.Spelling.metaspace(SentencePieceNormaliser.visibleSpace)
                    .bytes(of: text, isFirst: bytes.isEmpty && normaliser.addsSpace)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension MergeTable {
    /// Every way to make a piece of two others, ranked by the piece's score.
    init(_ pieces: [SentencePiece.Piece], in vocabulary: Vocabulary) throws {
        let merged = pieces.indices.filter { pieces[$0].kind == .normal }
        let scores = Set(merged.map { pieces[$0].score }).sorted(by: >)
        let ranks = Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($0.element, Int32($0.offset)) })
        var merges: [Entry] = []
        for id in merged {
            let text = Array(pieces[id].text.utf8)
            for cut in text.indices.dropFirst() where text[cut] & 0xC0 != 0x80 {
                guard let left = vocabulary.id(of: String(decoding: text[..<cut], as: UTF8.self)),
                    let right = vocabulary.id(of: String(decoding: text[cut...], as: UTF8.self)),
                    pieces[Int(left)].kind == .normal, pieces[Int(right)].kind == .normal
                else { continue }
                merges.append(
                    Entry(left: left, right: right, rank: ranks[pieces[id].score] ?? 0, merged: Int32(id)))
            }
        }
        self.init(capacity: merges.count)
        for merge in merges { insert(left: merge.left, right: merge.right, rank: merge.rank, merged: merge.merged) }
    }
}

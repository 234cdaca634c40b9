import Diagnostics
import Files
import Weights

extension SentencePiece {
    /// Reads a `tokenizer.model`, a protocol buffer as `sentencepiece_model.proto` describes it.
    ///
    /// - Parameters:
    ///   - addsBOS: whether a text is framed by the model's `<s>`
    ///   - addsEOS: whether it is by its `</s>`
    /// - Throws: where the file is missing, damaged, or of a kind other than BPE and Unigram.
    public init(model path: String, addsBOS: Bool = false, addsEOS: Bool = false) throws {
        try self.init(bytes: TextFile.bytes(of: path), of: path, addsBOS: addsBOS, addsEOS: addsEOS)
    }

    /// Reads bytes that are in memory; throws as `init(model:)` does.
    public init(bytes: [UInt8], of path: String, addsBOS: Bool = false, addsEOS: Bool = false) throws {
        try self.init(bytes: bytes, of: path, addsBOS: addsBOS, addsEOS: addsEOS, settings: TokenizerSettings())
    }

    /// - Parameter settings: tokens that other files add
    init(bytes: [UInt8], of path: String, addsBOS: Bool, addsEOS: Bool, settings: TokenizerSettings) throws {
        var file = ModelFile()
        do {
            try file.read(bytes, of: path)
            func frame(_ adds: Bool, _ id: Int) throws -> [Int32] {
                guard adds else { return [] }
                guard file.pieces.indices.contains(id) else {
                    throw Diagnostic("expected a beginning and an end token")
                }
                return [Int32(id)]
            }
            try self.init(
                file.pieces, file.algorithm, normaliser: file.normaliser, usesBytes: file.usesBytes,
                frame: SequenceFrame(
                    before: frame(addsBOS, file.beginningID), behind: frame(addsEOS, file.endID)),
                fingerprint: SHA256Digest(of: bytes))
            try add(settings)
        } catch var diagnostic as Diagnostic {
            diagnostic.location = diagnostic.location ?? SourceLocation(file: path)
            throw diagnostic
        }
    }

    /// The fields of `ModelProto` that decide a text's ids.
    private struct ModelFile {
        var pieces: [Piece] = []
        var algorithm = Algorithm.unigrams
        var normaliser = SentencePieceNormaliser()
        var usesBytes = false
        var beginningID = 1
        var endID = 2

        mutating func read(_ bytes: [UInt8], of path: String) throws {
            // Counted before it is kept: a list that grows by doubling takes several times a small file.
            var count = 0
            var counter = ProtobufReader(bytes[...], of: path)
            while let (field, _) = try counter.next() { count += field == 1 ? 1 : 0 }
            pieces.reserveCapacity(count)
            var reader = ProtobufReader(bytes[...], of: path)
            while let (field, value) = try reader.next() {
                guard let message = value.bytes else { continue }
                switch field {
                case 1: pieces.append(try Self.piece(message, number: pieces.count, of: path))
                case 2: try readTrainer(message, of: path)
                case 3: try readNormaliser(message, of: path)
                default: break
                }
            }
        }

        private static func piece(_ message: ArraySlice<UInt8>, number: Int, of path: String) throws -> Piece {
            var piece = Piece(text: "", score: 0, kind: .normal)
            var reader = ProtobufReader(message, of: path)
            while let (field, value) = try reader.next() {
                switch field {
                case 1:
                    guard let bytes = value.bytes, let text = String(validating: bytes, as: UTF8.self) else {
                        throw Diagnostic("expected piece \(number) to be UTF-8 text")
                    }
                    piece.text = text
                case 2:
                    guard let score = value.float, score.isFinite else {
                        throw Diagnostic("expected a number as the score of piece \(number)")
                    }
                    piece.score = score
                case 3:
                    guard let kind = value.number.flatMap(UInt8.init(exactly:)).flatMap(TokenKind.init) else {
                        throw Diagnostic("expected 1 to 6 as the type of piece \(number)")
                    }
                    piece.kind = kind
                default: break
                }
            }
            return piece
        }

        private mutating func readTrainer(_ message: ArraySlice<UInt8>, of path: String) throws {
            var reader = ProtobufReader(message, of: path)
            while let (field, value) = try reader.next() {
                switch field {
                case 3:
                    guard let number = value.number, number == 1 || number == 2 else {
                        throw Diagnostic("expected the model type 1 (Unigram) or 2 (BPE), found \(value)")
                    }
                    algorithm = number == 1 ? .unigrams : .merges
                case 24: normaliser.putsSpaceBehind = value.flag ?? false
                case 35: usesBytes = value.flag ?? false
                case 41: beginningID = value.number.flatMap { Int(exactly: $0) } ?? -1
                case 42: endID = value.number.flatMap { Int(exactly: $0) } ?? -1
                default: break
                }
            }
        }

        private mutating func readNormaliser(_ message: ArraySlice<UInt8>, of path: String) throws {
            var reader = ProtobufReader(message, of: path)
            while let (field, value) = try reader.next() {
                switch field {
                case 2:
                    guard let bytes = value.bytes, !bytes.isEmpty else { break }
                    normaliser.map = try CharacterMap(bytes)
                case 3: normaliser.addsSpace = value.flag ?? true
                case 4: normaliser.squeezesSpace = value.flag ?? true
                case 5: normaliser.escapesSpace = value.flag ?? true
                default: break
                }
            }
        }
    }
}

extension SentencePiece {
    /// The tokenizer of a GGUF file whose `tokenizer.ggml.model` is `llama`: merges with byte fallback.
    ///
    /// - Throws: where a key is missing, or the lists contradict each other.
    init(gguf metadata: GGUFMetadata) throws {
        let texts = try metadata.strings("tokenizer.ggml.tokens")
        let scores = try metadata.numbers("tokenizer.ggml.scores")
        let kinds = try metadata.integers("tokenizer.ggml.token_type").enumerated().map(TokenKind.init(gguf:_:))
        guard texts.count == scores.count, texts.count == kinds.count else {
            throw Diagnostic("found \(texts.count) tokens, \(scores.count) scores and \(kinds.count) token types")
        }
        let pieces = texts.indices.map { Piece(text: texts[$0], score: Float(scores[$0]), kind: kinds[$0]) }
        var normaliser = SentencePieceNormaliser()
        normaliser.squeezesSpace = try metadata.flagIfPresent("tokenizer.ggml.remove_extra_whitespaces") ?? false
        normaliser.addsSpace = try metadata.flagIfPresent("tokenizer.ggml.add_space_prefix") ?? true
        let frame = try SequenceFrame(gguf: metadata, addsBOSByDefault: true)
        let lists = pieces.map { "\($0.text)\n\($0.score)\n\($0.kind.rawValue)\n" }.joined()
        let squeezed = normaliser.squeezesSpace ? ", squeezed" : ""
        try self.init(
            pieces, .merges, normaliser: normaliser, usesBytes: true, frame: frame,
            fingerprint: SHA256Digest(of: "SentencePiece, version 1, \(normaliser.addsSpace)\(squeezed)\n\(lists)"))
    }
}

extension SentencePiece {
    /// Adds the tokens that the files beside a `tokenizer.model` number or name.
    mutating func add(_ settings: TokenizerSettings) throws {
        // What another file lists has that file's flags.
        let listed = Set(settings.added.map { Array($0.token.content.utf8) })
        let own = kinds.indices.filter { kinds[$0] == .control }.map { id in
            AddedToken(id: Int32(id), content: text(of: Int32(id)))
        }.filter { !$0.content.isEmpty && !listed.contains(Array($0.content.utf8)) }
        let all = try settings.adding(to: own, of: vocabulary)
        let new = all[own.count...]
        guard !new.isEmpty else { return }
        control = AddedTokens(all)
        for token in new where token.id >= 0 { extra[token.id] = token }
        let list = new.map { "\($0.id) \($0.content)\n" }.joined()
        fingerprint = SHA256Digest(of: "tokenizer.model, version 1, \(fingerprint)\n\(list)")
    }
}

import Diagnostics
import Files
import Foundation
import Weights

/// Finds out which tokenizer a model comes with, and reads it.
public enum PretrainedTokenizer {
    /// The tokenizer in a GGUF file's metadata.
    ///
    /// - Parameter keys: what becomes of keys that nobody here knows
    /// - Throws: where it is of an unknown kind, its lists contradict each other, or for a key that is not known.
    public static func read(
        gguf metadata: GGUFMetadata, path: String, ignoring keys: KeyPolicy = []
    ) throws -> any Tokenizer {
        let tokenizer: any Tokenizer
        do {
            tokenizer =
                switch try metadata.stringIfPresent("tokenizer.ggml.model") {
                case "llama": try SentencePiece(gguf: metadata)
                case "bert": try TokenizerPipeline(bertVocabulary: metadata)
                default: try ByteLevelBPE(gguf: metadata, path: path)
                }
        } catch var diagnostic as Diagnostic {
            diagnostic.location = diagnostic.location ?? SourceLocation(file: path)
            throw diagnostic
        }
        try metadata.refuseUnknownTokenizerKeys(path: path, ignoring: keys)
        return tokenizer
    }

    /// The tokenizer in a Hugging Face folder: `tokenizer.json`, else `tokenizer.model`, else `vocab.txt`, and what the
    /// files beside it say of it.
    ///
    /// - Parameter keys: what becomes of keys of these files that nobody here knows
    /// - Throws: where there is none of them, it is damaged or not supported, or a file says what isn't known here.
    public static func read(folder: String, ignoring keys: KeyPolicy = []) throws -> any Tokenizer {
        let url = URL(fileURLWithPath: folder)
        func existing(_ name: String) -> String? {
            let path = url.appendingPathComponent(name).path
            return FileManager.default.fileExists(atPath: path) ? path : nil
        }
        let settings = try TokenizerSettings(existing)
        let tokenizer: any Tokenizer
        if let path = existing("tokenizer.json") {
            let document = try JSONDocument(path: path, notesReading: true)
            tokenizer = try TokenizerPipeline(document, settings: settings, ignoring: keys)
        } else if let path = existing("tokenizer.model") {
            tokenizer = try SentencePiece(model: path, settings: settings)
        } else if let path = existing("vocab.txt") {
            tokenizer = try TokenizerPipeline(bertVocabulary: path, settings: settings)
        } else {
            throw Diagnostic(
                "expected a tokenizer.json, tokenizer.model or vocab.txt in the model's folder, found none",
                at: SourceLocation(file: folder))
        }
        try settings.refuseUnread(ignoring: keys)
        return tokenizer
    }

    /// The tokenizer of a `tokenizer.json` alone, as the tokenizers library gives texts ids without special tokens: nothing goes
    /// around a text, and one is cut where the file says so.
    ///
    /// - Parameter keys: what becomes of keys that nobody here knows
    public static func read(unframed path: String, ignoring keys: KeyPolicy = []) throws -> any Tokenizer {
        let document = try JSONDocument(path: path, notesReading: true)
        let limit = try document.root["truncation"]?.required("max_length")
        let length = try limit?.integer()
        if let limit, let length, length < 1 { throw limit.expected("a length in tokens") }
        // The whole of it is known to the reader.
        document.root["truncation"]?.countAllAsRead()
        return UnframedTokenizer(
            try TokenizerPipeline(document, settings: TokenizerSettings(), ignoring: keys), maximumLength: length)
    }
}

extension SentencePiece {
    /// Reads a `tokenizer.model`, which doesn't say what goes around a text: the class's defaults in transformers do,
    /// unless `tokenizer_config.json` says otherwise.
    init(model path: String, settings: TokenizerSettings) throws {
        let (config, kind) = (settings.config, settings.tokenizerClass)
        guard kind != .bert, kind != .bytes else {
            throw Diagnostic(
                "expected a class for SentencePiece in tokenizer_config.json or config.json, found one for another tokenizer",
                at: SourceLocation(file: path))
        }
        // Where no file names a class, LLaMA's.
        let isLLaMA = kind == .llama || (kind == .plain && config?["tokenizer_class"] == nil)
        config?.pass(over: "do_lower_case", "strip_accents", "tokenize_chinese_chars")
        // With a tokenizer.json of its own the library has settled it there.
        try config?.expect(
            "legacy", "true or null", "only a text's first word has a space in front, not one behind a token"
        ) {
            $0.text == "true" || kind == .gemma
        }
        try config?.expect("add_prefix_space", "true or null", "the model puts a space in front") {
            $0.text == (kind == .gemma ? "false" : "true")
        }
        try self.init(
            bytes: TextFile.bytes(of: path), of: path,
            addsBOS: config?.flagOrNull("add_bos_token") ?? (isLLaMA || kind == .gemma),
            addsEOS: config?.flagOrNull("add_eos_token") ?? (kind == .t5), settings: settings)
        maximumLength = settings.maximumLength
        paddingToken = settings.paddingToken { text in
            extra.values.first { $0.content == text }?.id ?? vocabulary.id(of: text)
        }
    }
}

extension TokenizerPipeline {
    /// BERT's tokenizer, from a list of tokens: one a line, the line's number its id.
    ///
    /// - Throws: where the list is missing, damaged, or lacks the tokens for unknown words and for a text's ends.
    init(bertVocabulary path: String, settings: TokenizerSettings) throws {
        if let name = settings.config?["tokenizer_class"], settings.tokenizerClass != .bert {
            throw name.expected("a class like BertTokenizer for a vocab.txt")
        }
        let text = try TextFile.text(of: path)
        // By bytes: to Swift "\\r\\n" is one character, and other line separators are tokens.
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        if lines.last == "" { lines.removeLast() }
        try self.init(bertVocabulary: lines, digest: text, of: path, settings: settings)
    }

    /// - Parameters:
    ///   - tokens: by id; what continues a word begins with `##`
    ///   - digest: what the fingerprint is taken of
    init(bertVocabulary tokens: [String], digest: String, of path: String, settings: TokenizerSettings) throws {
        let vocabulary = try Vocabulary(tokens)
        func id(_ token: String) throws -> Int32 {
            if let id = vocabulary.id(of: token) { return id }
            throw Diagnostic("expected the token \(token) in the vocabulary", at: SourceLocation(file: path))
        }
        settings.config?.pass(over: "add_prefix_space", "add_bos_token", "add_eos_token")
        let wanted = try settings.config.map { try BERTCase($0) } ?? BERTCase()
        let needed = ["unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
        if let role = needed.first(where: settings.isTakenAway) {
            throw Diagnostic(
                "\(role): null is not supported beside a vocab.txt, whose tokenizer has one",
                at: SourceLocation(file: path),
                suggestion: "leave it out of tokenizer_config.json and special_tokens_map.json, or name the token")
        }
        let own = ["pad", "unk", "cls", "sep", "mask"].map {
            settings.text("\($0)_token", or: "[\($0.uppercased())]")
        }.reduce(into: [AddedToken]()) { tokens, content in
            guard !tokens.contains(where: { $0.content == content }) else { return }
            tokens.append(AddedToken(id: vocabulary.id(of: content) ?? -1, content: content))
        }
        let (unknown, first, last) = (
            own[1].content, settings.text("cls_token", or: "[CLS]"), settings.text("sep_token", or: "[SEP]")
        )
        let special = try settings.adding(to: own, of: vocabulary)
        let added = special.map { "\($0.id) \($0.content)" }.joined(separator: "\n")
        let isUsual =
            wanted.separatesChinese && special.map(\.content) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        let normalisation = NormalisationStep.bert(
            BertNormalisation(
                cleansText: true, separatesChinese: wanted.separatesChinese, stripsAccents: wanted.stripsAccents,
                lowercases: wanted.lowercases))
        self.init(
            verbatim: try AddedTokens(special.filter { !$0.isNormalised }).checked(),
            normalised: try .normalised(special.filter(\.isNormalised), by: normalisation),
            normalisation: normalisation,
            splitting: .bert,
            model: WordPieceModel(
                vocabulary, ids: (0..<Int32(vocabulary.count)), unknown: try id(unknown), continuingPrefix: "##",
                mostCharacters: 100),
            spelling: .wordPiece("##"),
            addedTexts: Dictionary(special.filter { $0.id >= 0 }.map { ($0.id, $0) }) { first, _ in first },
            frame: SequenceFrame(before: [try id(first)], behind: [try id(last)]),
            vocabularySize: max(vocabulary.count, Int(special.map(\.id).max() ?? -1) + 1),
            fingerprint: SHA256Digest(
                of: "BERT, version 1, \(wanted.lowercases), \(wanted.stripsAccents)\n\(digest)"
                    + (isUsual ? "" : "\n\(wanted.separatesChinese)\n\(unknown)\n\(added)")),
            maximumLength: settings.maximumLength,
            paddingToken: settings.paddingToken { text in
                special.first { $0.content == text && $0.id >= 0 }?.id ?? vocabulary.id(of: text)
            })
    }
}

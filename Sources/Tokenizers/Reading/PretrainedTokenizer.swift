import Diagnostics
import Files
import Foundation
import Weights

/// Finds out which tokenizer a model comes with, and reads it.
public enum PretrainedTokenizer {
    /// The tokenizer in a GGUF file's metadata.
    ///
    /// - Throws: where it is of an unknown kind, or its lists contradict each other.
    public static func read(gguf metadata: GGUFMetadata, path: String) throws -> any Tokenizer {
        let key = "tokenizer.ggml.model"
        guard try metadata.stringIfPresent(key) == "llama" else { return try ByteLevelBPE(gguf: metadata, path: path) }
        do {
            return try SentencePiece(gguf: metadata)
        } catch var diagnostic as Diagnostic {
            diagnostic.location = diagnostic.location ?? SourceLocation(file: path)
            throw diagnostic
        }
    }

    /// The tokenizer in a Hugging Face folder: `tokenizer.json`, else `tokenizer.model`, else `vocab.txt`.
    ///
    /// - Throws: where there is none of them, or it is damaged or not supported.
    public static func read(folder: String) throws -> any Tokenizer {
        let url = URL(fileURLWithPath: folder)
        func existing(_ name: String) -> String? {
            let path = url.appendingPathComponent(name).path
            return FileManager.default.fileExists(atPath: path) ? path : nil
        }
        if let path = existing("tokenizer.json") { return try TokenizerPipeline(json: path) }
        let config = try existing("tokenizer_config.json").map { try JSONDocument(path: $0).root }
        if let path = existing("tokenizer.model") {
            let marks = try Marks(config)
            return try SentencePiece(model: path, addsBOS: marks.beginning, addsEOS: marks.end)
        }
        if let path = existing("vocab.txt") {
            return try TokenizerPipeline(
                bertVocabulary: path, lowercases: try config?["do_lower_case"]?.flag() ?? true,
                stripsAccents: try config?["strip_accents"]?.flag())
        }
        throw Diagnostic(
            "expected a tokenizer.json, tokenizer.model or vocab.txt in the model's folder, found none",
            at: SourceLocation(file: folder))
    }

    /// Which tokens go around a text of a `tokenizer.model`, which doesn't say: the class's defaults in transformers,
    /// unless `tokenizer_config.json` says otherwise.
    private struct Marks {
        var beginning: Bool
        var end: Bool

        init(_ config: JSONNode?) throws {
            let name = try config?["tokenizer_class"]?.string() ?? "LlamaTokenizer"
            let hasBeginning = ["Llama", "Gemma", "Mistral"].contains { name.hasPrefix($0) }
            beginning = try config?["add_bos_token"]?.flag() ?? hasBeginning
            end = try config?["add_eos_token"]?.flag() ?? name.hasPrefix("T5")
        }
    }
}

extension TokenizerPipeline {
    /// BERT's tokenizer, from a list of tokens: one a line, the line's number its id.
    ///
    /// - Throws: where the list is missing, damaged, or lacks `[UNK]`, `[CLS]` or `[SEP]`.
    init(bertVocabulary path: String, lowercases: Bool, stripsAccents: Bool?) throws {
        let text = try TextFile.text(of: path)
        // By bytes: to Swift "\\r\\n" is one character, and other line separators are tokens.
        var tokens = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        if tokens.last == "" { tokens.removeLast() }
        let vocabulary = try Vocabulary(tokens)
        func id(_ token: String) throws -> Int32 {
            if let id = vocabulary.id(of: token) { return id }
            throw Diagnostic("expected the token \(token) in the vocabulary", at: SourceLocation(file: path))
        }
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].compactMap { token in
            vocabulary.id(of: token).map { AddedToken(id: $0, content: token) }
        }
        self.init(
            verbatim: AddedTokens(special), normalised: AddedTokens([]),
            normalisation: .bert(
                BertNormalisation(
                    cleansText: true, separatesChinese: true, stripsAccents: stripsAccents ?? lowercases,
                    lowercases: lowercases)),
            splitting: .bert,
            model: WordPieceModel(
                vocabulary, ids: (0..<Int32(vocabulary.count)), unknown: try id("[UNK]"), continuingPrefix: "##",
                mostCharacters: 100),
            spelling: .wordPiece("##"),
            addedTexts: Dictionary(special.map { ($0.id, $0) }) { first, _ in first },
            frame: SequenceFrame(before: [try id("[CLS]")], behind: [try id("[SEP]")]),
            vocabularySize: vocabulary.count,
            fingerprint: SHA256Digest(of: "BERT, version 1, \(lowercases), \(stripsAccents ?? lowercases)\n\(text)"))
    }
}

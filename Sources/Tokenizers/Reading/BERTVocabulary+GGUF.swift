import Diagnostics
import Weights

extension TokenizerPipeline {
    /// BERT's tokenizer, from a GGUF file, whose tokens have `▁` where a word begins and nothing where it goes on: the other
    /// way round than `vocab.txt`. Lower case without accents, as llama.cpp has it for every such file.
    ///
    /// - Throws: where lists contradict each other, or a special token isn't BERT's.
    init(bertVocabulary metadata: GGUFMetadata) throws {
        let pieces = try metadata.strings("tokenizer.ggml.tokens")
        let kinds = try metadata.integers("tokenizer.ggml.token_type").enumerated().map(TokenKind.init(gguf:_:))
        guard kinds.count == pieces.count else {
            throw Diagnostic("tokenizer.ggml.token_type: expected \(pieces.count) kinds, found \(kinds.count)")
        }
        let lines = zip(pieces, kinds).map { piece, kind in
            kind.isSpecial
                ? piece
                : piece.unicodeScalars.first == "\u{2581}" ? String(piece.unicodeScalars.dropFirst()) : "##" + piece
        }
        // Two names of a role, of which files have one or both.
        let roles = [
            "[CLS]": ["cls_token_id", "bos_token_id"],
            "[SEP]": ["seperator_token_id", "separator_token_id", "eos_token_id"],
            "[UNK]": ["unknown_token_id"], "[PAD]": ["padding_token_id"], "[MASK]": ["mask_token_id"],
        ]
        for (token, keys) in roles.sorted(by: { $0.key < $1.key }) {
            for key in keys.map({ "tokenizer.ggml.\($0)" }) {
                guard let id = try metadata.integerIfPresent(key) else { continue }
                guard lines.indices.contains(id), lines[id] == token else {
                    let found = lines.indices.contains(id) ? "\"\(lines[id])\"" : "no token"
                    throw Diagnostic("\(key): expected the id of \(token), found \(id), which is \(found)")
                }
            }
        }
        for key in ["add_bos_token", "add_eos_token"].map({ "tokenizer.ggml.\($0)" }) {
            if try metadata.flagIfPresent(key) == false {
                throw Diagnostic("\(key): expected true, as BERT's texts stand between [CLS] and [SEP]")
            }
        }
        let settings = TokenizerSettings()
        try self.init(
            bertVocabulary: lines, digest: "GGUF\n" + lines.joined(separator: "\n"), of: "tokenizer.ggml.tokens",
            settings: settings)
    }
}

import Diagnostics
import Files
import Weights

extension KeysWithoutEffect {
    /// Keys of a GGUF file's `tokenizer.*` that change no id of a text, or are read by others.
    static let ggufTokenizer: KeysWithoutEffect = {
        func ggml(_ names: String, _ reason: String) -> KeysWithoutEffect {
            KeysWithoutEffect(
                uniqueKeysWithReason: names.split(separator: " ").map { "tokenizer.ggml.\($0)" }, reason)
        }
        return ggml("padding_token_id", "padding is the encoder's")
            + ggml("scores", "merges decide which pieces a text is cut into")
            + ggml("merges", "scores decide which pieces a text is cut into")
            + ggml("pre", "pieces cross words here")
            + ggml("add_space_prefix remove_extra_whitespaces", "llama.cpp reads it for other kinds of tokenizers")
            + ggml("bos_token_id eos_token_id unknown_token_id", "it is not put around a text")
            + ggml("seperator_token_id separator_token_id cls_token_id mask_token_id token_type_count", "of encoders")
            + ggml(
                "eot_token_id eom_token_id eog_token_ids prefix_token_id suffix_token_id middle_token_id "
                    + "fim_pre_token_id fim_suf_token_id fim_mid_token_id fim_pad_token_id fim_rep_token_id "
                    + "fim_sep_token_id", "ends or fills what a model writes")
            + [
                "tokenizer.chat_template*": "makes prompts of conversations",
                "tokenizer.huggingface.json": "the library's own file, which llama.cpp carries along",
            ]
    }()
}

extension GGUFMetadata {
    /// Refuses keys of a tokenizer whose effect isn't known; to be called once the tokenizer is read.
    func refuseUnknownTokenizerKeys(path: String, ignoring policy: KeyPolicy) throws {
        if try flagIfPresent("tokenizer.ggml.add_sep_token") == true {
            throw Diagnostic(
                "tokenizer.ggml.add_sep_token: expected false: it is of two texts at once",
                at: SourceLocation(file: path))
        }
        try refuseUnread(
            KeysWithoutEffect.ggufTokenizer.of("the tokenizer's metadata"), where: { $0.hasPrefix("tokenizer.") },
            ignoring: policy)
    }
}

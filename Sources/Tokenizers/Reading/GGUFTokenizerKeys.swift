import Diagnostics
import Weights

extension GGUFMetadata {
    /// Keys of `tokenizer.*` that are read here, and those that llama.cpp reads for other things than a text's ids.
    private static let knownTokenizerKeys: Set<String> = {
        let ggml =
            "model pre tokens scores token_type merges bos_token_id eos_token_id unknown_token_id add_bos_token "
            + "add_eos_token add_space_prefix remove_extra_whitespaces "
            // Padding is the encoder's; the rest ends or fills what a model writes.
            + "padding_token_id seperator_token_id separator_token_id cls_token_id mask_token_id token_type_count "
            + "eot_token_id eom_token_id eog_token_ids prefix_token_id suffix_token_id middle_token_id fim_pre_token_id "
            + "fim_suf_token_id fim_mid_token_id fim_pad_token_id fim_rep_token_id fim_sep_token_id"
        return Set(ggml.split(separator: " ").map { "tokenizer.ggml.\($0)" } + ["tokenizer.chat_templates"])
    }()

    /// Refuses keys of a tokenizer whose effect isn't known.
    func refuseUnknownTokenizerKeys(path: String) throws {
        for key in keys where key.hasPrefix("tokenizer.") {
            // The library's own file is carried along, and not read by llama.cpp; templates make prompts of conversations.
            if Self.knownTokenizerKeys.contains(key) || key.hasPrefix("tokenizer.chat_template")
                || key == "tokenizer.huggingface.json"
            {
                continue
            }
            // Of two texts at once, of which there are none.
            if key == "tokenizer.ggml.add_sep_token", try !flag(key) { continue }
            let nearest = nearestName(to: key, among: Self.knownTokenizerKeys.sorted())
            throw Diagnostic(
                "unknown metadata key \"\(key)\": what it changes of a text's tokens is not known here",
                at: SourceLocation(file: path), suggestion: nearest.map { "the nearest known key is \"\($0)\"" })
        }
    }
}

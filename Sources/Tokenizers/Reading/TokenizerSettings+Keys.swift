import Diagnostics
import Files

extension TokenizerSettings {
    /// Keys of `tokenizer_config.json` that change no id, and why.
    static let withoutEffect: KeysWithoutEffect = {
        let chat = "makes prompts of conversations"
        let decoding = "turns ids back into text"
        let padding = "texts are not padded by the tokenizer"
        let cutting = "prompts are cut at the model's context, and counted"
        let trace = "says where the file came from"
        let python = "Python's affair"
        return [
            "chat_template": chat, "use_default_system_prompt": chat, "response_template": chat,
            "response_schema": chat,
            "chat_control_tokens": chat,
            "clean_up_tokenization_spaces": decoding, "spaces_between_special_tokens": decoding, "errors": decoding,
            "padding_side": padding, "pad_token_type_id": padding, "pad_to_multiple_of": padding, "padding": padding,
            "max_length": cutting, "stride": cutting, "truncation_strategy": cutting, "truncation": cutting,
            "model_input_names": "which arrays a model is given",
            "return_token_type_ids": "which arrays a model is given", "trim_offsets": "moves the places of tokens",
            "name_or_path": trace, "_name_or_path": trace, "special_tokens_map_file": trace, "tokenizer_file": trace,
            "vocab_file": trace, "merges_file": trace, "transformers_version": trace, "tokenizers_version": trace,
            "processor_class": python, "backend": python, "is_local": python, "local_files_only": python,
            "use_fast": python, "device_map": python,
            "legacy": "tokenizer.json has what came of it", "keep_accents": "tokenizer.json has what came of it",
            "remove_space": "tokenizer.json has what came of it",
        ]
    }()

    /// The longest text, of `model_max_length` or its old name; the library writes 10^30 for none.
    static func maximumLength(_ root: JSONNode) throws -> Int? {
        root.pass(over: "max_len")
        guard let node = root["model_max_length"] ?? root["max_len"] else { return nil }
        let number = try node.number()
        guard number > 0 else { throw node.expected("a positive number of tokens") }
        return number < 1e9 ? Int(number) : nil
    }

    /// Refuses what would give other ids than are given here.
    static func check(_ root: JSONNode) throws {
        root.pass(over: "extra_ids")
        try root.expect("truncation_side", "\"right\"", "long texts are cut at their end here") {
            $0.text == "\"right\""
        }
        try root.expect("split_special_tokens", "false", "special tokens are found in texts here") {
            $0.text == "false"
        }
        try root.expect("from_slow", "false", "the tokenizer's own file is read here") { $0.text == "false" }
        try root.expect("do_basic_tokenize", "true", "BERT's words are cut before they are looked up here") {
            $0.text == "true"
        }
        try root.expect("never_split", "an empty list", "which words stay whole is not known here") {
            $0.kind == .array && (try? $0.elements().isEmpty) == true
        }
        try root.expect("wordpieces_prefix", "\"##\"", "continuing pieces begin with ## here") { $0.text == "\"##\"" }
        for key in ["sp_model_kwargs", "init_inputs"] {
            try root.expect(key, "nothing in it", "SentencePiece's options, such as sampling, are not known here") {
                ["{}", "[]"].contains($0.text)
            }
        }
    }
}

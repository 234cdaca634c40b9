import Files

extension ByteLevelBPE {
    /// `tokenizer.json` of the tokenizers library, which gives the same ids. Of special tokens that overlap in a text, the library
    /// takes the leftmost, and this tokenizer the longest.
    func json(_ changes: TokenizerChanges) -> String {
        func text(_ id: Int) -> String { String(decoding: vocabulary.text(of: id), as: UTF8.self) }
        let special = kinds.indices.filter { kinds[$0].isSpecial && !vocabulary.text(of: $0).isEmpty }
        let added = special.map { id in
            JSONText.object([
                ("id", "\(id)"), ("content", JSONText.quoted(text(id))), ("single_word", "false"), ("lstrip", "false"),
                ("rstrip", "false"), ("normalized", "false"), ("special", "\(kinds[id] != .userDefined)"),
            ])
        }
        let entries = (0..<vocabulary.count).map { "\(JSONText.quoted(text($0))): \($0)" }
        let merges = merges.byRank.map { JSONText.list([text(Int($0.left)), text(Int($0.right))]) }
        let model = JSONText.object([
            ("type", "\"BPE\""), ("dropout", "null"), ("unk_token", "null"), ("continuing_subword_prefix", "null"),
            ("end_of_word_suffix", "null"), ("fuse_unk", "false"), ("byte_fallback", "false"),
            ("ignore_merges", "\(preTokenizer.ignoresMerges)"), ("vocab", "{\n\(entries.joined(separator: ",\n"))}"),
            ("merges", "[\n\(merges.joined(separator: ",\n"))]"),
        ])
        let isPlain = frame == SequenceFrame() && changes.behind.isEmpty
        return JSONText.object([
            ("version", "\"1.0\""), ("truncation", "null"), ("padding", "null"),
            ("added_tokens", "[\(added.joined(separator: ", "))]"), ("normalizer", changes.normalizer(before: nil)),
            ("pre_tokenizer", preTokenizer.json),
            (
                "post_processor",
                isPlain
                    ? PreTokenizer.byteLevelJSON(usesExpression: true) : changes.postProcessor(frame) { text(Int($0)) }
            ),
            ("decoder", PreTokenizer.byteLevelJSON(usesExpression: true)), ("model", model),
        ])
    }
}

extension PreTokenizer {
    fileprivate static func byteLevelJSON(usesExpression: Bool) -> String {
        "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": \(usesExpression)}"
    }

    /// `pre_tokenizer` of a `tokenizer.json`.
    fileprivate var json: String {
        switch self {
        case .gpt2: return Self.byteLevelJSON(usesExpression: true)
        case .smollm:
            return "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Digits\", \"individual_digits\": true}, "
                + Self.byteLevelJSON(usesExpression: true) + "]}"
        case .llama3, .qwen2:
            let digits = self == .llama3 ? #"\p{N}{1,3}"# : #"\p{N}"#
            let expression =
                #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
                + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
            return "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"pattern\": {\"Regex\": "
                + JSONText.quoted(expression) + "}, \"behavior\": \"Isolated\", \"invert\": false}, "
                + Self.byteLevelJSON(usesExpression: false) + "]}"
        }
    }
}

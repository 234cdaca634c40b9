extension TinyLlama {
    /// The tiny model with a tokenizer that transformers can pad with, and in which a full stop and a quote behind it are one token.
    public static func exportFile(layers: Int = programLayers) -> GGUFWriter {
        let tokens = ByteAlphabetReference.tokens + [".\"", "<|end|>"]
        let kinds = tokens.map { GGUFWriter.Value.int32($0 == "<|end|>" ? 3 : 1) }
        let model = TinyLlama(layers: layers, vocabulary: tokens.count)
        return model.file(tokenizer: [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("smollm")),
            ("tokenizer.ggml.tokens", .array(tokens.map { .string($0) })),
            ("tokenizer.ggml.token_type", .array(kinds)), ("tokenizer.ggml.merges", .array([.string(". \"")])),
            ("tokenizer.ggml.eos_token_id", .uint32(UInt32(tokens.count - 1))),
        ])
    }
}

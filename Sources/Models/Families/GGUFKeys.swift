import Files

// Keys of a GGUF file's metadata that no hidden state depends on, each with the reason. What is neither read nor listed here
// is refused. Source: github.com/ggml-org/ggml, docs/gguf.md; llama.cpp's `llama-arch.cpp` and `gguf-py/gguf/constants.py`.
extension KeysWithoutEffect {
    /// Of a file of any family.
    ///
    /// - Parameter architecture: what its own keys begin with
    static func gguf(_ architecture: String) -> KeysWithoutEffect {
        let own: [(String, String)] = [
            ("vocab_size", "the embedding matrix has the rows that it has"),
            ("final_logit_softcapping", "the output matrix only"), ("pooling_type", "a run says how it pools"),
            ("rope.scaling.finetuned", "a remark"), ("tensor_data_layout", "the layout is the family's"),
        ]
        return origin
            + own.reduce(into: [:]) { known, key in
                known = known + KeysWithoutEffect(uniqueKeysWithReason: ["\(architecture).\(key.0)"], key.1)
            }
    }

    private static let origin: KeysWithoutEffect =
        KeysWithoutEffect(
            uniqueKeysWithReason: [
                "name", "author", "version", "organization", "organisation", "basename", "finetune", "description",
                "quantized_by", "size_label", "license", "license.*", "url", "doi", "uuid", "repo_url", "tags",
                "languages", "datasets", "dataset.*", "source.*", "base_model.*",
            ].map { "general.\($0)" }, "says where the file came from")
        + KeysWithoutEffect(uniqueKeysWithReason: ["general.sampling.*"], "generating only")
        + KeysWithoutEffect(
            uniqueKeysWithReason: ["general.file_type", "general.quantization_version", "quantize.imatrix.*"],
            "each tensor says its own type")
        + KeysWithoutEffect(uniqueKeysWithReason: ["split.no", "split.tensors.count"], "the file is whole")
}

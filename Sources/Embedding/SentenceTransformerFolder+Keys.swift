import Files

// The keys of the sentence-transformers library's files, as its version 6.2 reads them.
// Source: github.com/huggingface/sentence-transformers, `base/model.py`, `base/modules/transformer.py`, `modules/pooling.py`.
extension KeysWithoutEffect {
    static let modules: KeysWithoutEffect = [
        "[].idx": "the list's order counts", "[].kwargs": "what a call may pass on, which none does here",
    ]

    static let transformerModule: KeysWithoutEffect = [
        "unpad_inputs": "the same numbers without padding"
    ]

    static let sentenceTransformer: KeysWithoutEffect = [
        "__version__": "what it was saved with", "requirements": "what Python needs",
        "similarity_fn_name": "compares embeddings, and makes none",
    ]

    static let dropout: KeysWithoutEffect = ["dropout": "training only"]

    static let pooling: KeysWithoutEffect = [
        "word_embedding_dimension": "the backbone's hidden size", "embedding_dimension": "the backbone's hidden size",
    ]
}

extension SentenceTransformerFolder {
    /// The names that a Transformer module's settings have had; the first that is there and says something counts.
    static let transformerNames = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map {
        "sentence_\($0)_config.json"
    }
}

extension JSONNode {
    /// Refuses settings of a Transformer module that would make something else of a text than its tokens' hidden states.
    func expectOnlyHiddenStates() throws {
        func expect(_ key: String, _ holds: (JSONNode) throws -> Bool, _ expected: String) throws {
            guard let node = self[key], try !holds(node) else { return }
            throw node.expected(expected)
        }
        try expect("transformer_task", { try $0.string() == "feature-extraction" }, "\"feature-extraction\"")
        try expect("module_output_name", { try $0.string() == "token_embeddings" }, "\"token_embeddings\"")
        try expect(
            "modality_config",
            { node in
                node.countAllAsRead()
                guard let text = node["text"], node.keys == ["text"] else { return false }
                return try text["method"]?.string() == "forward"
                    && text["method_output_name"]?.string() == "last_hidden_state"
            }, "a text's last hidden state alone: other inputs, and prompts made by chat templates, are not known here")
        // What transformers' readers are told besides the folder's own files.
        let arguments = [
            "model_args", "model_kwargs", "tokenizer_args", "processor_kwargs", "config_args", "config_kwargs",
            "processing_kwargs",
        ]
        let harmless: Set = ["trust_remote_code", "torch_dtype", "dtype", "attn_implementation"]
        for key in arguments {
            self[key]?.countAllAsRead()
            try expect(key, { $0.kind == .object && harmless.isSuperset(of: $0.keys) }, "nothing in it")
        }
        for key in ["query_length", "document_length", "query_expansion", "tokenizer_name_or_path"] {
            try expect(key, { _ in false }, "null")
        }
    }

    /// Refuses a model of another kind than one sentence to one vector, or one that cuts its vectors.
    func expectSentenceTransformer() throws {
        // With null the library takes a pooling of its own, and passes over the folder's modules.
        if let node = member("model_type"), try node.isNull || node.string() != "SentenceTransformer" {
            throw node.expected("\"SentenceTransformer\"")
        }
        if let node = self["truncate_dim"] {
            throw node.expected("null: embeddings are cut with --dimensions, not by the folder")
        }
    }
}

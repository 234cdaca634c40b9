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
    /// The module that is a table of vectors.
    static let staticKind = "StaticEmbedding"

    /// The names that a Transformer module's settings have had; the first that is there and says something counts.
    static let transformerNames = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map {
        "sentence_\($0)_config.json"
    }
}

extension SentenceTransformerFolder {
    /// The modules that are known here, and the files that the library has them in.
    private static let files = [
        "Transformer": "transformer", "Pooling": "pooling", "Dense": "dense", "Normalize": "normalize",
        "Dropout": "dropout", "LayerNorm": "layer_norm", "WeightedLayerPooling": "weighted_layer_pooling",
        "StaticEmbedding": "static_embedding",
    ]

    /// The paths under which versions of the library have had a class; nil for one that isn't known here.
    static func paths(of kind: String) -> [String]? {
        guard let file = files[kind] else { return nil }
        let package = "sentence_transformers."
        let isBase = ["Transformer", "Dense", "Normalize"].contains(kind)
        let homes = (isBase ? ["base"] : []) + ["sentence_transformer"]
        return ["models.\(kind)", "models.\(kind).\(kind)"].map { package + $0 }
            + homes.map { package + "\($0).modules.\(kind)" }
            + [package + "\(homes[0]).modules.\(file).\(kind)"]
    }
}

extension JSONNode {
    /// A flag as Python takes one: a number is one too, true where it isn't 0.
    func pythonFlag() throws -> Bool { kind == .number ? try number() != 0 : try flag() }

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
            if let node = member(key), node.isNull, key != "processing_kwargs" {
                throw node.error("expected an object, found null, at which the library stops")
            }
            try expect(key, { $0.kind == .object && harmless.isSuperset(of: $0.keys) }, "nothing in it")
        }
        for key in ["query_length", "document_length", "query_expansion", "tokenizer_name_or_path"] {
            try expect(key, { _ in false }, "null")
        }
    }

    /// Refuses a model of another kind than one sentence to one vector.
    func expectSentenceTransformer() throws {
        // With null the library takes a pooling of its own, and passes over the folder's modules.
        if let node = member("model_type"), try node.isNull || node.string() != "SentenceTransformer" {
            throw node.expected("\"SentenceTransformer\"")
        }
    }
}

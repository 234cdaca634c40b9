import Files
import Numerics

extension BackboneFamily {
    /// BERT, arXiv 1810.04805, and MiniLM: an encoder with LayerNorm behind each block, as a baseline. All tokens are of
    /// the first type; the pooler is not read.
    static let bert = transformer(
        ["bert"],
        defaults: """
            {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
             "layer_norm_eps": 1e-12, "is_decoder": false, "add_cross_attention": false,
             "position_embedding_type": "absolute"}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "BERT")
        if let node = try config.unlessNull("position_embedding_type"), try node.string() != "absolute" {
            guard try node.string() == "alibi", case .huggingFace(let file) = checkpoint.description else {
                throw node.expected("\"absolute\", or JinaBERT's \"alibi\"")
            }
            return try jinaBERT(file, checkpoint)
        }
        return try bertLike(config, checkpoint, prefix: "bert.", firstPosition: 0)
    }

    /// RoBERTa, arXiv 1907.11692: BERT whose positions begin with the row behind
    /// the padding token's. A padding token inside a text, which no tokenizer makes, has that row in transformers.
    static let roberta = transformer(
        ["roberta"],
        defaults: """
            {"vocab_size": 50265, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
             "layer_norm_eps": 1e-12, "pad_token_id": 1, "is_decoder": false, "add_cross_attention": false}
            """
    ) { try robertaLike($0) }

    /// XLM-R, arXiv 1911.02116, and CamemBERT: RoBERTa with vocabularies of their own.
    static let xlmRoberta = transformer(
        ["xlm-roberta", "camembert"],
        defaults: """
            {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
             "layer_norm_eps": 1e-12, "pad_token_id": 1, "is_decoder": false, "add_cross_attention": false}
            """
    ) { try robertaLike($0) }

    private static func robertaLike(_ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        let config = try checkpoint.config(of: "RoBERTa")
        let node = try config.required("pad_token_id")
        guard try node.integer() >= 0 else { throw node.expected("the padding token's id: positions begin behind it") }
        return try bertLike(config, checkpoint, prefix: "roberta.", firstPosition: node.integer() + 1)
    }

    /// - Parameter firstPosition: the first token's row of the learned positions
    private static func bertLike(
        _ config: FamilyConfig, _ checkpoint: Checkpoint, prefix: String, firstPosition: Int
    ) throws -> TransformerBlueprint {
        for key in ["is_decoder", "add_cross_attention"] {
            try config.expect(key, false, because: "such a model as a decoder is not supported")
        }
        let design = try TransformerDesign(likeBERT: config, checkpoint, firstPosition: firstPosition)
        let names = EncoderNames(prefix: prefix, heads: ["cls.", "lm_head.", "classifier.", "qa_outputs."])
        var tensors = names.tensors(checkpoint, design.sizes, firstPosition: firstPosition)
        tensors.tokenTypes = .init(
            path: "embeddings.token_type_embeddings", rows: try config.size("type_vocab_size"))
        return TransformerBlueprint(design: design, tensors: tensors)
    }
}

extension TransformerDesign {
    /// Layers with BERT's keys, and learned positions.
    ///
    /// - Parameter firstPosition: the first token's row of the positions
    init(likeBERT config: FamilyConfig, _ checkpoint: Checkpoint, firstPosition: Int) throws {
        guard try config.size("max_position_embeddings") > firstPosition else {
            throw try config.required("max_position_embeddings").expected("more than \(firstPosition) positions")
        }
        var sizes = try Sizes(likeBERT: config)
        sizes.contextLength -= firstPosition
        self.init(
            family: try checkpoint.architecture(), sizes: sizes,
            norm: .layer(epsilon: Float(try config.positive("layer_norm_eps"))),
            placement: .behind, activation: try config.activation("hidden_act"), isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount), isEncoder: true)
        // Positions begin behind the padding token's row, and that token has none.
        if firstPosition > 0 { uncountedToken = Int32(firstPosition - 1) }
    }
}

/// What encoders with BERT's layers call their modules.
struct EncoderNames {
    /// In front of all paths where the checkpoint has a head.
    var prefix: String
    /// In front of the heads' tensors.
    var heads: [String]
    var layers = "encoder.layer"
    var attentionNorm = "attention.output.LayerNorm"
    var mlpNorm = "output.LayerNorm"
    var attention = (
        query: "attention.self.query", key: "attention.self.key", value: "attention.self.value",
        output: "attention.output.dense"
    )
    var mlp = (up: "intermediate.dense", down: "output.dense")

    /// All but the table of token types.
    ///
    /// - Parameter firstPosition: the first token's row of the learned positions
    func tensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, firstPosition: Int
    ) -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> [TransformerTensors.Part] {
            TransformerTensors.Map(path: path, outputs: outputs, inputs: inputs, hasBias: true).all()
        }
        let layer = TransformerTensors.Layer(
            attentionNorm: attentionNorm, mlpNorm: mlpNorm, query: map(attention.query, hidden, hidden),
            keysValues: map(attention.key, hidden, hidden) + map(attention.value, hidden, hidden),
            output: map(attention.output, hidden, hidden), up: map(mlp.up, inner, hidden),
            down: map(mlp.down, hidden, inner))
        let (prefixes, tokens) = (["", prefix], "embeddings.word_embeddings")
        var storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens)
        let found = storage.prefix
        // What checkpoints of the first days call a norm's weight and bias.
        if checkpoint.tensors.tensorIfPresent("\(found)embeddings.LayerNorm.gamma") != nil {
            storage = .huggingFace(prefix: found, norms: (".gamma", ".beta"))
        }
        let unread = checkpoint.tensors.names.filter { name in
            (heads + [found + "pooler."]).contains { name.hasPrefix($0) }
        }
        return TransformerTensors(
            prefixes: prefixes, layers: layers, tokens: tokens,
            positions: .init(path: "embeddings.position_embeddings", rows: sizes.contextLength + firstPosition),
            firstPosition: firstPosition, embeddingNorm: "embeddings.LayerNorm", finalNorm: nil,
            layer: layer, storage: storage,
            unread: unread + ["position_ids", "token_type_ids"].map { "\(found)embeddings.\($0)" })
    }
}

import Files
import Numerics

extension BackboneFamily {
    /// BERT, arXiv 1810.04805, and MiniLM: an encoder with LayerNorm behind each block, as a baseline. All tokens are of
    /// the first type; the pooler is not read.
    static let bert = transformer(["bert"]) { checkpoint in
        let config = try checkpoint.config(of: "BERT")
        try config.refuseQuantisation()
        for key in ["is_decoder", "add_cross_attention"] {
            try config.expect(key, false, or: false, because: "BERT as a decoder is not supported")
        }
        if let node = config["position_embedding_type"], try node.string() != "absolute" {
            throw node.expected("\"absolute\"")
        }
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("intermediate_size"), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("max_position_embeddings"),
            vocabularySize: try config.size("vocab_size"))
        let design = TransformerDesign(
            family: "bert", sizes: sizes, norm: .layer(epsilon: Float(try config.number("layer_norm_eps"))),
            placement: .behind, activation: try config.activation("hidden_act"), isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount), isEncoder: true)
        let types = try config.size("type_vocab_size")
        return TransformerBlueprint(design: design, tensors: bertTensors(checkpoint, sizes, types: types))
    }

    private static func bertTensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, types: Int
    ) -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> [TransformerTensors.Part] {
            TransformerTensors.Map(path: path, outputs: outputs, inputs: inputs, hasBias: true).all()
        }
        let layer = TransformerTensors.Layer(
            attentionNorm: "attention.output.LayerNorm", mlpNorm: "output.LayerNorm",
            query: map("attention.self.query", hidden, hidden),
            keysValues: map("attention.self.key", hidden, hidden) + map("attention.self.value", hidden, hidden),
            output: map("attention.output.dense", hidden, hidden), up: map("intermediate.dense", inner, hidden),
            down: map("output.dense", hidden, inner))
        let (prefixes, tokens) = (["", "bert."], "embeddings.word_embeddings")
        var storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens)
        let prefix = storage.prefix
        // What checkpoints of the first days call a norm's weight and bias.
        if checkpoint.tensors.tensorIfPresent("\(prefix)embeddings.LayerNorm.gamma") != nil {
            storage = .huggingFace(prefix: prefix, norms: (".gamma", ".beta"))
        }
        let heads = ["cls.", "classifier.", "qa_outputs.", prefix + "pooler."]
        return TransformerTensors(
            prefixes: prefixes, layers: "encoder.layer", tokens: tokens,
            positions: .init(path: "embeddings.position_embeddings", rows: sizes.contextLength),
            tokenTypes: .init(path: "embeddings.token_type_embeddings", rows: types),
            embeddingNorm: "embeddings.LayerNorm", finalNorm: nil, layer: layer, storage: storage,
            unread: checkpoint.tensors.names.filter { name in heads.contains { name.hasPrefix($0) } }
                + [prefix + "embeddings.position_ids"])
    }
}

import Files
import Numerics

extension BackboneFamily {
    /// BERT, arXiv 1810.04805, and MiniLM: an encoder with LayerNorm behind each block, as a baseline. All tokens are of
    /// the first type; the pooler is not read.
    static let bert = transformer(["bert"]) { checkpoint in
        let config = try checkpoint.config(of: "BERT")
        try config.expect("is_decoder", false, or: false, because: "BERT as a decoder is not supported")
        if let node = config["position_embedding_type"], try node.string() != "absolute" {
            throw node.expected("\"absolute\"")
        }
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("intermediate_size"), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("max_position_embeddings", or: 512),
            vocabularySize: try config.size("vocab_size"))
        let design = TransformerDesign(
            family: "bert", sizes: sizes, norm: .layer(epsilon: Float(try config.number("layer_norm_eps", or: 1e-12))),
            placement: .behind, activation: try config.activation("hidden_act", or: .gelu), isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount), isEncoder: true)
        let types = try config.size("type_vocab_size", or: 2)
        return TransformerBlueprint(design: design, tensors: bertTensors(checkpoint, sizes, types: types))
    }

    private static func bertTensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, types: Int
    ) -> TransformerTensors {
        let prefix = TransformerTensors.prefix(
            ["", "bert."], having: "embeddings.word_embeddings.weight", in: checkpoint)
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        let layers = (0..<sizes.layerCount).map { index in
            let layer = "\(prefix)encoder.layer.\(index)."
            func map(_ name: String, _ outputs: Int, _ inputs: Int) -> [TransformerTensors.Part] {
                TransformerTensors.Map(name: layer + name, outputs: outputs, inputs: inputs, hasBias: true).all()
            }
            return TransformerTensors.Layer(
                attentionNorm: layer + "attention.output.LayerNorm", mlpNorm: layer + "output.LayerNorm",
                query: map("attention.self.query", hidden, hidden),
                keysValues: map("attention.self.key", hidden, hidden) + map("attention.self.value", hidden, hidden),
                output: map("attention.output.dense", hidden, hidden), up: map("intermediate.dense", inner, hidden),
                down: map("output.dense", hidden, inner))
        }
        let embeddings = prefix + "embeddings."
        // What checkpoints of the first days call a norm's weight and bias.
        let isOld = checkpoint.tensors.tensorIfPresent(embeddings + "LayerNorm.gamma") != nil
        let heads = ["cls.", "classifier.", "qa_outputs.", prefix + "pooler."]
        return TransformerTensors(
            tokens: embeddings + "word_embeddings.weight",
            positions: .init(name: embeddings + "position_embeddings.weight", rows: sizes.contextLength),
            tokenTypes: .init(name: embeddings + "token_type_embeddings.weight", rows: types),
            embeddingNorm: embeddings + "LayerNorm", layers: layers,
            unread: checkpoint.tensors.names.filter { name in heads.contains { name.hasPrefix($0) } }
                + [embeddings + "position_ids"],
            normSuffixes: isOld ? (".gamma", ".beta") : (".weight", ".bias"))
    }
}

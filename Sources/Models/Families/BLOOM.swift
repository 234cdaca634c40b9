import Diagnostics
import Files
import Numerics

extension BackboneFamily {
    /// BLOOM, arXiv 2211.05100: GPT-2's layers with ALiBi in the place of positions, and a norm behind the embeddings.
    static let bloom = transformer(
        ["bloom"],
        defaults: """
            {"vocab_size": 250880, "hidden_size": 64, "n_layer": 2, "n_head": 8, "layer_norm_epsilon": 1e-5,
             "apply_residual_connection_post_layernorm": false}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "BLOOM")
        try config.expect(
            "apply_residual_connection_post_layernorm", false, because: "a residual stream of norms is not supported")
        // The length of the texts that it was trained with, and the MLP's width, which is 4 times the hidden size whatever it says.
        for key in ["seq_length", "n_inner"] { _ = config.ifSaid(key) }
        let hidden = try config.size("hidden_size", orUnder: "n_embed")
        let heads = try config.size("n_head", orUnder: "num_attention_heads")
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("n_layer", orUnder: "num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: 4 * hidden, heads: heads, keyValueHeads: heads, headDimension: hidden / heads,
            contextLength: TransformerDesign.Sizes.unlimitedContext, vocabularySize: try config.size("vocab_size"))
        let design = TransformerDesign(
            family: "bloom", sizes: sizes, norm: .layer(epsilon: Float(try config.positive("layer_norm_epsilon"))),
            activation: .geluTanh, isGated: false, windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount), linearBias: LinearBias(form: .ascending))
        return TransformerBlueprint(design: design, tensors: bloomTensors(checkpoint, sizes))
    }

    private static func bloomTensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes
    ) -> TransformerTensors {
        let (hidden, inner, head) = (sizes.hiddenSize, sizes.intermediateSize, sizes.headDimension)
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> TransformerTensors.Map {
            .init(path: path, outputs: outputs, inputs: inputs, hasBias: true)
        }
        /// The rows of queries, keys or values: each head has its three blocks together.
        func rows(_ block: Int) -> [Range<Int>] {
            (0..<sizes.heads).map { (3 * $0 + block) * head..<(3 * $0 + block + 1) * head }
        }
        let all = map("self_attention.query_key_value", 3 * hidden, hidden)
        let layer = TransformerTensors.Layer(
            query: all.rows(rows(0)), keysValues: all.rows(rows(1) + rows(2)),
            output: map("self_attention.dense", hidden, hidden).all(),
            up: map("mlp.dense_h_to_4h", inner, hidden).all(), down: map("mlp.dense_4h_to_h", hidden, inner).all())
        let (prefixes, tokens) = (["transformer.", ""], "word_embeddings")
        return TransformerTensors(
            prefixes: prefixes, layers: "h", tokens: tokens, embeddingNorm: "word_embeddings_layernorm",
            finalNorm: "ln_f", layer: layer,
            storage: TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens),
            unread: ["lm_head.weight", "score.weight", "classifier.weight", "classifier.bias"])
    }
}

extension FamilyConfig {
    /// A size under another name where the file has that, which then counts, as in transformers.
    fileprivate func size(_ key: String, orUnder other: String) throws -> Int {
        let own = try size(key)
        return ifSaid(other) == nil ? own : try size(other)
    }
}

import Files
import Numerics

extension BackboneFamily {
    /// OPT, arXiv 2205.01068: GPT-2's layers with ReLU. Its learned positions begin with the third row of their table.
    static let opt = transformer(
        ["opt"],
        defaults: """
            {"vocab_size": 50272, "hidden_size": 768, "num_hidden_layers": 12, "ffn_dim": 3072, "num_attention_heads": 12,
             "max_position_embeddings": 2048, "do_layer_norm_before": true, "_remove_final_layer_norm": false,
             "word_embed_proj_dim": null, "activation_function": "relu", "enable_bias": true,
             "layer_norm_elementwise_affine": true}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "OPT")
        for key in ["do_layer_norm_before", "enable_bias", "layer_norm_elementwise_affine"] {
            try config.expect(key, true, because: "other models of this family are not supported")
        }
        try config.expect("_remove_final_layer_norm", false, because: "the final norm is needed")
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        if let node = try config.unlessNull("word_embed_proj_dim"), try node.integer() != hidden {
            throw node.expected("the hidden size, \(hidden): projected embeddings are not supported")
        }
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("ffn_dim"), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("max_position_embeddings"),
            vocabularySize: try config.size("vocab_size"))
        let design = TransformerDesign(
            family: "opt", sizes: sizes, norm: .layer(epsilon: 1e-5),
            activation: try config.activation("activation_function"), isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount))
        return TransformerBlueprint(design: design, tensors: optTensors(checkpoint, sizes))
    }

    private static func optTensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes
    ) -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> [TransformerTensors.Part] {
            TransformerTensors.Map(path: path, outputs: outputs, inputs: inputs, hasBias: true).all()
        }
        let layer = TransformerTensors.Layer(
            attentionNorm: "self_attn_layer_norm", mlpNorm: "final_layer_norm",
            query: map("self_attn.q_proj", hidden, hidden),
            keysValues: map("self_attn.k_proj", hidden, hidden) + map("self_attn.v_proj", hidden, hidden),
            output: map("self_attn.out_proj", hidden, hidden), up: map("fc1", inner, hidden),
            down: map("fc2", hidden, inner))
        let (firstPosition, prefixes) = (2, ["model.decoder.", "decoder."])
        return TransformerTensors(
            prefixes: prefixes,
            positions: .init(path: "embed_positions", rows: sizes.contextLength + firstPosition),
            firstPosition: firstPosition, finalNorm: "final_layer_norm", layer: layer,
            storage: TensorStorage(of: checkpoint, prefixes: prefixes), unread: ["lm_head.weight"])
    }
}

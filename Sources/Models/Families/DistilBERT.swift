import Files
import Numerics

extension BackboneFamily {
    /// DistilBERT, arXiv 1910.01108: BERT's layers without token types, under names of its own. Sinusoidal positions are
    /// stored like learned ones.
    static let distilBERT = transformer(
        ["distilbert"],
        defaults: """
            {"vocab_size": 30522, "dim": 768, "n_layers": 6, "n_heads": 12, "hidden_dim": 3072, "activation": "gelu",
             "max_position_embeddings": 512, "sinusoidal_pos_embds": false}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "DistilBERT")
        _ = try config.flag("sinusoidal_pos_embds")
        let (hidden, heads) = (try config.size("dim"), try config.size("n_heads"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("n_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("hidden_dim"), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("max_position_embeddings"),
            vocabularySize: try config.size("vocab_size"))
        let design = TransformerDesign(
            family: "distilbert", sizes: sizes, norm: .layer(epsilon: 1e-12), placement: .behind,
            activation: try config.activation("activation"), isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount), isEncoder: true)
        var names = EncoderNames(
            prefix: "distilbert.",
            heads: [
                "vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "pre_classifier.", "classifier.",
                "qa_outputs.",
            ])
        names.layers = "transformer.layer"
        (names.attentionNorm, names.mlpNorm) = ("sa_layer_norm", "output_layer_norm")
        names.attention = ("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin")
        names.mlp = ("ffn.lin1", "ffn.lin2")
        return TransformerBlueprint(design: design, tensors: names.tensors(checkpoint, sizes, firstPosition: 0))
    }
}

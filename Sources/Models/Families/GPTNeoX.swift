import Files
import Numerics

extension BackboneFamily {
    /// GPT-NeoX, arXiv 2204.06745, and Pythia: attention and MLP side by side, rotary positions on a quarter of a head.
    static let gptNeoX = transformer(
        ["gpt_neox"],
        defaults: """
            {"vocab_size": 50432, "hidden_size": 6144, "num_hidden_layers": 44, "num_attention_heads": 64,
             "intermediate_size": 24576, "hidden_act": "gelu", "max_position_embeddings": 2048, "layer_norm_eps": 1e-5,
             "use_parallel_residual": true, "attention_bias": true, "rotary_pct": 0.25, "rope_theta": 10000.0}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "GPT-NeoX")
        let sizes = try TransformerDesign.Sizes(likeBERT: config)
        let isParallel = try config.flag("use_parallel_residual")
        if let old = config.ifSaid("rotary_emb_base"), config.ifSaid("rope_parameters") == nil,
            try old.number() != 10000
        {
            throw old.expected("10000, or the base in rope_parameters")
        }
        let design = TransformerDesign(
            family: "gpt_neox", sizes: sizes,
            norm: .layer(epsilon: Float(try config.positive("layer_norm_eps"))),
            placement: isParallel ? .parallel : .before, activation: try config.activation("hidden_act"),
            isGated: false, windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: try config.rotaries(sizes, partialBy: "rotary_pct"))
        let hasBias = try config.flag("attention_bias")
        return TransformerBlueprint(design: design, tensors: neoXTensors(checkpoint, sizes, hasBias: hasBias))
    }

    private static func neoXTensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, hasBias: Bool
    ) -> TransformerTensors {
        let (hidden, inner, head) = (sizes.hiddenSize, sizes.intermediateSize, sizes.headDimension)
        /// The rows of queries, keys or values: each head has its three blocks together.
        func rows(_ block: Int) -> [Range<Int>] {
            (0..<sizes.heads).map { (3 * $0 + block) * head..<(3 * $0 + block + 1) * head }
        }
        func map(_ path: String, _ outputs: Int, _ inputs: Int, hasBias: Bool = true) -> TransformerTensors.Map {
            .init(path: path, outputs: outputs, inputs: inputs, hasBias: hasBias)
        }
        let all = map("attention.query_key_value", 3 * hidden, hidden, hasBias: hasBias)
        let layer = TransformerTensors.Layer(
            query: all.rows(rows(0)), keysValues: all.rows(rows(1) + rows(2)),
            output: map("attention.dense", hidden, hidden, hasBias: hasBias).all(),
            up: map("mlp.dense_h_to_4h", inner, hidden).all(), down: map("mlp.dense_4h_to_h", hidden, inner).all())
        let prefixes = ["gpt_neox.", ""]
        var tensors = TransformerTensors(
            prefixes: prefixes, tokens: "embed_in", finalNorm: "final_layer_norm", layer: layer,
            storage: TensorStorage(of: checkpoint, prefixes: prefixes, tokens: "embed_in"),
            unread: ["embed_out.weight"])
        tensors.unread += (0..<sizes.layerCount).flatMap { index in
            ["bias", "masked_bias", "rotary_emb.inv_freq"].map { tensors.storedName("attention.\($0)", layer: index) }
        }
        return tensors
    }
}

import Diagnostics
import Files
import Numerics

extension BackboneFamily {
    /// T5's encoder, arXiv 1910.10683, and version 1.1 with its gated MLP, arXiv 2002.05202: RMSNorm before, no biases, queries
    /// that aren't scaled, and no positions but a bias of scores by distance, which all layers share. A decoder beside it is not
    /// read.
    static let t5 = transformer(
        ["t5"],
        defaults: """
            {"vocab_size": 32128, "d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_heads": 8,
             "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-6,
             "feed_forward_proj": "relu", "is_decoder": false}
            """
    ) { try t5Like($0) }

    /// mT5, arXiv 2010.11934: T5 1.1 with a vocabulary of some 100 languages.
    static let mt5 = transformer(
        ["mt5"],
        defaults: """
            {"vocab_size": 250112, "d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_heads": 6,
             "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-6,
             "feed_forward_proj": "gated-gelu", "is_decoder": false}
            """
    ) { try t5Like($0) }

    private static func t5Like(_ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        let config = try checkpoint.config(of: "T5")
        try config.expect("is_decoder", false, because: "such a model as a decoder is not supported")
        // Where a file says it, the length of the texts that it was trained with.
        _ = config.ifSaid("n_positions")
        let heads = try config.size("num_heads")
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("num_layers"), hiddenSize: try config.size("d_model"),
            intermediateSize: try config.size("d_ff"), heads: heads, keyValueHeads: heads,
            headDimension: try config.size("d_kv"), contextLength: TransformerDesign.Sizes.unlimitedContext,
            vocabularySize: try config.size("vocab_size"))
        let (activation, isGated) = try config.t5Activation()
        var design = TransformerDesign(
            family: try checkpoint.architecture(), sizes: sizes,
            norm: .rms(epsilon: Float(try config.positive("layer_norm_epsilon"))), activation: activation,
            isGated: isGated, queryScale: 1, windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount),
            relativePositions: try config.relativePositions(), isEncoder: true)
        design.hasUnreadDecoder = true
        return TransformerBlueprint(design: design, tensors: t5Tensors(checkpoint, design))
    }

    private static func t5Tensors(_ checkpoint: Checkpoint, _ design: TransformerDesign) -> TransformerTensors {
        let (hidden, inner) = (design.sizes.hiddenSize, design.sizes.intermediateSize)
        let columns = design.sizes.queryColumns
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> [TransformerTensors.Part] {
            TransformerTensors.Map(path: path, outputs: outputs, inputs: inputs).all()
        }
        let (attention, mlp) = ("layer.0.SelfAttention", "layer.1.DenseReluDense")
        let layer = TransformerTensors.Layer(
            attentionNorm: "layer.0.layer_norm", mlpNorm: "layer.1.layer_norm",
            query: map("\(attention).q", columns, hidden),
            keysValues: map("\(attention).k", columns, hidden) + map("\(attention).v", columns, hidden),
            output: map("\(attention).o", hidden, columns),
            up: design.isGated
                ? map("\(mlp).wi_0", inner, hidden) + map("\(mlp).wi_1", inner, hidden)
                : map("\(mlp).wi", inner, hidden),
            down: map("\(mlp).wo", hidden, inner))
        let (prefixes, layers, tokens, ownTokens) = (
            ["", "transformer."], "encoder.block", "shared", "encoder.embed_tokens"
        )
        // The encoder's own table counts where both are there, as in transformers; they are the same but in a damaged file.
        var storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: ownTokens)
        if checkpoint.tensors.tensorIfPresent("\(storage.prefix)\(ownTokens).weight") != nil {
            storage = .huggingFace(prefix: storage.prefix, renamed: [tokens: ownTokens])
        } else {
            storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens)
        }
        let unread = ["\(storage.prefix)decoder.", "lm_head.", "classification_head.", "classifier.", "qa_outputs."]
        return TransformerTensors(
            prefixes: prefixes, layers: layers, tokens: tokens,
            relativePositions: .init(
                path: "\(layers).0.\(attention).relative_attention_bias",
                rows: design.relativePositions?.buckets ?? 0, columns: design.sizes.heads),
            finalNorm: "encoder.final_layer_norm", layer: layer, storage: storage,
            unread: checkpoint.tensors.names.filter { name in unread.contains { name.hasPrefix($0) } }
                + ["\(storage.prefix)\(tokens).weight"])
    }
}

extension FamilyConfig {
    /// `feed_forward_proj`: an activation, with `gated-` in front where it is multiplied with a second map. `gated-gelu` means
    /// the approximation by tanh, and `gelu` alone the exact one. Files that transformers writes say what it makes of that, and
    /// those words count.
    fileprivate func t5Activation() throws -> (activation: Activation, isGated: Bool) {
        let node = try required("feed_forward_proj")
        let parts = try node.string().split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 1 || (parts.count == 2 && parts[0] == "gated") else {
            throw node.expected("an activation, or gated- and an activation")
        }
        let name = parts == ["gated", "gelu"] ? "gelu_new" : String(parts[parts.count - 1])
        let (said, gate) = (writtenByFile("dense_act_fn"), writtenByFile("is_gated_act"))
        let isGated = try gate.map { try !$0.isNull && $0.flag() } ?? (parts[0] == "gated")
        return (try Self.activation(named: said?.string() ?? name, said ?? node), isGated)
    }

    /// - Throws: where the first buckets, which have a distance each, are none, or more than the distances that are told apart.
    fileprivate func relativePositions() throws -> RelativePositions {
        let (buckets, largest) = ("relative_attention_num_buckets", "relative_attention_max_distance")
        let relative = RelativePositions(buckets: try size(buckets), largestDistance: try size(largest))
        guard relative.buckets >= 4 else { throw try required(buckets).expected("4 buckets or more") }
        guard relative.largestDistance > relative.buckets / 4 else {
            throw try required(largest).expected("more than \(relative.buckets / 4), which have a bucket each")
        }
        return relative
    }
}

import Weights

/// What many families' checkpoints have in common.
extension TransformerTensors {
    /// What stands in front of a Hugging Face model's tensor names: `model.` and the like where the checkpoint has a head
    /// too, nothing for the bare backbone.
    ///
    /// - Parameters:
    ///   - prefixes: those to look for; the last is taken where none is found, for the message about what is missing
    ///   - probe: a tensor that every checkpoint has
    static func prefix(_ prefixes: [String], having probe: String, in checkpoint: Checkpoint) -> String {
        prefixes.first { checkpoint.tensors.tensorIfPresent($0 + probe) != nil } ?? prefixes.last ?? ""
    }

    /// The tensors of a decoder that is named as LLaMA's are in Hugging Face's layout.
    ///
    /// - Parameters:
    ///   - prefix: in front of all names; looked for where it isn't given
    ///   - hasBias: of queries, keys and values
    static func likeLlama(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, prefix known: String? = nil, hasBias: Bool = false
    ) -> TransformerTensors {
        let prefix = known ?? prefix(["", "model."], having: "embed_tokens.weight", in: checkpoint)
        let layers = (0..<sizes.layerCount).map { index in
            LayerMaps(layer: "\(prefix)layers.\(index).", sizes: sizes, hasBias: hasBias).layer(
                attentionNorm: "input_layernorm", mlpNorm: "post_attention_layernorm")
        }
        return TransformerTensors(
            tokens: "\(prefix)embed_tokens.weight", finalNorm: "\(prefix)norm", layers: layers,
            unread: ["lm_head.weight"])
    }

    /// The tensors of a decoder in a GGUF file with separate queries, keys and values.
    static func gguf(_ sizes: TransformerDesign.Sizes, hasBias: Bool = false) -> TransformerTensors {
        let layers = (0..<sizes.layerCount).map { index in
            LayerMaps.gguf(layer: "blk.\(index).", sizes: sizes, hasBias: hasBias).layer(
                attentionNorm: "attn_norm", mlpNorm: "ffn_norm")
        }
        return TransformerTensors(
            tokens: "token_embd.weight", finalNorm: "output_norm", layers: layers,
            unread: ["output.weight", "rope_freqs.weight"])
    }
}

/// A layer's linear maps where each is a tensor of its own.
private struct LayerMaps {
    /// In front of all names.
    var layer: String
    var sizes: TransformerDesign.Sizes
    var hasBias = false
    var query = "self_attn.q_proj"
    var key = "self_attn.k_proj"
    var value = "self_attn.v_proj"
    var output = "self_attn.o_proj"
    var gate = "mlp.gate_proj"
    var up = "mlp.up_proj"
    var down = "mlp.down_proj"

    static func gguf(layer: String, sizes: TransformerDesign.Sizes, hasBias: Bool) -> LayerMaps {
        LayerMaps(
            layer: layer, sizes: sizes, hasBias: hasBias, query: "attn_q", key: "attn_k", value: "attn_v",
            output: "attn_output", gate: "ffn_gate", up: "ffn_up", down: "ffn_down")
    }

    func layer(attentionNorm: String, mlpNorm: String) -> TransformerTensors.Layer {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(
            _ name: String, _ projection: Projection, _ outputs: Int, _ inputs: Int, hasBias: Bool = false
        ) -> [TransformerTensors.Part] {
            TransformerTensors.Map(name: layer + name, outputs: outputs, inputs: inputs, hasBias: hasBias)
                .all(projection)
        }
        return TransformerTensors.Layer(
            attentionNorm: layer + attentionNorm, mlpNorm: layer + mlpNorm,
            query: map(query, .query, sizes.queryColumns, hidden, hasBias: hasBias),
            keysValues: map(key, .key, sizes.keyColumns, hidden, hasBias: hasBias)
                + map(value, .value, sizes.keyColumns, hidden, hasBias: hasBias),
            output: map(output, .output, hidden, sizes.queryColumns),
            up: map(gate, .gate, inner, hidden) + map(up, .up, inner, hidden),
            down: map(down, .down, hidden, inner))
    }
}

import Diagnostics
import Files
import Foundation
import Numerics

extension BackboneFamily {
    /// The encoder of gte-base-en-v1.5 and its kin, arXiv 2407.19669, which calls itself `new`: BERT with rotary positions and a
    /// gated MLP. Source: Alibaba-NLP/new-impl, `modeling.py` and `configuration.py`.
    static let gte = transformer(
        ["new"],
        defaults: """
            {"vocab_size": 30528, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 2048, "type_vocab_size": 1,
             "layer_norm_type": "layer_norm", "layer_norm_eps": 1e-12, "position_embedding_type": "rope",
             "rope_theta": 10000.0, "rope_scaling": null, "pack_qkv": true, "logn_attention_scale": false,
             "logn_attention_clip1": false}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "GTE")
        try config.expect("logn_attention_scale", false, because: "queries scaled by a text's length are not supported")
        _ = try config.flag("logn_attention_clip1")
        for (key, wanted) in [("layer_norm_type", "layer_norm"), ("position_embedding_type", "rope")] {
            let node = try config.required(key)
            guard try node.string() == wanted else { throw node.expected("\"\(wanted)\"") }
        }
        let sizes = try TransformerDesign.Sizes(likeBERT: config)
        let rotary = try config.gteRotary(components: sizes.headDimension)
        let design = TransformerDesign(
            family: "new", sizes: sizes, norm: .layer(epsilon: Float(try config.positive("layer_norm_eps"))),
            placement: .behind, activation: try config.activation("hidden_act"),
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: rotary, count: sizes.layerCount), isEncoder: true)
        return TransformerBlueprint(design: design, tensors: try gteTensors(config, checkpoint, sizes))
    }

    private static func gteTensors(
        _ config: FamilyConfig, _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes
    ) throws -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ path: String, _ outputs: Int, _ inputs: Int, hasBias: Bool = true) -> TransformerTensors.Map {
            .init(path: path, outputs: outputs, inputs: inputs, hasBias: hasBias)
        }
        let (isPacked, all) = (try config.flag("pack_qkv"), map("attention.qkv_proj", 3 * hidden, hidden))
        func part(_ name: String, _ block: Int) -> [TransformerTensors.Part] {
            isPacked
                ? all.rows([block * hidden..<(block + 1) * hidden])
                : map("attention.\(name)_proj", hidden, hidden).all()
        }
        let upGate = map("mlp.up_gate_proj", 2 * inner, hidden, hasBias: false)
        let layer = TransformerTensors.Layer(
            attentionNorm: "attn_ln", mlpNorm: "mlp_ln", query: part("q", 0), keysValues: part("k", 1) + part("v", 2),
            output: map("attention.o_proj", hidden, hidden).all(),
            up: upGate.rows([inner..<2 * inner, 0..<inner]), down: map("mlp.down_proj", hidden, inner).all())
        let (prefixes, tokens) = (["", "new."], "embeddings.word_embeddings")
        let storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens)
        let heads = ["lm_head.", "classifier.", "qa_outputs.", "pooler.", storage.prefix + "pooler."]
        // None where a text has no kinds of segments.
        let types = try config.value("type_vocab_size").integer()
        return TransformerTensors(
            prefixes: prefixes, layers: "encoder.layer", tokens: tokens,
            tokenTypes: types == 0
                ? nil : .init(path: "embeddings.token_type_embeddings", rows: try config.size("type_vocab_size")),
            embeddingNorm: "embeddings.LayerNorm", finalNorm: nil, layer: layer, storage: storage,
            unread: checkpoint.tensors.names.filter { name in heads.contains { name.hasPrefix($0) } })
    }
}

extension FamilyConfig {
    /// Rotary positions, stretched as the authors' "ntk" does it whatever a text's length: with the base s · θ and all
    /// frequencies divided by s^(2/d); with a `mixed_b` the i-th of d/2, from 1, divided by exp(ln s · (2i/d)^b) instead.
    fileprivate func gteRotary(components: Int) throws -> RotaryPositions {
        let (base, half) = (try positive("rope_theta"), components / 2)
        guard let scaling = try unlessNull("rope_scaling") else {
            return RotaryPositions(base: Float(base), components: components)
        }
        let (type, node) = (try scaling.required("type"), try scaling.required("factor"))
        guard try type.string() == "ntk" else { throw type.expected("\"ntk\"") }
        let factor = try node.number()
        guard factor >= 1, factor <= 1e6 else { throw node.expected("a factor from 1 to 1000000") }
        if let mixed = scaling["mixed_b"] {
            let exponent = try mixed.number()
            guard exponent > 0, exponent <= 100 else { throw mixed.expected("an exponent above 0, up to 100") }
            let divisors = (0..<half).map { index in
                Float(exp(log(factor) * pow(Double(index + 1) / Double(half), exponent)))
            }
            return RotaryPositions(base: Float(base), scaling: .divided(divisors), components: components)
        }
        let divisor = Float(pow(factor, 2 / Double(components)))
        return RotaryPositions(
            base: Float(base * factor), scaling: .divided(Array(repeating: divisor, count: half)),
            components: components)
    }
}

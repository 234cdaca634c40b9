import Diagnostics
import Files
import Numerics

extension BackboneFamily {
    /// NV-Embed, arXiv 2405.17428: Mistral's layers without its window as an encoder, and attention to trained vectors behind
    /// them. The encoder's configuration and that attention's have a member each; what they leave out is as in the repository's
    /// configuration_nvembed.py.
    static let nvEmbed = transformer(
        ["nvembed"],
        defaults: """
            {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": null, "hidden_act": "silu",
             "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "sliding_window": 4096, "rope_theta": 10000.0,
             "attention_bias": false, "model_type": "bidir_mistral"}
            """
    ) { checkpoint in
        let root = try checkpoint.root(of: "NV-Embed")
        let config = try checkpoint.overDefaults(root.required("text_config"))
        let type = try config.value("model_type")
        guard try type.string() == "bidir_mistral" else { throw type.expected("\"bidir_mistral\"") }
        try root.checkNVEmbed()
        // Its mask has no window.
        _ = try config.value("sliding_window")
        try config.expect("attention_bias", false, because: "biases are not supported")
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        var design = TransformerDesign(
            family: "nvembed", sizes: sizes, norm: .rms(epsilon: Float(try config.positive("rms_norm_eps"))),
            activation: try config.activation("hidden_act"), windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: try config.rotaries(sizes), isEncoder: true)
        design.latentAttention = try root.latentAttention(hiddenSize: sizes.hiddenSize)
        var tensors = TransformerTensors.likeLlama(checkpoint, sizes)
        tensors.prefixes = ["embedding_model."]
        tensors.storage = .huggingFace(prefix: "embedding_model.")
        return TransformerBlueprint(design: design, tensors: tensors)
    }
}

extension JSONNode {
    /// What the repository's code makes of a text besides its states. What a run pools, and the token that ends its texts, its own
    /// template says.
    fileprivate func checkNVEmbed() throws {
        // Null is another choice than the defaults, to Python.
        for (key, expected) in [("mask_type", "b"), ("padding_side", "right")] {
            if let node = member(key), try node.isNull || node.string() != expected {
                throw node.expected("\"\(expected)\"")
            }
        }
        for key in ["is_mask_instruction", "add_eos", "add_pad_token"] {
            if let node = member(key), try node.isNull || !node.flag() { throw node.expected("true") }
        }
        if let own = self["hidden_size"], let text = self["text_config"]?["hidden_size"] {
            guard try own.integer() == text.integer() else {
                throw own.expected("\(try text.integer()), as text_config has it")
            }
        }
    }

    fileprivate func latentAttention(hiddenSize: Int) throws -> LatentAttention.Sizes {
        let config = try FamilyConfig(
            required("latent_attention_config"),
            over: """
                {"model_type": "latent_attention", "num_latents_value": 512, "num_cross_heads": 8, "hidden_dim": 4096,
                 "latent_dim": 4096, "cross_dim_head": 4096, "output_normalize": true}
                """, of: "NV-Embed's attention to trained vectors")
        let type = try config.value("model_type")
        guard try type.string() == "latent_attention" else { throw type.expected("\"latent_attention\"") }
        for key in ["hidden_dim", "latent_dim"] where try config.size(key) != hiddenSize {
            throw try config.value(key).expected("\(hiddenSize), the size of a hidden state")
        }
        // A length of 1 is no matter to cosines: a run's own `unit_length` says it.
        _ = try config.flag("output_normalize")
        return LatentAttention.Sizes(
            vectors: try config.size("num_latents_value"), heads: try config.size("num_cross_heads"),
            headDimension: try config.size("cross_dim_head"))
    }
}

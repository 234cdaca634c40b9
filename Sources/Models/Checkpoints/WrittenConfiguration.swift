import Diagnostics
import Files
import Numerics
import Weights

extension Checkpoint {
    /// `config.json` for the backbone's modules without a head: its own, or one made of a GGUF file's metadata.
    ///
    /// - Parameters:
    ///   - isCausal: what it says of all layers; nil for what they do anyway
    ///   - padToken: said where its own has none
    ///   - type: of the tensors beside it
    /// - Throws: where the family isn't one of transformers'.
    func writtenConfiguration(
        _ blueprint: TransformerBlueprint, isCausal: Bool?, padToken: Int?, type: StorageType
    ) throws -> String {
        guard blueprint.design.latentAttention == nil else {
            throw error("NV-Embed's attention behind its last norm needs code of its repository, which is not exported")
        }
        var members: [(key: String, value: String)] =
            switch description {
            case .huggingFace(let config): try kept(of: config["text_config"] ?? config)
            case .gguf: try made(of: blueprint.design)
            }
        func set(_ key: String, _ value: String) {
            members.removeAll { $0.key == key }
            members.append((key, value))
        }
        if let isCausal { set("is_causal", "\(isCausal)") }
        if let padToken, !members.contains(where: { $0.key == "pad_token_id" && $0.value != "null" }) {
            set("pad_token_id", "\(padToken)")
        }
        set("dtype", JSONText.quoted(type == .f32 ? "float32" : type == .f16 ? "float16" : "bfloat16"))
        return JSONText.object(members)
    }

    /// What a checkpoint's own configuration says of another file, of its head, or of code that doesn't go with it.
    private static let dropped: Set = [
        "architectures", "_name_or_path", "name_or_path", "_commit_hash", "torch_dtype", "dtype", "auto_map",
        "transformers_version",
    ]

    private func kept(of config: JSONNode) throws -> [(key: String, value: String)] {
        // transformers' own class has other names for what the authors' class calls so.
        if let node = config["n_embd"], try architecture() == "nomic_bert" {
            throw node.error(
                "the layout of NomicBERT's authors needs code of their repository, which is not exported",
                suggestion: "export from the GGUF file, or from a folder that transformers saved")
        }
        return config.members.filter { !Self.dropped.contains($0.key) }.map { ($0.key, $0.value.text) }
    }

    /// For each key of `config.json` what a design says there; those that a family's configuration class has are written.
    private static let keys: KeyValuePairs<String, @Sendable (TransformerDesign) -> String?> = [
        "vocab_size": { "\($0.sizes.vocabularySize)" }, "hidden_size": { "\($0.sizes.hiddenSize)" },
        "intermediate_size": { "\($0.sizes.intermediateSize)" }, "num_hidden_layers": { "\($0.sizes.layerCount)" },
        "num_attention_heads": { "\($0.sizes.heads)" }, "num_key_value_heads": { "\($0.sizes.keyValueHeads)" },
        "head_dim": { "\($0.sizes.headDimension)" }, "max_position_embeddings": { "\($0.sizes.contextLength)" },
        "hidden_act": { FamilyConfig.name(of: $0.activation).map(JSONText.quoted) },
        "rms_norm_eps": {
            if case .rms(let epsilon) = $0.norm { "\(epsilon)" } else { nil }
        },
        "layer_norm_eps": {
            if case .layer(let epsilon, _) = $0.norm { "\(epsilon)" } else { nil }
        },
        "rope_theta": { $0.rotaries.first?.map { "\($0.base)" } },
    ]

    private func made(of design: TransformerDesign) throws -> [(key: String, value: String)] {
        let family = try BackboneFamily.family(of: self)
        let known = try JSONDocument(Array(family.defaults.utf8), file: "the defaults of \(design.family)").root.keys
        var members = [("model_type", JSONText.quoted(family.architectures[0]))].map { (key: $0.0, value: $0.1) }
        for (key, value) in Self.keys where known.contains(key) {
            if let value = value(design) { members.append((key, value)) }
        }
        if case .linear(let factor) = design.rotaries.first??.scaling {
            members.append(("rope_scaling", "{\"rope_type\": \"linear\", \"factor\": \(factor)}"))
        }
        return members
    }
}

import Files
import Numerics

extension BackboneFamily {
    /// NomicBERT, arXiv 2402.01613: BERT with rotary positions and SwiGLU, without biases. Folders are transformers' or
    /// those that the authors published, whose maps of queries, keys and values lie in one tensor, as in GGUF files.
    static let nomicBERT = transformer(
        ["nomic_bert", "nomic-bert"],
        defaults: """
            {"vocab_size": 30528, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "hidden_act": "silu", "max_position_embeddings": 2048, "type_vocab_size": 2,
             "layer_norm_eps": 1e-12, "head_dim": null, "rope_theta": 1000.0}
            """
    ) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try nomic(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config):
            if config["n_embd"] != nil {
                try nomicAuthors(FamilyConfig(config, over: authorsDefaults, of: "nomic_bert"), checkpoint)
            } else {
                try nomic(checkpoint.overDefaults(config), checkpoint)
            }
        }
    }

    private static func nomic(_ gguf: GGUFSizes) throws -> TransformerBlueprint {
        let sizes = try gguf.transformer()
        if gguf.metadata.contains("nomic-bert.attention.causal"), try gguf.metadata.flag("nomic-bert.attention.causal")
        {
            throw gguf.checkpoint.error("nomic-bert.attention.causal: expected false")
        }
        let types = try gguf.checkpoint.tensors.tensor(named: "token_types.weight").rows
        return nomic(
            gguf.checkpoint, sizes, epsilon: try gguf.number("attention.layer_norm_epsilon"),
            rotary: try gguf.rotary(sizes), types: types)
    }

    private static func nomic(_ config: FamilyConfig, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("intermediate_size"), heads: heads, keyValueHeads: heads,
            headDimension: try config.size("head_dim", null: hidden / heads),
            contextLength: try config.size("max_position_embeddings"), vocabularySize: try config.size("vocab_size"))
        let rotary = try config.rotaries(sizes)[0]
        var blueprint = nomic(
            checkpoint, sizes, epsilon: try config.positive("layer_norm_eps"), rotary: rotary,
            types: try config.size("type_vocab_size"))
        blueprint.design.activation = try config.activation("hidden_act")
        return blueprint
    }

    /// Flags that the configurations of the authors' own code may leave out. It has other defaults for some; files that
    /// mean those say so.
    private static let authorsDefaults = """
        {"prenorm": false, "parallel_block": false, "qkv_proj_bias": false, "mlp_fc1_bias": false,
         "mlp_fc2_bias": false, "use_rms_norm": false, "rotary_emb_interleaved": false, "tie_word_embeddings": true,
         "causal": false, "rotary_emb_scale_base": null, "rotary_scaling_factor": null}
        """

    /// The configuration of the authors' own code, which has GPT-2's keys.
    private static func nomicAuthors(_ config: FamilyConfig, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        for (key, wanted) in [
            ("prenorm", false), ("parallel_block", false), ("qkv_proj_bias", false), ("mlp_fc1_bias", false),
            ("mlp_fc2_bias", false), ("use_rms_norm", false), ("rotary_emb_interleaved", false),
            ("tie_word_embeddings", true), ("causal", false),
        ] {
            try config.expect(key, wanted, because: "other models of this family are not supported")
        }
        let activation = try config.required("activation_function")
        guard try activation.string() == "swiglu" else { throw activation.expected("\"swiglu\"") }
        let fraction = try config.required("rotary_emb_fraction")
        guard try fraction.number() == 1 else { throw fraction.expected("1: rotary positions on all of a head") }
        for key in ["rotary_emb_scale_base", "rotary_scaling_factor"] {
            if let node = try config.unlessNull(key) { throw node.expected("null: scaled positions are not supported") }
        }
        let (hidden, heads) = (try config.size("n_embd"), try config.size("n_head"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("n_layer"), hiddenSize: hidden, intermediateSize: try config.size("n_inner"),
            heads: heads, keyValueHeads: heads, headDimension: hidden / heads,
            contextLength: try config.size("n_positions"), vocabularySize: try config.size("vocab_size"))
        let rotary = RotaryPositions(
            base: Float(try config.number("rotary_emb_base")), components: sizes.headDimension)
        return nomic(
            checkpoint, sizes, epsilon: try config.positive("layer_norm_epsilon"), rotary: rotary,
            types: try config.size("type_vocab_size"))
    }

    private static func nomic(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, epsilon: Double, rotary: RotaryPositions?,
        types: Int
    ) -> TransformerBlueprint {
        let design = TransformerDesign(
            family: "nomic_bert", sizes: sizes, norm: .layer(epsilon: Float(epsilon)), placement: .behind,
            activation: .silu, windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: rotary, count: sizes.layerCount), isEncoder: true)
        return TransformerBlueprint(design: design, tensors: nomicTensors(checkpoint, sizes, types: types))
    }

    private static func nomicTensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, types: Int
    ) -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> TransformerTensors.Map {
            .init(path: path, outputs: outputs, inputs: inputs)
        }
        let (tokens, prefixes) = ("embeddings.word_embeddings", ["", "nomic_bert.", "bert."])
        let isStacked = checkpoint.tensors.names.contains { $0.contains("attn.Wqkv") || $0.contains("attn_qkv") }
        let names =
            isStacked
            ? (output: "attn.out_proj", gate: "mlp.fc12", up: "mlp.fc11", down: "mlp.fc2", norms: ("norm1", "norm2"))
            : (
                output: "self_attn.o_proj", gate: "mlp.gate_proj", up: "mlp.up_proj", down: "mlp.down_proj",
                norms: ("post_attention_layernorm", "post_mlp_layernorm")
            )
        let all = map("attn.Wqkv", 3 * hidden, hidden)
        func part(_ name: String, _ block: Int) -> [TransformerTensors.Part] {
            isStacked
                ? all.rows([block * hidden..<(block + 1) * hidden])
                : map("self_attn.\(name)", hidden, hidden).all()
        }
        let layer = TransformerTensors.Layer(
            attentionNorm: names.norms.0, mlpNorm: names.norms.1, query: part("q_proj", 0),
            keysValues: part("k_proj", 1) + part("v_proj", 2), output: map(names.output, hidden, hidden).all(),
            up: map(names.gate, inner, hidden).all() + map(names.up, inner, hidden).all(),
            down: map(names.down, hidden, inner).all())
        let storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens, gguf: nomicGGUF)
        let heads = ["cls.", "lm_head.", "classifier.", storage.prefix + "pooler."]
        return TransformerTensors(
            prefixes: prefixes, layers: isStacked ? "encoder.layers" : "layers", tokens: tokens,
            tokenTypes: .init(path: "embeddings.token_type_embeddings", rows: types),
            embeddingNorm: isStacked ? "emb_ln" : "embeddings.LayerNorm", finalNorm: nil, layer: layer,
            storage: storage,
            unread: checkpoint.tensors.names.filter { name in heads.contains { name.hasPrefix($0) } })
    }

    private static let nomicGGUF = [
        "embeddings.word_embeddings": "token_embd", "embeddings.token_type_embeddings": "token_types",
        "emb_ln": "token_embd_norm", "attn.Wqkv": "attn_qkv", "attn.out_proj": "attn_output",
        "norm1": "attn_output_norm",
        "mlp.fc11": "ffn_up", "mlp.fc12": "ffn_gate", "mlp.fc2": "ffn_down", "norm2": "layer_output_norm",
    ]
}

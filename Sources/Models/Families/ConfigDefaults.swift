import Files

/// What each family's `config.json` may leave out, and what it means then: the defaults of transformers 5.23's configuration
/// classes, by `model_type`. Null is a value there: of a size it means that others give it, of a window or a cap that
/// there is none.
///
/// Source: `configuration_*.py` of github.com/huggingface/transformers. `make check-models` holds them against the library.
enum ConfigDefaults {
    /// A configuration over its family's defaults.
    static func laid(under config: JSONNode, of family: String) throws -> JSONNode {
        guard let text = texts[family] else { return config }
        return config.over(try JSONDocument(Array(text.utf8), file: "the defaults of \(family)").root)
    }

    private static let texts: [String: String] = [
        "llama": """
        {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": null, "head_dim": null, "hidden_act": "silu",
         "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "attention_bias": false, "mlp_bias": false}
        """,
        "mistral": """
        {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": null, "hidden_act": "silu",
         "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "sliding_window": 4096}
        """,
        "qwen2": """
        {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 32, "hidden_act": "silu", "max_position_embeddings": 32768,
         "rms_norm_eps": 1e-6, "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28,
         "layer_types": null}
        """,
        "qwen3": """
        {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128, "hidden_act": "silu",
         "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "attention_bias": false,
         "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28, "layer_types": null}
        """,
        "gemma2": """
        {"vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
         "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
         "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "attention_bias": false, "query_pre_attn_scalar": 256,
         "sliding_window": 4096, "layer_types": null, "attn_logit_softcapping": 50.0,
         "use_bidirectional_attention": null}
        """,
        "gemma3_text": """
        {"vocab_size": 262208, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
         "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
         "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "attention_bias": false, "query_pre_attn_scalar": 256,
         "sliding_window": 4096, "layer_types": null, "attn_logit_softcapping": null,
         "use_bidirectional_attention": false, "sliding_window_pattern": 6}
        """,
        "phi3": """
        {"vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": null, "hidden_act": "silu", "max_position_embeddings": 4096,
         "original_max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "sliding_window": null}
        """,
        "gpt2": """
        {"vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_inner": null,
         "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "scale_attn_weights": true,
         "scale_attn_by_inverse_layer_idx": false, "reorder_and_upcast_attn": false, "add_cross_attention": false}
        """,
        "opt": """
        {"vocab_size": 50272, "hidden_size": 768, "num_hidden_layers": 12, "ffn_dim": 3072, "num_attention_heads": 12,
         "max_position_embeddings": 2048, "do_layer_norm_before": true, "_remove_final_layer_norm": false,
         "word_embed_proj_dim": null, "activation_function": "relu", "enable_bias": true,
         "layer_norm_elementwise_affine": true}
        """,
        "gpt_neox": """
        {"vocab_size": 50432, "hidden_size": 6144, "num_hidden_layers": 44, "num_attention_heads": 64,
         "intermediate_size": 24576, "hidden_act": "gelu", "max_position_embeddings": 2048, "layer_norm_eps": 1e-5,
         "use_parallel_residual": true, "attention_bias": true, "rotary_pct": 0.25}
        """,
        "bert": """
        {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
         "layer_norm_eps": 1e-12, "is_decoder": false, "add_cross_attention": false,
         "position_embedding_type": "absolute"}
        """,
        "roberta": """
        {"vocab_size": 50265, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
         "layer_norm_eps": 1e-12, "pad_token_id": 1, "is_decoder": false, "add_cross_attention": false}
        """,
        "xlm-roberta": """
        {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
         "layer_norm_eps": 1e-12, "pad_token_id": 1, "is_decoder": false, "add_cross_attention": false}
        """,
        "camembert": """
        {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
         "layer_norm_eps": 1e-12, "pad_token_id": 1, "is_decoder": false, "add_cross_attention": false}
        """,
        "distilbert": """
        {"vocab_size": 30522, "dim": 768, "n_layers": 6, "n_heads": 12, "hidden_dim": 3072, "activation": "gelu",
         "max_position_embeddings": 512, "sinusoidal_pos_embds": false}
        """,
        "nomic_bert": """
        {"vocab_size": 30528, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "hidden_act": "silu", "max_position_embeddings": 2048, "type_vocab_size": 2,
         "layer_norm_eps": 1e-12, "head_dim": null, "rope_theta": 1000.0}
        """,
        "eurobert": """
        {"vocab_size": 128256, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
         "num_attention_heads": 12, "num_key_value_heads": null, "head_dim": null, "hidden_act": "silu",
         "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "attention_bias": false, "mlp_bias": false}
        """,
        "smollm3": """
        {"vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36,
         "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": null, "hidden_act": "silu",
         "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "attention_bias": false, "mlp_bias": false,
         "use_sliding_window": false, "no_rope_layers": null, "no_rope_layer_interval": 4, "layer_types": null,
         "rope_theta": 2000000.0}
        """,
    ]
}

import Files

// Choices of some families that others don't have. Programs write them into any model's `config.json`; where they say that
// the choice is off, as it always is in a family without it, nothing changes, and any other value is refused.
extension KeysWithoutEffect {
    /// What a configuration may say of choices that a family hasn't.
    static func off(in design: TransformerDesign) -> [String: [String]] {
        var keys = off
        if design.windows.allSatisfy({ $0 == nil }) { keys.merge(windowsOff) { $1 } }
        if design.rotaries.allSatisfy({ $0 == nil }) { keys["position_embedding_type"] = ["null", "\"absolute\""] }
        return keys
    }

    private static let noFlag = ["false", "null"]

    /// By key, what says "off".
    private static let off: [String: [String]] = [
        "attention_bias": noFlag, "mlp_bias": noFlag, "add_cross_attention": noFlag, "use_mrope": noFlag,
        "use_bidirectional_attention": noFlag, "scale_attn_by_inverse_layer_idx": noFlag,
        "attn_logit_softcapping": ["null"], "query_pre_attn_scalar": ["null"], "rope_local_base_freq": ["null"],
        "sliding_window_pattern": ["null"], "num_key_value_heads": ["null"], "head_dim": ["null"],
        "rope_scaling": ["null"], "rope_parameters": ["null"], "position_embedding_type": ["null"],
        "partial_rotary_factor": ["null", "1", "1.0"],
        // Phi 4's: positions that aren't stretched, and a window in no layer.
        "interpolate_factor": ["null", "1", "1.0"], "full_attn_mod": ["null", "1"],
    ]

    /// The same where no layer has a window.
    private static let windowsOff: [String: [String]] = [
        "use_sliding_window": noFlag, "sliding_window": ["null"], "max_window_layers": ["null"],
    ]
}

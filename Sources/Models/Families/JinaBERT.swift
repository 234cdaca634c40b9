import Diagnostics
import Files
import Numerics

extension BackboneFamily {
    /// What JinaBERT's configuration may leave out, as its authors' class has it.
    private static let jinaDefaults = """
        {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2,
         "layer_norm_eps": 1e-12, "is_decoder": false, "add_cross_attention": false}
        """

    /// JinaBERT, arXiv 2310.19923, which calls itself `bert` with the positions `alibi`: BERT with ALiBi in both directions in the
    /// place of learned positions, and a gated MLP. Source: jinaai/jina-bert-implementation, `modeling_bert.py`.
    ///
    /// - Throws: for jina-bert-v2-qk-post-norm, whose layers have norms of queries, keys and attention's output too.
    static func jinaBERT(_ file: JSONNode, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        guard !checkpoint.tensors.names.contains(where: { $0.hasSuffix(".layer_norm_q.weight") }) else {
            throw checkpoint.error("JinaBERT with norms of queries and keys is not supported")
        }
        let config = try FamilyConfig(file, over: jinaDefaults, of: "JinaBERT")
        for key in ["is_decoder", "add_cross_attention"] {
            try config.expect(key, false, because: "such a model as a decoder is not supported")
        }
        // How its own code pools; here a method says it.
        _ = config.ifSaid("emb_pooler")
        let gate = try config.required("feed_forward_type")
        var design = try TransformerDesign(likeBERT: config, checkpoint, firstPosition: 0)
        switch try gate.string() {
        case "geglu": design.activation = .gelu
        case "reglu": design.activation = .relu
        default: throw gate.expected("\"geglu\" or \"reglu\"")
        }
        (design.isGated, design.linearBias) = (true, LinearBias(form: .symmetric))
        var names = EncoderNames(prefix: "bert.", heads: ["cls.", "lm_head.", "classifier.", "qa_outputs."])
        names.mlpNorm = "mlp.layernorm"
        names.mlp.down = "mlp.wo"
        var tensors = names.tensors(checkpoint, design.sizes, firstPosition: 0)
        let (hidden, inner) = (design.sizes.hiddenSize, design.sizes.intermediateSize)
        tensors.layer.up = TransformerTensors.Map(path: "mlp.gated_layers", outputs: 2 * inner, inputs: hidden).all()
        tensors.positions = nil
        tensors.tokenTypes = .init(
            path: "embeddings.token_type_embeddings", rows: try config.size("type_vocab_size"))
        return TransformerBlueprint(design: design, tensors: tensors)
    }
}

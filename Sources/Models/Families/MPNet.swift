import Files
import Numerics

extension BackboneFamily {
    /// MPNet, arXiv 2004.09297: BERT without token types, whose positions begin behind the padding token's row, and whose
    /// layers share a bias of scores by distance. Its padding token is 1 and its buckets are 32 whatever the configuration
    /// says of them, in transformers.
    static let mpnet = transformer(
        ["mpnet"],
        defaults: """
            {"vocab_size": 30527, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "hidden_act": "gelu", "max_position_embeddings": 512, "layer_norm_eps": 1e-12,
             "relative_attention_num_buckets": 32}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "MPNet")
        let (firstPosition, relative) = (2, RelativePositions())
        guard try config.size("relative_attention_num_buckets") == relative.buckets else {
            throw try config.required("relative_attention_num_buckets").expected("\(relative.buckets)")
        }
        var design = try TransformerDesign(likeBERT: config, checkpoint, firstPosition: firstPosition)
        design.relativePositions = relative
        var names = EncoderNames(prefix: "mpnet.", heads: ["lm_head.", "classifier.", "qa_outputs."])
        names.attentionNorm = "attention.LayerNorm"
        names.attention = ("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o")
        var tensors = names.tensors(checkpoint, design.sizes, firstPosition: firstPosition)
        tensors.relativePositions = .init(
            path: "encoder.relative_attention_bias", rows: relative.buckets, columns: design.sizes.heads)
        return TransformerBlueprint(design: design, tensors: tensors)
    }
}

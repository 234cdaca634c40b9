import Diagnostics
import Files
import Models
import Numerics
import TestSupport
import Testing
import Weights

/// BLOOM, JinaBERT and GTE: what their files may say beside what `FamilyTests` holds against PyTorch.
@Suite struct LinearBiasTests {
    private static func golden(_ name: String) throws -> GoldenModel {
        try #require(try GoldenModel.families().first { $0.name == name })
    }

    /// A golden model's last hidden states in both directions, with other members in its `config.json`.
    private static func states(
        _ name: String, adding added: [String: String] = [:], removing removed: Set<String> = [],
        renamed: (String) -> String = { $0 }
    ) throws -> [Float] {
        let model = try golden(name).saying(added, without: removed)
        var writer = SafetensorsWriter()
        for tensor in model.tensors {
            writer.add(.init(renamed(tensor.name), shape: tensor.shape, values: tensor.values))
        }
        let backbone = try Fixtures.withTemporaryFolder { [writer] folder in
            try writer.write(to: folder + "/model.safetensors")
            try AtomicFile.replace(folder + "/config.json", with: model.config)
            return try Checkpoint(path: folder).backbone(LinearMaker())
        }
        let readout = try Readout(attention: .all, layer: .last, rows: .all, layerCount: backbone.layerCount)
        return try read([readout], of: [model.tokens], by: backbone)[0][0]
    }

    @Test("keys of BLOOM's real configurations are read: old names of sizes count, remarks change nothing")
    func bloomKeys() throws {
        let expected = try Self.states("bloom")
        let old = try Self.states(
            "bloom",
            adding: [
                "n_embed": "16", "num_attention_heads": "2", "num_hidden_layers": "2", "n_inner": "null",
                "seq_length": "2048", "offset_alibi": "100", "attention_softmax_in_fp32": "true",
                "bias_dropout_fusion": "true", "masked_softmax_fusion": "true", "skip_bias_add": "true",
                "skip_bias_add_qkv": "false", "unk_token_id": "0", "slow_but_exact": "true",
            ], removing: ["hidden_size", "n_head", "n_layer"])
        #expect(old == expected)
        // As transformers: they count over the others.
        #expect(try Self.states("bloom", adding: ["n_head": "4", "num_attention_heads": "2"]) == expected)
        #expect(try Self.states("bloom", adding: ["num_attention_heads": "4"]) != expected)
        #expect(try Self.states("bloom", renamed: { "transformer." + $0 }) == expected)
    }

    @Test(
        "what their layers don't do is refused with what was expected",
        arguments: [
            ("bloom", "apply_residual_connection_post_layernorm", "true", "expected false"),
            ("bloom", "n_head", "3", "a multiple of the 3 heads"),
            ("bert of jina", "feed_forward_type", "\"original\"", "\"geglu\" or \"reglu\""),
            ("bert of jina", "position_embedding_type", "\"relative_key\"", "\"alibi\""),
            ("bert of jina", "is_decoder", "true", "expected false"),
            ("new", "logn_attention_scale", "true", "expected false"),
            ("new", "layer_norm_type", "\"rms_norm\"", "\"layer_norm\""),
            ("new", "position_embedding_type", "\"absolute\"", "\"rope\""),
            ("new", "rope_scaling", "{\"type\": \"linear\", \"factor\": 2}", "\"ntk\""),
            ("new", "rope_scaling", "{\"type\": \"ntk\", \"factor\": 0.5}", "a factor from 1"),
            ("new", "rope_scaling", "{\"type\": \"ntk\", \"factor\": 2, \"mixed_bb\": 1}", "mixed_bb"),
            ("new", "num_attention_heads", "3", "a multiple of the 3 heads"),
        ])
    func refused(name: String, key: String, value: String, message: String) throws {
        let error = try #require(throws: Diagnostic.self) { try Self.states(name, adding: [key: value]) }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test("norms of queries and keys, which another JinaBERT has, are refused by name")
    func queryNorms() throws {
        let old = "encoder.layer.0.attention.self.query.bias"
        let error = try #require(throws: Diagnostic.self) {
            try Self.states(
                "bert of jina", renamed: { $0 == old ? "encoder.layer.0.attention.self.layer_norm_q.weight" : $0 })
        }
        #expect(error.description.contains("JinaBERT with norms of queries and keys is not supported"), "\(error)")
    }

    @Test("a factor of 1 stretches nothing")
    func unscaled() throws {
        let plain = try Self.states("new", adding: ["rope_scaling": "null"])
        #expect(try Self.states("new", adding: ["rope_scaling": "{\"type\": \"ntk\", \"factor\": 1.0}"]) == plain)
        #expect(try Self.states("new") != plain)
        #expect(try Self.states("new", renamed: { "new." + $0 }) == Self.states("new"))
    }
}

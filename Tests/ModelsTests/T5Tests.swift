import Diagnostics
import Files
import Models
import Numerics
import TestSupport
import Testing
import Weights

/// What T5's folders hold beside the encoder, and where its embeddings lie. Its numbers are held against transformers with the
/// other families' (`FamilyTests`).
@Suite struct T5Tests {
    private static func golden(_ name: String = "t5") throws -> GoldenModel {
        try #require(try GoldenModel.families().first { $0.name == name })
    }

    /// The last hidden states of the golden tokens.
    ///
    /// - Parameters:
    ///   - renamed: each tensor's name by the golden one's
    ///   - others: tensors beside them
    private static func states(
        _ model: GoldenModel, renamed: (String) -> String = { $0 }, beside others: [FormulaTensor] = []
    ) throws -> [Float] {
        var writer = SafetensorsWriter()
        for tensor in model.tensors {
            writer.add(.init(renamed(tensor.name), shape: tensor.shape, values: tensor.values))
        }
        for tensor in others { writer.add(.init(tensor.name, shape: tensor.shape, values: tensor.values)) }
        let backbone = try Fixtures.withTemporaryFolder { [writer] folder in
            try writer.write(to: folder + "/model.safetensors")
            try AtomicFile.replace(folder + "/config.json", with: model.config)
            return try Checkpoint(path: folder).backbone(LinearMaker())
        }
        let readout = try Readout(attention: .all, layer: .last, rows: .all, layerCount: backbone.layerCount)
        return try read([readout], of: [model.tokens], by: backbone)[0][0]
    }

    private static let decoder = [
        "decoder.embed_tokens.weight", "decoder.block.0.layer.0.SelfAttention.q.weight",
        "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", "decoder.final_layer_norm.weight",
        "lm_head.weight",
    ].map { FormulaTensor(name: $0, shape: [3, 5]) }

    @Test("the encoder is read out of a whole T5, its decoder isn't, and embeddings under either name are")
    func layouts() throws {
        let model = try Self.golden()
        let expected = try Self.states(model)
        let (tokens, own) = ("shared.weight", "encoder.embed_tokens.weight")
        let difference = Difference(expected, try #require(model.bidirectional.last))
        #expect(difference.largest < 1e-4 * max(1, difference.scale))
        #expect(try Self.states(model, beside: Self.decoder) == expected)
        #expect(try Self.states(model, renamed: { $0 == tokens ? own : $0 }) == expected)
        let behindHead = FormulaTensor(name: "classification_head.dense.weight", shape: [2, 2])
        #expect(try Self.states(model, renamed: { "transformer." + $0 }, beside: [behindHead]) == expected)
        // Where the two aren't the same, transformers 5 doesn't tie them: the encoder's own counts.
        let other = FormulaTensor(name: tokens, shape: [40, 16])
        #expect(try Self.states(model, renamed: { $0 == tokens ? own : $0 }, beside: [other]) == expected)
        let error = try #require(throws: Diagnostic.self) {
            try Self.states(model, beside: [FormulaTensor(name: "encoder.block.0.layer.2.extra", shape: [2, 2])])
        }
        #expect(error.description.contains("encoder.block.0.layer.2.extra"))
    }

    @Test("what its configuration says in vain changes nothing, and what transformers makes of the activation counts")
    func configuration() throws {
        let (plain, gated) = (try Self.golden(), try Self.golden("t5 with gate"))
        let (expected, gatedExpected) = (try Self.states(plain), try Self.states(gated))
        let idle = [
            "n_positions": "8", "tie_word_embeddings": "false", "num_decoder_layers": "7", "output_past": "true",
            "task_specific_params": "{\"x\": 1}", "scale_decoder_outputs": "false", "is_encoder_decoder": "false",
        ]
        #expect(try Self.states(plain.saying(idle)) == expected)
        // Without the words that transformers writes beside it.
        let bare: Set = ["dense_act_fn", "is_gated_act"]
        #expect(try Self.states(gated.saying([:], without: bare)) == gatedExpected)
        let same = ["feed_forward_proj": "\"gated-gelu_new\""]
        #expect(try Self.states(gated.saying(same, without: bare)) == gatedExpected)
        let exact = ["feed_forward_proj": "\"gated-gelu\"", "dense_act_fn": "\"gelu\""]
        #expect(try Self.states(gated.saying(exact)) != gatedExpected)
    }

    @Test(
        "what its layers don't do is refused with what was expected",
        arguments: [
            ("is_decoder", "true", "is_decoder: expected false"),
            ("feed_forward_proj", "\"silu-gated\"", "expected an activation, or gated- and an activation"),
            ("dense_act_fn", "\"quick_gelu\"", "dense_act_fn: expected one of"),
            ("dense_act_fn", "null", "dense_act_fn"),
            ("relative_attention_num_buckets", "3", "expected 4 buckets or more"),
            ("relative_attention_max_distance", "2", "expected more than 2, which have a bucket each"),
            ("d_kv", "0", "d_kv"),
            ("model_type", "\"umt5\"", "\"umt5\" is not supported"),
            ("hidden_size", "16", "unknown key \"hidden_size\""),
        ])
    func refused(key: String, value: String, message: String) throws {
        let error = try #require(throws: Diagnostic.self) {
            try Self.states(Self.golden().saying([key: value]))
        }
        #expect(error.description.contains(message), "\(error)")
    }
}

import Diagnostics
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing

/// What a `config.json` says twice, and what it says of choices that its family hasn't.
@Suite struct ConfigFactsTests {
    private static let models: [GoldenModel] = (try? GoldenModel.families()) ?? []

    /// A golden model's last hidden states with other keys in its `config.json`; nil where it is refused.
    ///
    /// - Parameters:
    ///   - added: members, as JSON writes them
    ///   - removed: keys
    private func states(_ name: String, adding added: [String: String], removing removed: [String] = []) throws
        -> [Float]?
    {
        let model = try #require(Self.models.first { $0.name == name }).saying(added, without: Set(removed))
        return try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            let backbone: any Backbone
            do {
                backbone = try Checkpoint(path: folder).backbone(LinearMaker())
            } catch is Diagnostic {
                return nil
            }
            let readout = try Readout(
                attention: backbone.shape.isEncoder ? .all : .none, layer: HiddenLayer(backbone.layerCount), rows: .all,
                layerCount: backbone.layerCount)
            return try read([readout], of: [model.tokens], by: backbone)[0][0]
        }
    }

    @Test(
        "Keys that real configurations have beside their family's own change nothing",
        arguments: [
            ("bert", #""tie_weights_": true, "_num_labels": 2, "xla_device": null, "emb_size": 8, "cell": {}"#),
            ("bert", #""sentence_transformers": {"activation_fn": "x"}, "eos_token_ids": 0, "attention_bias": false"#),
            (
                "roberta",
                #""position_embedding_type": "absolute", "output_past": true, "gradient_checkpointing": false"#
            ),
            ("distilbert", #""tie_weights_": true, "output_past": true, "position_embedding_type": null"#),
            ("mistral", #""mlp_bias": false, "attention_bias": null, "use_bidirectional_attention": null"#),
            ("mistral without window", #""use_sliding_window": false, "max_window_layers": null, "layer_types": null"#),
            ("qwen2", #""use_mrope": false, "use_bidirectional_attention": false, "attn_logit_softcapping": null"#),
            ("qwen3", #""layer_types": ["full_attention", "full_attention"], "partial_rotary_factor": 1.0"#),
            ("gemma2", #""sliding_window_size": 4, "hidden_act": "relu", "mlp_bias": false"#),
            ("gemma3", #""attn_logit_softcapping": 0.5, "final_logit_softcapping": 0.5, "mlp_bias": false"#),
            ("phi3", #""interpolate_factor": 1, "full_attn_mod": 1, "lm_head_bias": false, "mlp_bias": false"#),
            ("phi3", #""attention_bias": false, "auto_map": {"AutoModel": "x.Y"}, "add_cross_attention": false"#),
            ("gpt2", #""n_special": 0, "predict_special_tokens": true, "_num_labels": 1, "n_ctx": 32"#),
            ("eurobert", #""bos_token": "a", "mask_token": "b", "clf_pooling": "late", "hidden_dropout": 0.0"#),
            (
                "modernbert",
                #""layer_norm_eps": 1e-5, "position_embedding_type": "absolute", "reference_compile": null"#
            ),
            (
                "modernbert",
                #""global_attn_every_n_layers": 2, "repad_logits_with_grad": false, "embedding_dropout": 0.1"#
            ),
            ("modernbert", #""global_rope_theta": 900.0, "local_rope_theta": 30.0, "gradient_checkpointing": false"#),
            ("smollm3", #""max_window_layers": 28, "sliding_window": null, "use_sliding_window": false"#),
        ])
    func real(name: String, members: String) throws {
        var added: [String: String] = [:]
        try JSONDocument(Array("{\(members)}".utf8), file: "members").root.forEachMember { added[$0] = $1.text }
        let plain = try #require(try states(name, adding: [:]))
        #expect(try states(name, adding: added) == plain)
    }

    @Test(
        "What would switch on a choice that the family hasn't is refused",
        arguments: [
            ("mistral", "mlp_bias", "true"), ("mistral", "use_sliding_window", "false"), ("qwen3", "use_mrope", "true"),
            ("phi3", "interpolate_factor", "2"), ("phi3", "full_attn_mod", "2"),
            ("roberta", "position_embedding_type", "\"relative_key\""),
            ("nomic_bert", "position_embedding_type", "\"absolute\""),
            ("gemma2", "sliding_window_size", "5"), ("qwen2", "quantization_config", "{\"bits\": 4}"),
            ("opt", "quantization_config", "{\"bits\": 4}"), ("smollm3", "use_sliding_window", "true"),
            ("qwen2", "layer_types", "[\"sliding_attention\", \"full_attention\"]"),
            ("mistral", "layer_types", "[\"full_attention\", \"sliding_attention\"]"),
            ("phi3 with window", "layer_types", "[\"full_attention\", \"full_attention\"]"),
            ("mistral without window", "layer_types", "[\"full_attention\", \"sliding_attention\"]"),
            ("modernbert", "layer_norm_eps", "1e-3"), ("modernbert", "position_embedding_type", "\"relative_key\""),
            ("modernbert", "rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 2.0}"),
            ("modernbert", "global_rope_theta", "800.0"), ("modernbert", "layer_types", "[\"full_attention\"]"),
        ])
    func switchedOn(name: String, key: String, value: String) throws {
        #expect(try states(name, adding: [key: value]) == nil)
        #expect(try states(name, adding: [:]) != nil)
    }

    @Test(
        "Heads that don't divide the hidden size are refused in each family that divides it",
        arguments: [
            ("gpt2", "n_head"), ("opt", "num_attention_heads"), ("gpt_neox", "num_attention_heads"),
            ("bert", "num_attention_heads"), ("roberta", "num_attention_heads"), ("distilbert", "n_heads"),
            ("mpnet", "num_attention_heads"), ("modernbert", "num_attention_heads"), ("bloom", "n_head"),
            ("new", "num_attention_heads"), ("bert of jina", "num_attention_heads"),
        ])
    func headsThatDoNotDivide(name: String, key: String) throws {
        #expect(try states(name, adding: [key: "7"]) == nil)
        #expect(try states(name, adding: [:]) != nil)
    }

    @Test("GPT-NeoX's part of a head is rotary_pct's, with which another family's key for it must agree")
    func rotaryPart() throws {
        func part(_ members: [String: String]) throws -> [Float]? {
            try states("gpt_neox", adding: members, removing: ["rope_parameters"])
        }
        let half = try #require(try part(["rotary_pct": "0.5"]))
        #expect(try part(["rotary_pct": "0.5", "partial_rotary_factor": "0.5"]) == half)
        #expect(try part(["rotary_pct": "0.5", "partial_rotary_factor": "0.25"]) == nil)
        #expect(try part(["partial_rotary_factor": "0.5"]) == nil)
        let parameters = #"{"rope_type": "default", "partial_rotary_factor": 0.5}"#
        #expect(
            try states("gpt_neox", adding: ["rope_parameters": parameters, "partial_rotary_factor": "0.25"]) == half)
    }

    @Test("ModernBERT's bases and windows by its older keys are those by the newer")
    func modernBERT() throws {
        let plain = try #require(try states("modernbert", adding: [:]))
        let older = ["global_rope_theta": "900.0", "local_rope_theta": "30.0", "global_attn_every_n_layers": "3"]
        #expect(try states("modernbert", adding: older, removing: ["rope_parameters", "layer_types"]) == plain)
        for other in ["global_rope_theta", "local_rope_theta", "global_attn_every_n_layers"] {
            var changed = older
            changed[other] = "2"
            let found = try #require(
                try states("modernbert", adding: changed, removing: ["rope_parameters", "layer_types"]))
            #expect(found != plain, "\(other)")
        }
    }

    @Test(
        "The padding token in a text is refused where positions don't count it",
        arguments: [("roberta", true), ("mpnet", true), ("bert", false), ("opt", false)])
    func paddingInText(name: String, isRefused: Bool) throws {
        var model = try #require(Self.models.first { $0.name == name })
        model.tokens[3] = 1
        try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            let backbone = try Checkpoint(path: folder).backbone(LinearMaker())
            let readout = try Readout(
                attention: backbone.shape.isEncoder ? .all : .none, layer: HiddenLayer(1), rows: .all,
                layerCount: backbone.layerCount)
            guard isRefused else {
                _ = try read([readout], of: [model.tokens], by: backbone)
                return
            }
            let error = #expect(throws: Diagnostic.self) { try read([readout], of: [model.tokens], by: backbone) }
            #expect(error?.message.contains("a text has the padding token, 1") == true, "\(String(describing: error))")
        }
    }

    @Test("An adapter beside a model's weights is refused, and an adapter's folder as a model says what it is")
    func adapterInside() throws {
        let model = try #require(Self.models.first)
        try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            try AtomicFile.replace(folder + "/adapter_config.json", with: "{}")
            let beside = #expect(throws: Diagnostic.self) { try Checkpoint(path: folder) }
            #expect(
                beside?.description.contains("adapter_config.json: an adapter lies beside the model's weights") == true)
            try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
            let alone = #expect(throws: Diagnostic.self) { try Checkpoint(path: folder) }
            #expect(alone?.description.contains("it is an adapter's folder") == true, "\(String(describing: alone))")
        }
    }

    /// Where a rotary base may stand: beside, in `rope_scaling`, in `rope_parameters`.
    private struct Bases: CustomTestStringConvertible {
        var beside: Int?
        var old: Int?
        var new: Int?

        static let all: [Bases] = [nil, 40, 90].flatMap { beside in
            [nil, 40, 90].flatMap { old in [nil, 40, 90].map { Bases(beside: beside, old: old, new: $0) } }
        }

        var testDescription: String { "\(beside ?? 0) \(old ?? 0) \(new ?? 0)" }

        /// nil where two places contradict each other.
        var meant: Int? {
            if let old, let new, old != new { return nil }
            return old ?? new ?? beside ?? 10000
        }
    }

    @Test(
        "A rotary base among the parameters goes before one beside them; the old and the new parameters must agree",
        arguments: Bases.all)
    private func rotaryBase(bases: Bases) throws {
        let keys = ["rope_theta", "rope_scaling", "rope_parameters"]
        func parameters(_ base: Int) -> String { #"{"rope_type": "default", "rope_theta": \#(base)}"# }
        for name in ["mistral", "qwen2", "eurobert", "nomic_bert"] {
            var added: [String: String] = [:]
            added["rope_theta"] = bases.beside.map { "\($0)" }
            added["rope_scaling"] = bases.old.map(parameters)
            added["rope_parameters"] = bases.new.map(parameters)
            // NomicBERT's own base is another one.
            let meant = bases.meant.map { name == "nomic_bert" && $0 == 10000 ? 1000 : $0 }
            let expected = try meant.flatMap {
                try states(name, adding: ["rope_parameters": parameters($0)], removing: keys)
            }
            #expect(try states(name, adding: added, removing: keys.filter { added[$0] == nil }) == expected, "\(name)")
        }
    }

    @Test("Gemma 3's bases by kind of layer and the older keys must agree")
    func gemmaBases() throws {
        let plain = try #require(try states("gemma3", adding: [:]))
        #expect(try states("gemma3", adding: ["rope_theta": "900.0", "rope_local_base_freq": "30"]) == plain)
        for (key, value) in [
            ("rope_theta", "1000.0"), ("rope_local_base_freq", "900"), ("rope_scaling", #"{"rope_type": "default"}"#),
        ] {
            #expect(try states("gemma3", adding: [key: value]) == nil)
        }
    }
}

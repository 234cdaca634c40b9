import Diagnostics
import Models
import Testing
import Weights

// What a configuration says of modules that the weights have or haven't.
@Suite("Modules that are left out of an adapter, and heads beside it")
struct AdapterModulesTests {
    private let tiny: AdapterSamples

    init() throws { tiny = try AdapterSamples() }

    /// Of an adapter of maps that PEFT's `exclude_modules` leaves.
    private func excluding(
        _ excluded: String, targets: String = "\"q_proj\", \"v_proj\"", _ made: AdapterConfiguration
    ) throws -> AdapterConfiguration {
        try tiny.withFolder(
            made, replacing: "\"target_modules\": [\"v_proj\"]",
            with: "\"target_modules\": [\(targets)],\n\"exclude_modules\": \(excluded)"
        ) { folder in try Adapter(folder: folder).fitted(to: tiny.backbone.modules).configuration }
    }

    @Test("Modules that exclude_modules leaves out aren't missed; what disagrees with it is named by key and line")
    func exclusion() throws {
        let made = AdapterConfiguration(rank: 2, targets: .named(["v_proj"]))
        for excluded in [
            "[\"q_proj\"]", "[\"self_attn.q_proj\"]", "\".*q_proj\"", "\"model.layers.\\\\d+.self_attn.[qk]_proj\"",
        ] {
            let found = try excluding(excluded, made)
            #expect(found == made, "\(excluded)")
        }
        let all = try excluding("\".*(q|k|o|gate|up|down)_proj\"", targets: "\"q_proj\", \"k_proj\", \"v_proj\"", made)
        #expect(all == made)
        for (excluded, expected) in [
            (
                "[\"v_proj\"]",
                "adapter_config.json:15:20: exclude_modules: leaves out model.layers.0.self_attn.v_proj, of"
            ),
            ("\".*1.*v_proj\"", "exclude_modules: leaves out model.layers.1.self_attn.v_proj, of which adapter_model"),
            ("[\"k_proj\"]", "target_modules: means model.layers.0.self_attn.q_proj, which exclude_modules doesn't"),
            ("\"q_proj\"", "target_modules: means model.layers.0.self_attn.q_proj, which exclude_modules doesn't"),
            ("\"(\"", "exclude_modules: expected names of modules, or a regular expression"),
            ("7", "exclude_modules: expected an array"), ("[7]", "exclude_modules[0]: expected a string"),
            ("null", "target_modules[0]: names q_proj, of which adapter_model.safetensors has no"),
            ("[]", "target_modules[0]: names q_proj, of which adapter_model.safetensors has no"),
        ] {
            let found = try tiny.message { _ = try excluding(excluded, made) }
            #expect(found.contains(expected), "\(excluded): \(found)")
        }
    }

    @Test(
        "A head in an adapter's file, low-rank or whole, is no reason to refuse it, unless it is the embeddings' table too"
    )
    func heads() throws {
        func read(_ tensors: [String], _ old: String, _ new: String) throws -> Adapter {
            try tiny.withFolder(replacing: old, with: new) { folder in
                let path = folder + "/adapter_model.safetensors"
                var writer = SafetensorsWriter()
                for tensor in try SafetensorsFile(path).tensors { writer.add(.init(copying: tensor)) }
                for name in tensors {
                    writer.add(.init("base_model.model." + name, shape: [2, 3], values: Array(repeating: 1, count: 6)))
                }
                try writer.write(to: path)
                return try Adapter(folder: folder).fitted(to: tiny.backbone.modules)
            }
        }
        let plain = try tiny.adapter(AdapterConfiguration(rank: 2, alpha: 4))
        // PEFT names both of a classifier's usual heads, and saves the one that there is.
        let saved = "\"modules_to_save\": null"
        for (tensors, old, new) in [
            (["lm_head.lora_A.weight", "lm_head.lora_B.weight"], "\"q_proj\"", "\"q_proj\", \"lm_head\""),
            (["lm_head.weight"], saved, "\"modules_to_save\": [\"lm_head\"]"),
            (["score.weight"], saved, "\"modules_to_save\": [\"classifier\", \"score\"]"),
            (
                ["classifier.dense.weight", "classifier.out_proj.weight"], saved,
                "\"modules_to_save\": [\"classifier\"]"
            ),
        ] {
            let found = try read(tensors, old, new)
            #expect(found.configuration == plain.configuration)
            #expect(found.values.array(row: 0).bits == plain.values.array(row: 0).bits)
        }
        let tied = try tiny.message {
            _ = try read(["lm_head.weight"], saved, "\"modules_to_save\": [\"lm_head\"], \"ensure_weight_tying\": true")
        }
        #expect(
            tied.contains("ensure_weight_tying: expected false: lm_head would change the embeddings' table"), "\(tied)")
    }
}

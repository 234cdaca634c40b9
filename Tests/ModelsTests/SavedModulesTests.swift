import Models
import Testing

@Suite("Modules that are trained whole, as PEFT names them")
struct SavedModulesTests {
    private let tiny: AdapterSamples

    init() throws { tiny = try AdapterSamples() }

    @Test("Maps that are trained whole are named as PEFT names them, once, and are maps of the model")
    func modulesToSave() throws {
        func names(_ modules: [String], targets: AdapterConfiguration.Targets = .named([]), layers: [Int]? = nil) throws
            -> [String]
        {
            try tiny.backbone.parameterLayout(
                of: AdapterConfiguration(targets: targets, layers: layers).saving(modules)
            )
            .names
        }
        let prefix = "base_model.model.model.layers."
        #expect(try names(["o_proj"]) == (0..<3).map { "\(prefix)\($0).self_attn.o_proj.weight" })
        #expect(
            try names(["layers.1.mlp.up_proj", "model.layers.1.mlp.up_proj"]) == ["\(prefix)1.mlp.up_proj.weight"])
        #expect(
            try names(["layers.1.mlp.up_proj"], targets: .named(["up_proj"]), layers: [0]) == [
                "\(prefix)0.mlp.up_proj.lora_A.weight", "\(prefix)0.mlp.up_proj.lora_B.weight",
                "\(prefix)1.mlp.up_proj.weight",
            ])
        let both = try tiny.message { _ = try names(["down_proj"], targets: .named(["down_proj"]), layers: [2]) }
        #expect(both.contains("model.layers.2.mlp.down_proj would be trained both whole and by low-rank"), "\(both)")
        let unknown = try tiny.message { _ = try names(["layers.2.mlp.dwn_proj"]) }
        #expect(unknown.contains("did you mean \"layers.2.mlp.down_proj\""), "\(unknown)")
        #expect(try tiny.message { _ = try names(["proj"]) }.contains("unknown module"))
        #expect(try tiny.message { _ = try names(["layers.3.mlp.up_proj"]) }.contains("unknown module"))
        // A name that is in the configuration alone.
        let missing = try tiny.refusal("\"modules_to_save\": null", "\"modules_to_save\": [\"embed_tokens\"]")
        #expect(
            missing.contains("adapter_config.json:11:23: modules_to_save[0]: names embed_tokens, of which"),
            "\(missing)")
        let more = try tiny.withFolder(
            AdapterConfiguration(targets: .named([])).saving(["k_proj", "o_proj"]), replacing: "\"k_proj\", ", with: ""
        ) { folder in try tiny.message { _ = try Adapter(folder: folder) } }
        #expect(
            more.contains("modules_to_save: names o_proj; adapter_model.safetensors has")
                && more.contains("layers.0.self_attn.k_proj whole as well"), "\(more)")
    }

    @Test("PEFT takes a name for all paths that end in its letters: a name of fewer modules is written as their paths")
    func letters() throws {
        func saved(_ names: [String], as written: [String]) throws {
            let configuration = AdapterConfiguration(targets: .named([])).saving(names)
            let list = written.map { "\"\($0)\"" }.joined(separator: ", ")
            try tiny.withFolder(configuration, replacing: "[\(list)]", with: "[\(list)]") { folder in
                let own = try Adapter(folder: folder)
                let found = try own.fitted(to: tiny.backbone.modules)
                #expect(found.configuration.modulesToSave == written && found.layout.names == own.layout.names)
            }
        }
        try saved(["norm"], as: ["model.norm"])
        try saved(["input_layernorm"], as: ["input_layernorm"])
        try saved(["embed_tokens", "o_proj"], as: ["embed_tokens", "o_proj"])
        try saved(["model.layers.1.mlp.up_proj"], as: ["model.layers.1.mlp.up_proj"])
        // As PEFT writes it: by letters, or by a module that holds others.
        let norms = "\"input_layernorm\", \"post_attention_layernorm\""
        for (names, written, read) in [
            (["input_layernorm", "post_attention_layernorm", "norm"], norms + ", \"model.norm\"", "norm"),
            (["input_layernorm", "post_attention_layernorm"], norms, "layernorm"),
            (["gate_proj", "up_proj", "down_proj"], "\"gate_proj\", \"up_proj\", \"down_proj\"", "mlp"),
        ] {
            let configuration = AdapterConfiguration(targets: .named([])).saving(names)
            try tiny.withFolder(configuration, replacing: "[\(written)]", with: "[\"\(read)\"]") { folder in
                let found = try Adapter(folder: folder).fitted(to: tiny.backbone.modules)
                #expect(Set(found.configuration.modulesToSave) == Set(names), "\(read)")
            }
        }
    }
}

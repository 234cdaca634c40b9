import Diagnostics
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Weights

@Suite("Adapters as PEFT stores them")
struct AdapterFileTests {
    let backbone: any AdaptableBackbone

    init() throws { backbone = try TinyLlama.ofFormula.backbone(LinearMaker(isDifferentiable: true)) }

    func adapter(_ configuration: AdapterConfiguration) throws -> Adapter {
        let layout = try backbone.parameterLayout(of: configuration)
        let values = layout.names.flatMap { FormulaNumbers.floats($0, count: layout[$0]?.count ?? 0, within: 0.2) }
        return Adapter(
            configuration: configuration, layout: layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count, values)))
    }

    /// A written adapter's folder, its configuration changed by replacing texts.
    func withFolder<R>(
        _ configuration: AdapterConfiguration = AdapterConfiguration(rank: 2, alpha: 4),
        replacing old: String = "", with new: String = "", _ body: (String) throws -> R
    ) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            try adapter(configuration).write(folder: folder, base: AdapterBase("tiny \"quoted\""))
            let path = folder + "/adapter_config.json"
            let text = try TextFile.text(of: path)
            #expect(old.isEmpty || text.contains(old), "\(old)")
            if !old.isEmpty { try AtomicFile.replace(path, with: text.replacing(old, with: new)) }
            return try body(folder)
        }
    }

    func message(_ body: () throws -> Void) throws -> String {
        try #require(throws: Diagnostic.self, performing: body).description
    }

    private func refusal(_ old: String, _ new: String) throws -> String {
        try withFolder(replacing: old, with: new) { folder in try message { _ = try Adapter(folder: folder) } }
    }

    @Test(
        "What is written is read back by a bit, for any choice of maps and layers",
        arguments: [
            AdapterConfiguration(rank: 2, alpha: 4),
            AdapterConfiguration(rank: 1, alpha: 0.5, dropout: 0.25, targets: .named(["q_proj", "down_proj"])),
            AdapterConfiguration(rank: 5, alpha: 7, targets: .named(["v_proj"]), layers: [2, 0]),
            AdapterConfiguration(targets: .named(["v_proj"])).saving([
                "layers.0.mlp.down_proj", "layers.2.self_attn.q_proj",
            ]),
            AdapterConfiguration(targets: .named([])).saving(["layers.1.self_attn.k_proj"]),
        ])
    func roundTrip(configuration: AdapterConfiguration) throws {
        var configuration = configuration
        for squareRoot in [false, true] {
            configuration.scalesBySquareRoot = squareRoot
            try withFolder(configuration) { folder in
                let written = try adapter(configuration)
                let read = try Adapter(folder: folder).fitted(to: backbone.modules)
                #expect(read.configuration == configuration)
                #expect(read.layout.names == written.layout.names)
                #expect(read.values.array(row: 0).bits == written.values.array(row: 0).bits)
                let digest = try Adapter.sha256(folder: folder)
                try read.write(folder: folder, base: AdapterBase("another name"))
                #expect(try Adapter.sha256(folder: folder) != digest)
            }
        }
    }

    @Test("A folder that PEFT wrote is read: its numbers by a bit, its names of all linear maps")
    func writtenByPEFT() throws {
        let found = try Fixtures.withPEFTAdapter { try Adapter(folder: $0).fitted(to: backbone.modules) }
        let expected = try adapter(AdapterConfiguration(rank: 2, alpha: 4))
        #expect(found.configuration == expected.configuration)
        #expect(found.layout.names == expected.layout.names)
        #expect(found.values.array(row: 0).bits == expected.values.array(row: 0).bits)
    }

    @Test("Names in whole, as PEFT writes them for all-linear, mean what the short ones do")
    func names() throws {
        let list =
            "\"target_modules\": [\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\", \"gate_proj\", \"up_proj\", \"down_proj\"]"
        let whole = (0..<3).flatMap { layer in
            TinyLlama.mapPaths.map { "\"model.layers.\(layer).\($0)\"" }
        }
        let parts = TinyLlama.mapPaths.map { "\"\($0)\"" }
        for names in [whole.joined(separator: ", "), parts.joined(separator: ", ")] {
            try withFolder(replacing: list, with: "\"target_modules\": [\(names)]") { folder in
                let found = try Adapter(folder: folder).fitted(to: backbone.modules).configuration
                #expect(found == AdapterConfiguration(rank: 2, alpha: 4))
            }
        }
        try withFolder(replacing: list, with: "\"target_modules\": \"all-linear\"") { folder in
            let found = try Adapter(folder: folder).configuration.targets
            #expect(found == .all)
        }
        for name in ["mlp.q_proj", "c_attn", "lm_heads"] {
            let found = try refusal("\"q_proj\"", "\"\(name)\"")
            #expect(found.contains("adapter_config.json:14:21: target_modules: names \(name), k_proj"), "\(found)")
            #expect(found.contains("adapter_model.safetensors has low-rank factors of q_proj as well"), "\(found)")
        }
        let more = try refusal("\"q_proj\"", "\"q_proj\", \"c_attn\"")
        #expect(more.contains("target_modules[1]: names c_attn, of which adapter_model"), "\(more)")
    }

    private static let allMaps =
        "\"target_modules\": [\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\", \"gate_proj\", \"up_proj\", \"down_proj\"]"

    @Test(
        "An expression of target_modules means the modules whose whole path it matches",
        arguments: [
            (#".*_proj"#, nil), (#"model\\.layers\\.\\d+\\.(self_attn|mlp)\\.\\w+"#, nil),
            (#".*\\.[qkvo]_proj"#, "doesn't match model.layers.0.mlp.down_proj"), (#"q_proj"#, "doesn't match"),
            (#"*_proj"#, "or a regular expression"), ("", "or a regular expression"),
            (#"(([a-z0-9_.]|[a-z]+)+)+[A-Z]"#, "can't be searched"),
        ])
    func expressions(pattern: String, message: String?) throws {
        let new = "\"target_modules\": \"\(pattern)\""
        guard let message else {
            return try withFolder(replacing: Self.allMaps, with: new) { folder in
                let found = try Adapter(folder: folder).fitted(to: backbone.modules).configuration
                #expect(found == AdapterConfiguration(rank: 2, alpha: 4))
            }
        }
        let found = try refusal(Self.allMaps, new)
        #expect(found.contains(message), "\(found)")
    }

    @Test("An expression that means more modules than have factors is refused with the backbone")
    func expressionOfMore() throws {
        let old = "\"target_modules\": [\"q_proj\", \"k_proj\"]"
        let some = AdapterConfiguration(rank: 2, alpha: 4, targets: .named(["q_proj", "k_proj"]))
        try withFolder(some, replacing: old, with: "\"target_modules\": \".*[qkv]_proj\"") { folder in
            let adapter = try Adapter(folder: folder)
            let found = try message { _ = try adapter.fitted(to: backbone.modules) }
            #expect(found.contains("means model.layers.0.self_attn.v_proj"), "\(found)")
        }
        try withFolder(
            AdapterConfiguration(rank: 2, alpha: 4, layers: [0]), replacing: Self.allMaps,
            with: "\"target_modules\": \".*_proj\""
        ) { folder in
            let found = try message { _ = try Adapter(folder: folder) }
            #expect(found.contains("layers_to_transform") && found.contains("expected null"), "\(found)")
        }
    }

    @Test("Ranks and alphas of modules of their own give the products that PEFT gives")
    func patterns() throws {
        let plain = try adapter(AdapterConfiguration(rank: 2, alpha: 4)).fitted(to: backbone.modules)
        let (rank, alpha) = ("\"r\": 2", "\"lora_alpha\": ")
        // Of two expressions the first that matches counts, and one need only match a path's end.
        let ranks = #""r": 7, "rank_pattern": {"self_attn\\..*": 2, "q_proj": 9, "mlp\\.[a-z]+_proj": 2}"#
        let alphas = #", "alpha_pattern": {"layers.1.*": 8, "o_proj": 1}"#
        try withFolder(replacing: rank, with: ranks + alphas) { folder in
            let read = try Adapter(folder: folder).fitted(to: backbone.modules)
            #expect(read.configuration.rank == 2 && read.configuration.scale == 1)
            #expect(read.layout.names == plain.layout.names)
            for name in plain.layout.names where name.hasSuffix(".lora_B.weight") {
                let place = try #require(plain.layout[name])
                let scale: Float = name.contains(".layers.1.") ? 4 : name.contains("o_proj") ? 0.5 : 2
                let numbers = plain.values.array(row: 0)[place.range].map { $0 * scale }
                #expect(Array(read.values.array(row: 0)[place.range]).bits == numbers.bits, "\(name)")
            }
        }
        #expect(try refusal(rank, #""r": 2, "rank_pattern": {"q_proj": 4}"#).contains("expected the rank 4"))
        #expect(try refusal(rank, #""r": 2, "rank_pattern": {"(": 4}"#).contains("a regular expression as the key"))
        #expect(try refusal(alpha, #""alpha_pattern": {"q_proj": 0}, "lora_alpha": "#).contains("a number above 0"))
    }

    @Test("Every setting that would change the result and isn't known is refused with its line")
    func settings() throws {
        let bias = "\"bias\": \"none\""
        #expect(try refusal(bias, "\"bias\": \"all\"").contains("adapter_config.json:3:11: bias: expected \"none\""))
        for (key, value) in [
            ("use_dora", "true"), ("lora_bias", "true"), ("megatron_config", "{\"a\": 1}"), ("use_qalora", "true"),
            ("layer_replication", "[[0, 2], [1, 3]]"), ("alora_invocation_tokens", "[1, 2]"),
            ("trainable_token_indices", "[7]"), ("loftq_config", "{\"loftq_bits\": 4}"),
            ("something_of_next_year", "0.5"),
        ] {
            let found = try refusal(bias, bias + ",\n\"\(key)\": \(value)")
            #expect(found.contains("adapter_config.json:4:") && found.contains("\(key) is not supported"), "\(found)")
        }
        for off in ["null", "false", "{}", "[]", "\"\""] {
            try withFolder(replacing: bias, with: bias + ", \"use_dora\": \(off), \"next_year\": \(off)") { folder in
                _ = try Adapter(folder: folder)
            }
        }
        #expect(try refusal("\"LORA\"", "\"IA3\"").contains("expected \"LORA\", the one kind of adapter known here"))
        #expect(try refusal("\"r\": 2", "\"r\": 0").contains("expected a rank from 1 to 65536"))
        #expect(try refusal("\"r\": 2", "\"rr\": 2").contains("\"r\""))
        #expect(try refusal("\"lora_alpha\": ", "\"lora_alpha\": \"4\", \"old\": ").contains("expected a number"))
        for (number, range) in [("1e39", "float32"), ("-1e39", "float32"), ("1e400", "double precision")] {
            let found = try refusal("\"lora_alpha\": ", "\"lora_alpha\": \(number), \"revision\": ")
            #expect(found.contains("lora_alpha: expected a number within \(range), found \(number)"), "\(found)")
        }
        let start = "\"init_lora_weights\": true"
        #expect(
            try refusal(start, "\"init_lora_weights\": \"pissa_niter_4\"").contains("leaves the backbone's weights"))
        try withFolder(replacing: start, with: "\"init_lora_weights\": \"gaussian\"") { _ = try Adapter(folder: $0) }
        #expect(try refusal("{", "").contains("expected"))
    }

    /// The folder's weights, written anew by `change`.
    private func refusal(_ change: (SafetensorsFile, inout SafetensorsWriter) throws -> Void) throws -> String {
        try withFolder { folder in
            let path = folder + "/adapter_model.safetensors"
            var writer = SafetensorsWriter()
            try change(SafetensorsFile(path), &writer)
            try writer.write(to: path)
            return try message { _ = try Adapter(folder: folder) }
        }
    }

    @Test("A factor that is missing, left over or misshapen is refused with its name")
    func tensors() throws {
        let name = "base_model.model.model.layers.1.self_attn.k_proj.lora_B.weight"
        let missing = try refusal { file, writer in
            for tensor in file.tensors where tensor.name != name { writer.add(.init(copying: tensor)) }
        }
        #expect(missing.contains("layer 1 lacks a low-rank factor of self_attn.k_proj"), "\(missing)")
        for extra in ["base_model.model.visual.lora_A.weight", name.replacing("k_proj", with: "c_proj"), "x"] {
            let found = try refusal { file, writer in
                for tensor in file.tensors { writer.add(.init(copying: tensor)) }
                writer.add(.init(extra, shape: [2, 24], values: Array(repeating: 0, count: 48)))
            }
            let module = extra.split(separator: ".").suffix(3).first ?? "x"
            #expect(
                found.contains("found the tensor \"\(extra)\" of the shape [2, 24]")
                    || found.contains("target_modules: names q_proj, ") && found.contains(module), "\(found)")
        }
        let rank = try refusal { file, writer in
            for tensor in file.tensors where tensor.name != name { writer.add(.init(copying: tensor)) }
            writer.add(.init(name, shape: [12, 3], values: Array(repeating: 0, count: 36)))
        }
        #expect(
            rank.contains("r: expected the rank 2 in adapter_model.safetensors, found 2 and 3 in model.layers.1."),
            "\(rank)")
        let fewer = try refusal { file, writer in
            for tensor in file.tensors where !tensor.name.contains("q_proj") { writer.add(.init(copying: tensor)) }
        }
        #expect(
            fewer.contains("target_modules[0]: names q_proj, of which adapter_model.safetensors has no"), "\(fewer)")
        let twice = try refusal { file, writer in
            for tensor in file.tensors {
                writer.add(.init(copying: tensor))
                writer.add(
                    .init(
                        copying: tensor,
                        as: tensor.name.replacing("lora_A.", with: "lora_A.default.")
                            .replacing("lora_B.", with: "lora_B.default.")))
            }
        }
        #expect(twice.contains("the same low-rank factor twice: "), "\(twice)")
        let none = try refusal { _, writer in writer.add(.init("x", shape: [1], values: [0])) }
        #expect(none.contains("\"x\""))
    }

    @Test("Layers that the configuration names and the weights don't have are refused")
    func layers() throws {
        let chosen = AdapterConfiguration(rank: 2, layers: [0, 2])
        let found = try withFolder(chosen, replacing: "[0, 2]", with: "[0, 1]") { folder in
            try message { _ = try Adapter(folder: folder) }
        }
        #expect(
            found.contains("layers_to_transform: adapts the layers [0, 1], adapter_model.safetensors [0, 2]"),
            "\(found)")
    }

    @Test("Pickled weights are never read; a folder without its files says which are expected")
    func files() throws {
        try withFolder { folder in
            let weights = folder + "/adapter_model.safetensors"
            let whole = try Data(contentsOf: URL(fileURLWithPath: weights))
            for count in [0, 7, 300, whole.count - 1] {
                try whole.prefix(count).write(to: URL(fileURLWithPath: weights))
                #expect(try message { _ = try Adapter(folder: folder) }.contains("adapter_model.safetensors"))
            }
            try FileManager.default.removeItem(atPath: weights)
            #expect(try message { _ = try Adapter(folder: folder) }.contains("adapter_model.safetensors"))
            try AtomicFile.replace(folder + "/adapter_model.bin", with: "x")
            let pickle = try message { _ = try Adapter(folder: folder) }
            #expect(pickle.contains("is a Python pickle") && pickle.contains("safe_serialization=True"))
            try FileManager.default.removeItem(atPath: folder + "/adapter_config.json")
            #expect(try message { _ = try Adapter(folder: folder) }.contains("expected an adapter_config.json"))
        }
    }

    @Test("An adapter of another model is refused when it is merged")
    func otherModel() throws {
        let deep = try message {
            _ = try TinyLlama(layers: 2).merged(adapter(AdapterConfiguration(layers: [2])))
        }
        #expect(deep.contains("cannot adapt layer 2"), "\(deep)")
        for (configuration, expected) in [
            (
                AdapterConfiguration(rank: 2, layers: [2]),
                "adapter_config.json:8:26: layers_to_transform: the adapter was made"
            ),
            (
                AdapterConfiguration(targets: .named([])).saving(["layers.2.mlp.up_proj"]),
                "adapter_config.json:11:22: modules_to_save: the adapter was made for another model: unknown module"
            ),
        ] {
            try withFolder(configuration) { folder in
                let found = try message { _ = try TinyLlama(layers: 2).merged(Adapter(folder: folder)) }
                #expect(found.contains(expected), "\(found)")
            }
        }
        let name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
        try withFolder { folder in
            let path = folder + "/adapter_model.safetensors"
            var writer = SafetensorsWriter()
            for tensor in try SafetensorsFile(path).tensors where tensor.name != name {
                writer.add(.init(copying: tensor))
            }
            writer.add(.init(name, shape: [2, 25], values: Array(repeating: 0, count: 50)))
            try writer.write(to: path)
            let wide = try message {
                _ = try TinyLlama.ofFormula.merged(Adapter(folder: folder))
            }
            #expect(wide.contains("\"\(name)\" has the shape [2, 25], expected [2, 24]"), "\(wide)")
        }
    }

    @Test("Maps that are trained whole are named as PEFT names them, once, and are maps of the model")
    func modulesToSave() throws {
        func names(_ modules: [String], targets: AdapterConfiguration.Targets = .named([]), layers: [Int]? = nil) throws
            -> [String]
        {
            try backbone.parameterLayout(of: AdapterConfiguration(targets: targets, layers: layers).saving(modules))
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
        let both = try message { _ = try names(["down_proj"], targets: .named(["down_proj"]), layers: [2]) }
        #expect(both.contains("model.layers.2.mlp.down_proj would be trained both whole and by low-rank"), "\(both)")
        let unknown = try message { _ = try names(["layers.2.mlp.dwn_proj"]) }
        #expect(unknown.contains("did you mean \"layers.2.mlp.down_proj\""), "\(unknown)")
        #expect(try message { _ = try names(["proj"]) }.contains("unknown module"))
        #expect(try message { _ = try names(["layers.3.mlp.up_proj"]) }.contains("unknown module"))
        // A name that is in the configuration alone.
        let missing = try refusal("\"modules_to_save\": null", "\"modules_to_save\": [\"embed_tokens\"]")
        #expect(
            missing.contains("adapter_config.json:11:23: modules_to_save[0]: names embed_tokens, of which"),
            "\(missing)")
        let more = try withFolder(
            AdapterConfiguration(targets: .named([])).saving(["k_proj", "o_proj"]), replacing: "\"k_proj\", ", with: ""
        ) { folder in try message { _ = try Adapter(folder: folder) } }
        #expect(
            more.contains("modules_to_save: names o_proj; adapter_model.safetensors has")
                && more.contains("layers.0.self_attn.k_proj whole as well"), "\(more)")
    }

    @Test("PEFT takes a name for all paths that end in its letters: a name of fewer modules is written as their paths")
    func letters() throws {
        func saved(_ names: [String], as written: [String]) throws {
            let configuration = AdapterConfiguration(targets: .named([])).saving(names)
            let list = written.map { "\"\($0)\"" }.joined(separator: ", ")
            try withFolder(configuration, replacing: "[\(list)]", with: "[\(list)]") { folder in
                let own = try Adapter(folder: folder)
                let found = try own.fitted(to: backbone.modules)
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
            try withFolder(configuration, replacing: "[\(written)]", with: "[\"\(read)\"]") { folder in
                let found = try Adapter(folder: folder).fitted(to: backbone.modules)
                #expect(Set(found.configuration.modulesToSave) == Set(names), "\(read)")
            }
        }
    }

    @Test(
        "Merged into the weights an adapter gives what it gives on the fly, within 1e-5",
        arguments: [
            AdapterConfiguration(rank: 3, alpha: 6),
            AdapterConfiguration(rank: 3, alpha: 6, targets: .named(["v_proj", "up_proj"])).saving([
                "o_proj", "k_proj", "q_proj",
            ]),
        ])
    func merged(configuration: AdapterConfiguration) throws {
        let adapter = try adapter(configuration)
        let model = TinyLlama.ofFormula
        let readouts = try plans.map {
            try Readout(attention: $0, layer: .last, rows: .all, layerCount: model.layers)
        }
        let batch = sequences([5, 1, 9])
        let plain = try read(readouts, of: batch, by: backbone)
        let onTheFly = try read(readouts, of: batch, by: try backbone.adapted(by: adapter))
        for isResident in [true, false] {
            let found = try read(readouts, of: batch, by: model.merged(adapter, isResident: isResident))
            for (index, states) in found.enumerated() {
                let difference = Difference(states.flatMap(\.self), onTheFly[index].flatMap(\.self))
                #expect(difference.relative < 1e-5, "\(plans[index]): \(difference)")
                #expect(Difference(states.flatMap(\.self), plain[index].flatMap(\.self)).relative > 0.01)
            }
        }
    }
}

extension AdapterConfiguration {
    func saving(_ modules: [String]) -> AdapterConfiguration {
        var configuration = self
        configuration.modulesToSave = modules
        return configuration
    }
}

extension TinyLlama {
    func merged(_ adapter: Adapter, isResident: Bool = true) throws -> any Backbone {
        try Checkpoint(gguf: GGUFFile(MappedFile(gguf, as: "tiny.gguf")))
            .backbone(LinearMaker(), isResident: isResident, merging: adapter)
    }
}

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
    private let tiny: AdapterSamples

    init() throws { tiny = try AdapterSamples() }

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
            try tiny.withFolder(configuration) { folder in
                let written = try tiny.adapter(configuration)
                let read = try Adapter(folder: folder).fitted(to: tiny.backbone.modules)
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
        let found = try Fixtures.withPEFTAdapter { try Adapter(folder: $0).fitted(to: tiny.backbone.modules) }
        let expected = try tiny.adapter(AdapterConfiguration(rank: 2, alpha: 4))
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
            try tiny.withFolder(replacing: list, with: "\"target_modules\": [\(names)]") { folder in
                let found = try Adapter(folder: folder).fitted(to: tiny.backbone.modules).configuration
                #expect(found == AdapterConfiguration(rank: 2, alpha: 4))
            }
        }
        try tiny.withFolder(replacing: list, with: "\"target_modules\": \"all-linear\"") { folder in
            let found = try Adapter(folder: folder).configuration.targets
            #expect(found == .all)
        }
        for name in ["mlp.q_proj", "c_attn", "lm_heads"] {
            let found = try tiny.refusal("\"q_proj\"", "\"\(name)\"")
            #expect(found.contains("adapter_config.json:14:21: target_modules: names \(name), k_proj"), "\(found)")
            #expect(found.contains("adapter_model.safetensors has low-rank factors of q_proj as well"), "\(found)")
        }
        let more = try tiny.refusal("\"q_proj\"", "\"q_proj\", \"c_attn\"")
        #expect(more.contains("target_modules[1]: names c_attn, of which adapter_model"), "\(more)")
    }

    @Test("Every setting that would change the result and isn't known is refused with its line")
    func settings() throws {
        let bias = "\"bias\": \"none\""
        #expect(
            try tiny.refusal(bias, "\"bias\": \"all\"").contains("adapter_config.json:3:11: bias: expected \"none\""))
        for (key, value) in [
            ("use_dora", "true"), ("lora_bias", "true"), ("megatron_config", "{\"a\": 1}"), ("use_qalora", "true"),
            ("layer_replication", "[[0, 2], [1, 3]]"), ("alora_invocation_tokens", "[1, 2]"),
            ("trainable_token_indices", "[7]"), ("loftq_config", "{\"loftq_bits\": 4}"),
            ("something_of_next_year", "0.5"),
        ] {
            let found = try tiny.refusal(bias, bias + ",\n\"\(key)\": \(value)")
            #expect(found.contains("adapter_config.json:4:") && found.contains("\(key) is not supported"), "\(found)")
        }
        for off in ["null", "false", "{}", "[]", "\"\""] {
            try tiny.withFolder(replacing: bias, with: bias + ", \"use_dora\": \(off), \"next_year\": \(off)") {
                folder in
                _ = try Adapter(folder: folder)
            }
        }
        #expect(
            try tiny.refusal("\"LORA\"", "\"IA3\"").contains("expected \"LORA\", the one kind of adapter known here"))
        #expect(try tiny.refusal("\"r\": 2", "\"r\": 0").contains("expected a rank from 1 to 65536"))
        #expect(try tiny.refusal("\"r\": 2", "\"rr\": 2").contains("\"r\""))
        #expect(try tiny.refusal("\"lora_alpha\": ", "\"lora_alpha\": \"4\", \"old\": ").contains("expected a number"))
        for (number, range) in [("1e39", "float32"), ("-1e39", "float32"), ("1e400", "double precision")] {
            let found = try tiny.refusal("\"lora_alpha\": ", "\"lora_alpha\": \(number), \"revision\": ")
            #expect(found.contains("lora_alpha: expected a number within \(range), found \(number)"), "\(found)")
        }
        let start = "\"init_lora_weights\": true"
        #expect(
            try tiny.refusal(start, "\"init_lora_weights\": \"pissa_niter_4\"").contains(
                "leaves the backbone's weights"))
        try tiny.withFolder(replacing: start, with: "\"init_lora_weights\": \"gaussian\"") {
            _ = try Adapter(folder: $0)
        }
        #expect(try tiny.refusal("{", "").contains("expected"))
    }

    /// The folder's weights, written anew by `change`.
    private func refusal(_ change: (SafetensorsFile, inout SafetensorsWriter) throws -> Void) throws -> String {
        try tiny.withFolder { folder in
            let path = folder + "/adapter_model.safetensors"
            var writer = SafetensorsWriter()
            try change(SafetensorsFile(path), &writer)
            try writer.write(to: path)
            return try tiny.message { _ = try Adapter(folder: folder) }
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
        let found = try tiny.withFolder(chosen, replacing: "[0, 2]", with: "[0, 1]") { folder in
            try tiny.message { _ = try Adapter(folder: folder) }
        }
        #expect(
            found.contains("layers_to_transform: adapts the layers [0, 1], adapter_model.safetensors [0, 2]"),
            "\(found)")
    }

    @Test("Pickled weights are never read; a folder without its files says which are expected")
    func files() throws {
        try tiny.withFolder { folder in
            let weights = folder + "/adapter_model.safetensors"
            let whole = try Data(contentsOf: URL(fileURLWithPath: weights))
            for count in [0, 7, 300, whole.count - 1] {
                try whole.prefix(count).write(to: URL(fileURLWithPath: weights))
                #expect(try tiny.message { _ = try Adapter(folder: folder) }.contains("adapter_model.safetensors"))
            }
            try FileManager.default.removeItem(atPath: weights)
            #expect(try tiny.message { _ = try Adapter(folder: folder) }.contains("adapter_model.safetensors"))
            try AtomicFile.replace(folder + "/adapter_model.bin", with: "x")
            let pickle = try tiny.message { _ = try Adapter(folder: folder) }
            #expect(pickle.contains("is a Python pickle") && pickle.contains("safe_serialization=True"))
            try FileManager.default.removeItem(atPath: folder + "/adapter_config.json")
            #expect(try tiny.message { _ = try Adapter(folder: folder) }.contains("expected an adapter_config.json"))
        }
    }

    @Test("An adapter of another model is refused when it is merged")
    func otherModel() throws {
        let deep = try tiny.message {
            _ = try TinyLlama(layers: 2).merged(tiny.adapter(AdapterConfiguration(layers: [2])))
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
            try tiny.withFolder(configuration) { folder in
                let found = try tiny.message { _ = try TinyLlama(layers: 2).merged(Adapter(folder: folder)) }
                #expect(found.contains(expected), "\(found)")
            }
        }
        let name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
        try tiny.withFolder { folder in
            let path = folder + "/adapter_model.safetensors"
            var writer = SafetensorsWriter()
            for tensor in try SafetensorsFile(path).tensors where tensor.name != name {
                writer.add(.init(copying: tensor))
            }
            writer.add(.init(name, shape: [2, 25], values: Array(repeating: 0, count: 50)))
            try writer.write(to: path)
            let wide = try tiny.message {
                _ = try TinyLlama.ofFormula.merged(Adapter(folder: folder))
            }
            #expect(wide.contains("\"\(name)\" has the shape [2, 25], expected [2, 24]"), "\(wide)")
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
        let adapter = try tiny.adapter(configuration)
        let model = TinyLlama.ofFormula
        let readouts = try plans.map {
            try Readout(attention: $0, layer: .last, rows: .all, layerCount: model.layers)
        }
        let batch = sequences([5, 1, 9])
        let plain = try read(readouts, of: batch, by: tiny.backbone)
        let onTheFly = try read(readouts, of: batch, by: try tiny.backbone.adapted(by: adapter))
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

import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Weights

/// The families in GGUF files, by the names that the gguf package gives their tensors.
@Suite struct FamilyGGUFTests {
    private static let models = ((try? GoldenModel.families()) ?? []).filter { !$0.ggufNames.isEmpty }

    /// What llama.cpp's converter writes of the configurations in `dump_families.py`.
    private func metadata(_ model: GoldenModel) -> [(key: String, value: GGUFWriter.Value)] {
        let name = model.name
        var keys: [(key: String, value: GGUFWriter.Value)] = [
            ("block_count", .uint32(name == "gemma3" ? 3 : 2)),
            ("embedding_length", .uint32(name == "phi3" ? 32 : 16)),
            ("feed_forward_length", .uint32(name == "gpt2" ? 64 : 20)),
            ("attention.head_count", .uint32(name == "gpt2" ? 2 : 4)),
            ("context_length", .uint32(32)),
        ]
        if name == "gpt2" {
            keys.append(("attention.layer_norm_epsilon", .float32(1e-5)))
        } else {
            keys.append(("attention.head_count_kv", .uint32(2)))
            keys.append(("attention.layer_norm_rms_epsilon", .float32(name == "phi3" ? 1e-5 : 1e-6)))
        }
        switch name {
        case "qwen2": keys.append(("rope.freq_base", .float32(70)))
        case "qwen3": keys += [("rope.freq_base", .float32(80)), ("attention.key_length", .uint32(6))]
        case "gemma2":
            keys += [
                ("rope.freq_base", .float32(60)), ("attention.key_length", .uint32(6)),
                ("attention.sliding_window", .uint32(4)), ("attn_logit_softcapping", .float32(2)),
            ]
        case "gemma3":
            keys += [
                ("rope.freq_base", .float32(900)), ("rope.freq_base_swa", .float32(30)),
                ("rope.scaling.type", .string("linear")), ("rope.scaling.factor", .float32(2)),
                ("attention.key_length", .uint32(6)), ("attention.sliding_window", .uint32(4)),
                ("attention.sliding_window_pattern", .uint32(3)),
            ]
        case "phi3": keys += [("rope.freq_base", .float32(40)), ("rope.dimension_count", .uint32(6))]
        default: break
        }
        return [("general.architecture", .string(name))] + keys.map { ("\(name).\($0.key)", $0.value) }
    }

    /// The tensors as the converter writes them: Gemma's norms with 1 added, GPT-2's linear maps transposed.
    private func tensors(_ model: GoldenModel) -> [GGUFWriter.Tensor] {
        model.tensors.map { tensor in
            var (values, shape) = (tensor.values, tensor.shape)
            if model.name.hasPrefix("gemma"), shape.count == 1 { values = values.map { $0 + 1 } }
            if model.name == "gpt2", tensor.name.contains(/c_(attn|proj|fc)\.weight/) {
                let columns = shape[1]
                values = (0..<columns).flatMap { column in
                    stride(from: column, to: values.count, by: columns).map { values[$0] }
                }
                shape.reverse()
            }
            return GGUFWriter.Tensor(
                name: model.ggufNames[tensor.name] ?? "?", dimensions: shape.reversed().map { UInt64($0) },
                data: littleEndian(values.map(\.bitPattern)))
        }
    }

    @Test("a GGUF file gives the hidden states of the Hugging Face folder", arguments: models)
    func golden(model: GoldenModel) throws {
        let bytes = GGUFWriter(metadata: metadata(model), tensors: tensors(model)).bytes
        let file = try GGUFFile(MappedFile(bytes, as: "\(model.name).gguf"))
        let backbone = try Checkpoint(gguf: file).backbone(LinearMaker())
        for (plan, expected) in [(AttentionPlan.none, model.causal ?? []), (.all, model.bidirectional)] {
            let readouts = try (0...backbone.layerCount).map {
                try Readout(attention: plan, layer: HiddenLayer($0), rows: .all, layerCount: backbone.layerCount)
            }
            let found = try read(readouts, of: [model.tokens], by: backbone)
            #expect(expected.count == backbone.layerCount + 1)
            for (layer, pair) in zip(found, expected).enumerated() {
                let difference = Difference(pair.0[0], pair.1)
                #expect(difference.largest / max(1, difference.scale) < 1e-4, "\(plan), \(layer): \(difference)")
            }
        }
    }

    @Test("the golden file has names for every family that is read from GGUF")
    func complete() {
        #expect(Self.models.map(\.name).sorted() == ["gemma2", "gemma3", "gpt2", "phi3", "qwen2", "qwen3"])
    }
}

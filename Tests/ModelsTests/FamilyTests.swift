import Diagnostics
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Weights

/// Every architecture family against transformers.
@Suite struct FamilyTests {
    private static let models: [GoldenModel] = (try? GoldenModel.families()) ?? []

    private func backbone(_ model: GoldenModel, _ maker: LinearMaker = LinearMaker()) throws -> any Backbone {
        try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            return try Checkpoint(path: folder).backbone(maker)
        }
    }

    /// All hidden layers of the golden tokens.
    private func states(_ backbone: any Backbone, _ model: GoldenModel, _ plan: AttentionPlan) throws -> [[Float]] {
        let readouts = try (0...backbone.layerCount).map {
            try Readout(attention: plan, layer: HiddenLayer($0), rows: .all, layerCount: backbone.layerCount)
        }
        return try read(readouts, of: [model.tokens], by: backbone).map { $0[0] }
    }

    private func expect(_ found: [[Float]], _ expected: [[Float]], _ what: String) {
        #expect(found.count == expected.count)
        for (layer, pair) in zip(found, expected).enumerated() {
            let difference = Difference(pair.0, pair.1)
            #expect(
                difference.largest / max(1, difference.scale) < 1e-4, "\(what), hidden layer \(layer): \(difference)")
        }
    }

    @Test("all hidden layers equal transformers' within 1e-4, causal and bidirectional", arguments: models)
    func golden(model: GoldenModel) throws {
        let backbone = try backbone(model)
        if let causal = model.causal { expect(try states(backbone, model, .none), causal, "causal") }
        expect(try states(backbone, model, .all), model.bidirectional, "bidirectional")
    }

    @Test("the golden file has every family")
    func complete() throws {
        let tested = Set(
            try Self.models.map { try JSONDocument(Array($0.config.utf8), file: "config.json").root }
                .map { try $0.required("model_type").string() })
        #expect(
            Set(BackboneFamily.architectures).subtracting(tested) == [
                "gemma3", "xlm-roberta", "camembert", "nomic-bert",
                // Held against its release's code: ReleasedEncoderTests.
                "nvembed",
            ])
    }

    /// Tokens of any family's model, without RoBERTa's padding token.
    private static func batch(_ lengths: [Int]) -> [[Int32]] {
        sequences(lengths, vocabulary: 40).map { $0.map { $0 == 1 ? 3 : $0 } }
    }

    @Test(
        "a sequence packed with others has the bits that it has alone, and last tokens those of all", arguments: models)
    func packing(model: GoldenModel) throws {
        let backbone = try backbone(model)
        let workspace = Workspace()
        let batch = Self.batch([5, 1, 17, 2, 30])
        let plans: [AttentionPlan] = backbone.shape.isEncoder ? [.all] : [.none, .all, .last(1), .from(1)]
        for plan in plans {
            let readouts = try [RowSelection.all, .last].map {
                try Readout(attention: plan, layer: .last, rows: $0, layerCount: backbone.layerCount)
            }
            let together = try read(readouts, of: batch, by: backbone, workspace)
            for index in batch.indices {
                let alone = try read(readouts, of: [batch[index]], by: backbone, workspace)
                #expect(alone[0][0].bits == together[0][index].bits, "\(plan), sequence \(index)")
                #expect(alone[1][0].bits == together[1][index].bits, "\(plan), sequence \(index)")
                #expect(together[0][index].suffix(backbone.hiddenSize).map(\.bitPattern) == together[1][index].bits)
            }
        }
    }

    @Test("a shared prefix changes no bit", arguments: models)
    func sharedPrefix(model: GoldenModel) throws {
        let backbone = try backbone(model)
        let workspace = Workspace()
        let prefix: [Int32] = [3, 2, 4, 2, 5, 9]
        let batch = Self.batch([5, 1, 17])
        let plans: [AttentionPlan] = backbone.shape.isEncoder ? [.all] : [.none, .all, .last(1)]
        for plan in plans {
            let readout = try Readout(attention: plan, layer: .last, rows: .last, layerCount: backbone.layerCount)
            let shared = try read([readout], of: batch, after: prefix, by: backbone, workspace)[0]
            let whole = try read([readout], of: batch.map { prefix + $0 }, by: backbone, workspace)[0]
            #expect(shared.map(\.bits) == whole.map(\.bits), "\(plan)")
        }
    }

    @Test("bfloat16 stays near float32, and layers that aren't kept in memory give the same bits", arguments: models)
    func otherLoading(model: GoldenModel) throws {
        let plan = model.causal == nil ? AttentionPlan.all : .none
        let resident = try states(try backbone(model), model, plan)
        let rounded = try states(try backbone(model, LinearMaker(precision: .bfloat16)), model, plan)
        for (found, expected) in zip(rounded, resident) {
            #expect(Difference(found, expected).relative < 0.1)
        }
        let streamed = try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            let backbone = try Checkpoint(path: folder).backbone(LinearMaker(), isResident: false)
            return try states(backbone, model, plan)
        }
        #expect(streamed.map(\.bits) == resident.map(\.bits))
    }

    @Test("the cost that a plan foretells counts every weight of a layer", arguments: models)
    func shape(model: GoldenModel) throws {
        let shape = try backbone(model).shape
        // The first number of a name is the layer's; T5 has others behind it.
        let inLayers = model.tensors.filter {
            $0.shape.count == 2 && $0.name.firstMatch(of: /\.(\d+)\./)?.1 == "1"
        }
        #expect(shape.weightsPerLayer == inLayers.map { $0.shape.reduce(1, *) }.reduce(0, +))
        // T5's layers and BLOOM's know distances alone, any of them.
        let isUnlimited = model.name.contains("t5") || model.name.contains("bloom")
        #expect(shape.vocabularySize == 40 && shape.contextLength == (isUnlimited ? 32_768 : 32))
    }

    @Test("an encoder with a causal layer is refused, by its shape and by its forward pass")
    func encoder() throws {
        let model = try #require(Self.models.first { $0.name == "bert" })
        let backbone = try backbone(model)
        let error = try #require(throws: Diagnostic.self) { try backbone.shape.check(.last(1)) }
        #expect(error.description.contains("the model is an encoder") && error.description.contains("found last 1"))
        #expect(throws: Never.self) { try backbone.shape.check(.from(0)) }
        let readout = try Readout(attention: .none, layer: .last, rows: .all, layerCount: 2)
        #expect(throws: Diagnostic.self) { try read([readout], of: [[1, 2]], by: backbone) }
    }

    @Test("buffers that old checkpoints of BERT hold beside the weights are passed over")
    func buffers() throws {
        var model = try #require(Self.models.first { $0.name == "bert" })
        model.tensors += ["position_ids", "token_type_ids"].map {
            FormulaTensor(name: "embeddings.\($0)", shape: [1, 32])
        }
        #expect(throws: Never.self) { try backbone(model) }
    }

    @Test("missing, misshapen and left-over tensors are all named", arguments: models)
    func tensors(model: GoldenModel) throws {
        var broken = model
        let missing = try #require(broken.tensors.popLast { $0.shape.count == 2 && $0.name.contains(".1.") })
        let misshapen = try #require(broken.tensors.firstIndex { $0.shape.count == 1 })
        broken.tensors[misshapen].shape = [7]
        broken.tensors.append(FormulaTensor(name: "layers.9.extra", shape: [2, 2]))
        let message = try #require(throws: Diagnostic.self) { try backbone(broken) }.description
        #expect(message.contains("1 missing: \(missing.name)"))
        #expect(message.contains("\(broken.tensors[misshapen].name) has [7], expected"))
        #expect(message.contains("layers.9.extra"))
    }

    @Test(
        "NomicBERT as its authors publish it, with stacked maps and GPT-2's keys, has the states of transformers' folder"
    )
    func nomicAuthors() throws {
        let model = try #require(Self.models.first { $0.name == "nomic_bert" })
        let renamed = [
            ("layers.", "encoder.layers."), ("embeddings.LayerNorm", "emb_ln"), ("self_attn.o_proj", "attn.out_proj"),
            ("mlp.up_proj", "mlp.fc11"), ("mlp.gate_proj", "mlp.fc12"), ("mlp.down_proj", "mlp.fc2"),
            ("post_attention_layernorm", "norm1"), ("post_mlp_layernorm", "norm2"),
        ]
        var writer = SafetensorsWriter()
        var stacked: [String: [String: [Float]]] = [:]
        for tensor in model.tensors {
            if let match = tensor.name.firstMatch(of: /(layers\.\d)\.self_attn\.([qkv])_proj/) {
                stacked["encoder.\(match.1).attn.Wqkv.weight", default: [:]][String(match.2)] = tensor.values
                continue
            }
            let name = renamed.reduce(tensor.name) { $0.replacing($1.0, with: $1.1) }
            writer.add(.init(name, shape: tensor.shape, values: tensor.values))
        }
        for (name, parts) in stacked {
            writer.add(.init(name, shape: [48, 16], values: ["q", "k", "v"].flatMap { parts[$0] ?? [] }))
        }
        let backbone = try Fixtures.withTemporaryFolder { [writer] folder in
            try writer.write(to: folder + "/model.safetensors")
            try AtomicFile.replace(
                folder + "/config.json",
                with: """
                    {"model_type": "nomic_bert", "activation_function": "swiglu", "causal": false, "n_embd": 16, "n_head": 2,
                     "n_inner": 24, "n_layer": 2, "n_positions": 32, "layer_norm_epsilon": 1e-12, "prenorm": false,
                     "parallel_block": false, "qkv_proj_bias": false, "mlp_fc1_bias": false, "mlp_fc2_bias": false,
                     "rotary_emb_base": 30, "rotary_emb_fraction": 1.0, "rotary_emb_interleaved": false,
                     "rotary_emb_scale_base": null, "rotary_scaling_factor": null, "tie_word_embeddings": true,
                     "type_vocab_size": 2, "use_rms_norm": false, "vocab_size": 40}
                    """)
            return try Checkpoint(path: folder).backbone(LinearMaker())
        }
        expect(try states(backbone, model, .all), model.bidirectional, "stacked")
    }

    /// Buckets, the largest distance, and the first distance of each bucket behind the query.
    private static let otherBuckets = [
        (8, 9, [0, 1, 2, 5]), (16, 20, [0, 1, 2, 3, 4, 6, 9, 14]),
        (33, 64, [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 18, 23, 30, 39, 50]),
        (4, 2, [0, 1]), (10, 128, [0, 1, 2, 8, 32]),
    ]

    @Test("distances fall into the buckets that transformers gives MPNet and T5")
    func buckets() {
        // The first distance of each bucket behind the query, by MPNetEncoder.relative_position_bucket.
        let firsts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91]
        let positions = RelativePositions()
        for length in 0...600 {
            let bucket = (firsts.lastIndex { $0 <= length } ?? 0)
            #expect(positions.bucket(of: -length) == bucket)
            if length > 0 { #expect(positions.bucket(of: length) == 16 + bucket) }
        }
        // The same by T5Attention._relative_position_bucket of other buckets and distances.
        for (buckets, largest, firsts) in Self.otherBuckets {
            let positions = RelativePositions(buckets: buckets, largestDistance: largest)
            for length in 0...600 {
                #expect(positions.bucket(of: -length) == firsts.lastIndex { $0 <= length }, "\(buckets), \(length)")
            }
        }
    }

    /// A golden model with another text in its config.json.
    private func varied(_ name: String, _ old: String, _ new: String) throws -> GoldenModel {
        var model = try #require(Self.models.first { $0.name == name })
        try #require(model.config.contains(old))
        model.config = model.config.replacing(old, with: new)
        return model
    }

    @Test("a key that no reader knows is refused by name, with its place, in every family", arguments: models)
    func unknownKeys(model: GoldenModel) throws {
        var model = model
        model.config = "{\"sliding_widnow\": null, " + model.config.drop { $0 != "{" }.dropFirst()
        let error = try #require(throws: Diagnostic.self) { try backbone(model) }
        #expect(error.message.contains("unknown key \"sliding_widnow\"") && error.location?.line == 1, "\(error)")
        #expect(error.suggestion?.contains("ignore_keys: [sliding_widnow]") == true)
        try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            #expect(throws: Never.self) {
                try Checkpoint(path: folder, ignoring: ["sliding_widnow"]).backbone(LinearMaker())
            }
        }
    }

    @Test("is_causal: false makes a decoder an encoder; null there, and true in an encoder, are refused")
    func isCausal() throws {
        func model(_ name: String, _ value: String) throws -> GoldenModel {
            try varied(name, "\"vocab_size\"", "\"is_causal\": \(value), \"vocab_size\"")
        }
        #expect(try backbone(model("qwen3", "false")).shape.isEncoder)
        #expect(try !backbone(model("qwen3", "true")).shape.isEncoder)
        for (name, value, expected) in [
            ("mistral", "false", "no sliding window"), ("qwen3", "null", "expected true or false"),
            ("bert", "true", "expected false in an encoder"),
        ] {
            let error = try #require(throws: Diagnostic.self) { try backbone(model(name, value)) }
            #expect(error.message.contains(expected), "\(error)")
        }
        #expect(throws: Never.self) { try backbone(model("bert", "false")) }
    }

    @Test(
        "Factors for texts of one length are known in Phi 3 alone, whose context ends there",
        arguments: ["qwen3", "mistral"])
    func longRoPE(name: String) throws {
        let factors = "\"short_factor\": [1, 1, 1, 1], \"long_factor\": [2, 2, 2, 2]"
        let scaling = "{\"rope_type\": \"longrope\", \"original_max_position_embeddings\": 8, \(factors)}"
        var model = try varied(name, "\"vocab_size\"", "\"rope_scaling\": \(scaling), \"vocab_size\"")
        model.config = model.config.replacing("\"rope_parameters\"", with: "\"rope_parameters_of_old\"")
        let message = try #require(throws: Diagnostic.self) { try backbone(model) }.message
        #expect(
            message.contains("\"longrope\" is not supported in a \(name)") || message.contains("short factors"),
            "\(message)")
    }

    @Test("of two places that say one thing, which differ, the file is refused")
    func twoPlaces() throws {
        let model = try varied(
            "mistral", "\"vocab_size\"",
            "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2.0}, \"vocab_size\"")
        #expect(try #require(throws: Diagnostic.self) { try backbone(model) }.message.contains("to say the same"))
    }

    @Test("null where a number must stand is refused, not taken for a missing key", arguments: ["rms_norm_eps"])
    func nulls(key: String) throws {
        let model = try #require(Self.models.first { $0.name == "mistral" })
        var broken = model
        broken.config = model.config.replacing(try Regex("\"\(key)\": ?[0-9.e-]+"), with: "\"\(key)\": null")
        #expect(broken.config != model.config)
        #expect(
            try #require(throws: Diagnostic.self) { try backbone(broken) }.message.contains("\(key): expected a number")
        )
    }

    @Test(
        "a number that float32 doesn't hold, or that no epsilon is, is refused, not taken for infinity or zero",
        arguments: ["1e308", "1e39", "1e-60", "0", "-1e-5"])
    func beyondFloats(number: String) throws {
        var model = try #require(Self.models.first { $0.name == "mistral" })
        model.config = model.config.replacing(
            try Regex("\"rms_norm_eps\": ?[0-9.e-]+"), with: "\"rms_norm_eps\": \(number)")
        let error = try #require(throws: Diagnostic.self) { try backbone(model) }
        #expect(
            error.message.contains("rms_norm_eps: expected a number above 0 and within float32, found \(number)"),
            "\(error)")
    }

    @Test("what a family's layers don't do is refused with what was expected")
    func refused() throws {
        func message(_ name: String, _ old: String, _ new: String) throws -> String {
            var model = try #require(Self.models.first { $0.name == name })
            #expect(model.config.contains(old), "\(old)")
            model.config = model.config.replacing(old, with: new)
            return try #require(throws: Diagnostic.self) { try backbone(model) }.description
        }
        #expect(
            try message("phi3", "\"rope_type\":\"default\"", "\"rope_type\":\"proportional\"")
                .contains("\"proportional\" is not supported; expected one of"))
        #expect(
            try message("phi3 with longrope", "\"short_factor\":[1.0,", "\"short_factor\":[1.0,2.0,")
                .contains("expected 2 short factors of rotary positions, found 3"))
        #expect(
            try message("phi3 with longrope", "\"short_factor\"", "\"shortfactor\"").contains("\"short_factor\""))
        #expect(
            try message("opt", "\"do_layer_norm_before\":true", "\"do_layer_norm_before\":false")
                .contains("do_layer_norm_before: expected true"))
        #expect(
            try message("opt", "\"word_embed_proj_dim\":16", "\"word_embed_proj_dim\":8").contains("hidden size, 16"))
        #expect(try message("gpt2", "\"gelu_new\"", "\"mish\"").contains("expected one of gelu, gelu_fast"))
        #expect(try message("gemma3", "\"full_attention\"]", "\"chunked\"]").contains("\"sliding_attention\" or"))
        #expect(try message("mistral", "\"num_key_value_heads\":2", "\"num_key_value_heads\":3").contains("multiple"))
        #expect(
            try message("gpt_neox", "\"partial_rotary_factor\":0.5", "\"partial_rotary_factor\":0.4")
                .contains("an even number of the 8 head dimensions"))
    }
}

extension Array {
    /// Removes and returns the last element that meets a condition.
    fileprivate mutating func popLast(where condition: (Element) -> Bool) -> Element? {
        lastIndex(where: condition).map { remove(at: $0) }
    }
}

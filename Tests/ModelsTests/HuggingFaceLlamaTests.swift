import Diagnostics
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Weights

@Suite("A Hugging Face folder is a model")
struct HuggingFaceLlamaTests {
    private static let folder = Fixtures.golden("llama-tiny")

    /// A model folder with the tiny weights and a changed `config.json`.
    private func withModel<R>(config: String, _ body: (String) throws -> R) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            let golden = try JSONDocument(path: Self.folder + "/hidden.json").root
            let model = GoldenModel(
                name: "llama", config: config, tensors: try golden.required("tensors").formulaTensors(), tokens: [],
                bidirectional: [])
            try model.write(to: folder)
            return try body(folder)
        }
    }

    private struct Golden: Decodable {
        struct Case: Decodable {
            var name: String
            var causal: [[[Float]]]
            var bidirectional: [[[Float]]]
        }
        var tokens: [Int32]
        var cases: [Case]
    }

    @Test("Hidden states equal transformers' within 1e-4, under each rotary scaling, causal and bidirectional")
    func golden() throws {
        let bytes = try TextFile.bytes(of: Self.folder + "/hidden.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(bytes))
        let configs = try JSONDocument(bytes, file: "hidden.json").root.required("cases").elements()
        #expect(golden.cases.count == 6)
        for (expected, config) in zip(golden.cases, configs) {
            try withModel(config: try config.required("config").text) { folder in
                let backbone = try Checkpoint(path: folder).backbone(LinearMaker())
                let readouts = try [AttentionPlan.none, .all].flatMap { plan in
                    try [1, -1].map {
                        try Readout(attention: plan, layer: HiddenLayer($0), rows: .all, layerCount: 2)
                    }
                }
                let found = try read(readouts, of: [golden.tokens], by: backbone)
                let references = expected.causal + expected.bidirectional
                for (states, reference) in zip(found, references) {
                    let flat = reference.flatMap(\.self)
                    let difference = zip(states[0], flat).map { abs($0 - $1) / max(1, abs($1)) }.max()
                    #expect(states[0].count == flat.count)
                    #expect(difference ?? 1 < 1e-4, "\(expected.name): \(difference ?? 1)")
                }
            }
        }
    }

    @Test("Another model type, biases that aren't there and unknown scalings are refused with what is supported")
    func refused() throws {
        let config = try TextFile.text(of: Self.folder + "/config.json")
        func message(_ old: String, _ new: String) throws -> String {
            #expect(config.contains(old), "\(old)")
            return try withModel(config: config.replacingOccurrences(of: old, with: new)) { folder in
                try #require(throws: Diagnostic.self) {
                    try Checkpoint(path: folder).backbone(LinearMaker())
                }.description
            }
        }
        #expect(
            try message("\"model_type\": \"llama\"", "\"model_type\": \"mamba\"")
                .contains("the architecture \"mamba\" is not supported; expected one of: llama"))
        #expect(
            try message("\"attention_bias\": false", "\"attention_bias\": true")
                .contains("8 missing: model.layers.0.self_attn.q_proj.bias"))
        #expect(
            try message("\"rope_type\": \"default\"", "\"rope_type\": \"longer\"")
                .contains("expected one of: default, linear, dynamic, llama3, yarn"))
        #expect(
            try message("\"hidden_size\": 24", "\"hidden_size\": 0").contains("hidden_size: expected a size from 1"))
        #expect(
            try message("\"vocab_size\": 96", "\"vocab_size\": 97")
                .contains("model.embed_tokens.weight has [96, 24], expected [97, 24]"))
        #expect(
            try message("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1")
                .contains("9 that a llama model doesn't have: model.layers.1."))
        #expect(try message("{", "").contains("expected in JSON"))
    }

    @Test("A folder without weights says what it has instead")
    func noWeights() throws {
        try Fixtures.withTemporaryFolder { folder in
            func message() throws -> String {
                try #require(throws: Diagnostic.self) { try Checkpoint(path: folder) }.description
            }
            #expect(try message().hasSuffix("found neither"))
            try AtomicFile.replace(folder + "/pytorch_model.bin", with: "x")
            #expect(try message().contains("safe_serialization=True"))
            try AtomicFile.replace(folder + "/a.gguf", with: "x")
            #expect(try message().contains("name the GGUF file in it: \(folder)/a.gguf"))
        }
    }

    @Test("The digest depends on the weights and on config.json")
    func digest() throws {
        let config = try TextFile.text(of: Self.folder + "/config.json")
        let same = try withModel(config: config) { try Checkpoint(path: $0).sha256() }
        let other = try withModel(config: config + "\n") { try Checkpoint(path: $0).sha256() }
        let again = try withModel(config: config) { try Checkpoint(path: $0).sha256() }
        #expect(same == again && same != other)
    }
}

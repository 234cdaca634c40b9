import Foundation
import TestSupport
import Testing

@Suite("`bellm inspect`")
struct InspectTests {
    private func inspect(
        _ arguments: [String], files: [String: String] = [:], then check: (Program.Outcome) throws -> Void
    ) throws {
        try Program.run(["inspect"] + arguments, files: files) { outcome, _ in
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.isEmpty)
            try check(outcome)
        }
    }

    private func object(_ outcome: Program.Outcome) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test("A model's sizes, settings and tensors")
    func model() throws {
        try inspect(["model", "./tiny.gguf"]) { outcome in
            let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            for line in [
                "architecture llama", "layers 2", "hidden size 24", "llama.rope.freq_base 1e+03", "tensors 20",
                "tensor shape type bytes", "blk.0.attn_k.weight [12, 24] F32 1152",
            ] { #expect(lines.contains(line), "\(line)") }
            #expect(outcome.output.contains(/SHA-256 in results +[0-9a-f]{64}\n/))
        }
        try inspect(["model", "./tiny.gguf", "--json"]) { outcome in
            let object = try object(outcome)
            #expect(object["context length"] as? Int == TinyLlama.programContext)
            let tensors = try #require(object["tensor table"] as? [[String: Any]])
            #expect(tensors.count == 20)
            #expect(tensors.allSatisfy { $0["bytes"] as? Int ?? 0 > 0 })
        }
    }

    @Test("A tokenizer's kind, and the pieces of a text with their ids and bytes")
    func tokenizer() throws {
        try inspect(["tokenizer", "./tiny.gguf", "--text", "aé"]) { outcome in
            let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            #expect(lines.contains("kind byte-level BPE"))
            #expect(lines.contains("pre-tokenizer smollm"))
            #expect(lines.contains("before a text nothing"))
            #expect(lines.contains("97 \"a\" \"a\" 0..<1"))
            #expect(lines.contains { $0.hasPrefix("195 ") && $0.hasSuffix("1..<2") })
        }
    }

    /// By how much the first token moves in each hidden layer.
    private func movements(_ plan: String) throws -> [Double] {
        var found: [Double] = []
        try inspect(["layers", "./tiny.gguf", "--bidirectional", plan, "--json"]) { outcome in
            let rows = try #require(try object(outcome)["movement table"] as? [[String: Any]])
            found = try rows.map { try #require($0["first token moved by"] as? Double) }
        }
        return found
    }

    @Test("The first token feels the last one from the first bidirectional layer on, and never in a causal model")
    func layers() throws {
        #expect(try movements("none") == [0, 0, 0])
        let final = try movements("last 1")
        #expect(final[0] == 0 && final[1] == 0 && final[2] > 1e-4)
        let all = try movements("all")
        #expect(all[0] == 0 && all[1] > 1e-4 && all[2] > 1e-4)
        try inspect(["layers", "./tiny.gguf", "--bidirectional", "last 1"]) { outcome in
            #expect(outcome.output.contains("layer 1, bidirectional, final norm"))
            let verdict = "the last token reaches the first one in layer 1, the plan's first bidirectional layer is 1\n"
            #expect(outcome.output.hasSuffix(verdict))
        }
    }

    @Test("An adapter's rank, linear maps, layers and tensors")
    func adapter() throws {
        try Fixtures.withPEFTAdapter { folder in
            try inspect(["adapter", folder, "--json"]) { outcome in
                let object = try object(outcome)
                #expect(object["rank"] as? Int ?? 0 > 0)
                #expect((object["layers"] as? [Int])?.isEmpty == false)
                let tensors = try #require(object["tensor table"] as? [[String: Any]])
                #expect(tensors.count == object["tensors"] as? Int)
            }
        }
    }

    @Test("States that aren't finite end it with the first layer that has one: whether they move isn't known")
    func notFinite() throws {
        for layer in 0...1 {
            try Fixtures.withTemporaryFolder { folder in
                let tiny = TinyLlama(layers: 2, vocabulary: 256, context: TinyLlama.programContext)
                    .overflowing(inLayer: layer)
                try Data(tiny.fileWithTokenizer.bytes).write(to: URL(fileURLWithPath: folder + "/tiny.gguf"))
                let outcome = try Program.run(
                    ["inspect", "layers", "./tiny.gguf", "--bidirectional", "all"], in: folder)
                #expect(outcome.status == 1 && outcome.output.isEmpty)
                let said =
                    "the states have NaN or infinity from hidden layer \(layer + 1) on: whether they move isn't known"
                #expect(outcome.errors == "Error: \(said)\n")
            }
        }
    }

    @Test("A text of a single token, and what is no model, are errors")
    func errors() throws {
        try Program.run(["inspect", "layers", "./tiny.gguf", "--text", "a"]) { outcome, _ in
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix("Error: expected a text of at least two different tokens, found 1"))
        }
        try Program.run(["inspect", "adapter", "."]) { outcome, _ in
            #expect(outcome.errors == "Error: .: expected an adapter_config.json\n")
        }
    }
}

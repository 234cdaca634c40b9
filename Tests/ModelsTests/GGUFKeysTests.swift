import Diagnostics
import Files
import Foundation
import Models
import Synchronization
import TestSupport
import Testing

@Suite("Metadata of GGUF files is closed")
struct GGUFKeysTests {
    private typealias Value = GGUFWriter.Value

    private func shape(
        _ metadata: [(key: String, value: Value)], ignoring keys: KeyPolicy = [],
        changing change: (inout GGUFWriter) -> Void = { _ in }
    ) throws -> BackboneShape {
        try Fixtures.withTemporaryFolder { folder in
            var file = TinyLlama.programFile
            file.metadata += metadata
            change(&file)
            let path = folder + "/tiny.gguf"
            try Data(file.bytes).write(to: URL(fileURLWithPath: path))
            return try Checkpoint(path: path, ignoring: keys).shape()
        }
    }

    private func message(_ metadata: [(key: String, value: Value)]) -> String? {
        do {
            _ = try shape(metadata)
            return nil
        } catch { return "\(error)" }
    }

    private static let refused: [(String, Value, String)] = [
        ("llama.attention.scale", .float32(0.3), "unknown key \"llama.attention.scale\""),
        ("llama.embedding_scale", .float32(12), "unknown key"), ("llama.logit_scale", .float32(2), "unknown key"),
        ("llama.attention.clamp_kqv", .float32(8), "unknown key"),
        ("llama.rope.freq_bass", .float32(500), "unknown key \"llama.rope.freq_bass\""),
        ("llama.rope.scaling.attn_factor", .float32(2), "unknown key"),
        ("general.rope", .bool(true), "unknown key \"general.rope\""),
        ("qwen2.rope.freq_base", .float32(1e6), "unknown key \"qwen2.rope.freq_base\""),
        ("general.type", .string("adapter"), "expected \"model\", found \"adapter\""),
        ("llama.expert_count", .uint32(8), "mixtures of experts"),
        ("llama.expert_used_count", .uint32(2), "mixtures of experts"),
        ("llama.attention.value_length", .uint32(4), "keys of 6 and values of 4"),
        ("llama.attention.sliding_window", .uint32(16), "found 16"),
        ("llama.rope.scaling.type", .string("longrope"), "not supported"),
    ]

    @Test("A key that changes hidden states and isn't known is refused by its name", arguments: refused.indices)
    func refusals(_ index: Int) {
        let (key, value, expected) = Self.refused[index]
        #expect(message([(key, value)])?.contains(expected) == true, "\(key): \(message([(key, value)]) ?? "read")")
    }

    private static let harmless: [(String, Value)] = [
        ("general.name", .string("x")), ("general.base_model.0.name", .string("x")), ("general.type", .string("model")),
        ("general.sampling.temp", .float32(0.5)), ("quantize.imatrix.file", .string("x")),
        ("llama.vocab_size", .uint32(7)), ("llama.expert_count", .uint32(0)), ("llama.attention.causal", .bool(true)),
        ("llama.attention.sliding_window", .uint32(64)), ("llama.rope.scaling.type", .string("none")),
        ("llama.attention.key_length", .uint32(6)), ("llama.rope.dimension_count", .uint32(6)),
        ("llama.rope.scaling.original_context_length", .uint32(32)),
    ]

    @Test("What changes nothing is no reason to refuse", arguments: harmless.indices)
    func known(_ index: Int) throws {
        #expect(try shape([Self.harmless[index]]) == shape([]))
    }

    @Test("A size that is said of each layer is that of all, or refused")
    func sizesOfLayers() throws {
        for key in ["llama.attention.head_count", "llama.attention.head_count_kv", "llama.feed_forward_length"] {
            func said(_ values: (UInt32) -> [UInt32]) throws -> BackboneShape {
                try shape([]) { file in
                    for index in file.metadata.indices where file.metadata[index].key == key {
                        guard case .uint32(let one) = file.metadata[index].value else { continue }
                        file.metadata[index].value = .array(values(one).map(Value.uint32))
                    }
                }
            }
            let layers = try shape([]).layerCount
            #expect(try said { [UInt32](repeating: $0, count: layers) } == shape([]))
            for wrong: (UInt32) -> [UInt32] in [{ one in [UInt32](repeating: one, count: layers + 1) }, { _ in [] }] {
                #expect(throws: Diagnostic.self) { try said(wrong) }
            }
            let error = #expect(throws: Diagnostic.self) {
                try said { [UInt32](repeating: $0, count: layers - 1) + [$0 + 1] }
            }
            #expect(error?.message.contains("\(key): expected one size of all") == true)
        }
    }

    @Test("attention.causal: false makes every layer attend in both directions")
    func causal() throws {
        #expect(try shape([("llama.attention.causal", .bool(false))]).isEncoder)
    }

    @Test("Two ways of scaling positions in one file are refused, and a factor without a kind is linear")
    func scaling() throws {
        let factor: (key: String, value: Value) = ("llama.rope.scaling.factor", .float32(2))
        #expect(throws: Never.self) { try shape([factor]) }
        let divisors = GGUFWriter.Tensor(
            name: "rope_freqs.weight", dimensions: [3], data: littleEndian([Float(1), 2, 3].map(\.bitPattern)))
        #expect(throws: Never.self) { try shape([]) { $0.tensors.append(divisors) } }
        #expect(throws: Diagnostic.self) { try shape([factor]) { $0.tensors.append(divisors) } }
    }

    @Test("An unknown key may be passed over where the user says so, and every key's use is told")
    func lists() throws {
        let told = Mutex<[FileKeys.Key]>([])
        let policy = KeyPolicy(ignoring: ["llama.odd"]) { file, _ in told.withLock { $0 += file.keys } }
        _ = try shape([("llama.odd", .bool(true)), ("general.name", .string("x"))], ignoring: policy)
        let uses = Dictionary(told.withLock { $0 }.map { ($0.path, $0.use) }) { $1 }
        #expect(uses["llama.odd"] == .ignored)
        #expect(uses["llama.rope.freq_base"] == .read)
        #expect(uses["general.name"] == .withoutEffect(reason: "says where the file came from"))
        #expect(uses["tokenizer.ggml.model"] == nil)
    }
}

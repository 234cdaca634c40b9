import Embedding
import EmbeddingCache
import Foundation
import Models
import Numerics
import Synchronization
import TestSupport
import Testing

/// A backbone that counts what goes through it.
private final class CountingBackbone: Backbone {
    private let backbone: any Backbone
    private let count = Atomic(0)

    init(_ backbone: any Backbone) { self.backbone = backbone }

    var embeddedTokens: Int { count.load(ordering: .relaxed) }
    var shape: BackboneShape { backbone.shape }

    func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        count.add(tokens.count, ordering: .relaxed)
        try backbone.embed(tokens, at: positions, into: out)
    }

    func layer(_ index: Int) throws -> any TransformerLayer { try backbone.layer(index) }
    func applyFinalNorm(to rows: Matrix, into out: Matrix) { backbone.applyFinalNorm(to: rows, into: out) }
}

struct EncoderCacheTests {
    private static let sentences = (0..<40).map { "Sentence \($0 * $0) of some." } + [""]
    private static let mean = EmbeddingMethod(pooling: .mean)
    private static let last = EmbeddingMethod(pooling: .last, layer: HiddenLayer(-2))

    /// A tiny model, and the cache that its encodings use.
    private struct Bench {
        let model: PretrainedModel
        let vectors: VectorCache

        func encode(
            _ methods: [EmbeddingMethod], sentences: [String] = EncoderCacheTests.sentences, weights: String = "w",
            precision: Precision = .float32, _ change: (inout Encoder) -> Void = { _ in }
        ) async throws -> (encoding: Encoding, bits: [[UInt32]], embeddedTokens: Int) {
            let linear = LinearMaker(precision: precision)
            let backbone = CountingBackbone(try model.backbone(linear: linear))
            var encoder = Encoder(backbone: backbone, workers: 2)
            encoder.chunkTokens = 64
            encoder.cache = EncoderCache(vectors, weightsSHA256: weights, linear: linear)
            change(&encoder)
            let prompts = try Prompts(
                sentences, by: methods[0],
                tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
            let encoding = try await encoder.encode(prompts, methods: methods)
            let bits = encoding.embeddings.map { matrix in
                (0..<matrix.rows).flatMap { matrix.array(row: $0).map(\.bitPattern) }
            }
            return (encoding, bits, backbone.embeddedTokens)
        }
    }

    private func withBench(_ check: (Bench) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "/bellm-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
        let vectors = VectorCache(path: folder + "/embeddings.sqlite") { Issue.record("warned: \($0)") }
        try await check(Bench(model: PretrainedModel(path: folder + "/tiny.gguf"), vectors: vectors))
    }

    @Test("What was computed once is found, bit for bit, and nothing goes through the model")
    func hits() async throws {
        try await withBench { bench in
            let plain = try await bench.encode([Self.mean, Self.last]) { $0.cache = nil }
            #expect(plain.encoding.lookups.allSatisfy { $0.hits == 0 && $0.misses == 0 })
            let first = try await bench.encode([Self.mean, Self.last])
            #expect(first.encoding.lookups.allSatisfy { $0.hits == 0 && $0.misses == 40 })
            let second = try await bench.encode([Self.last, Self.mean])
            #expect(second.encoding.lookups.allSatisfy { $0.hits == 40 && $0.misses == 0 })
            #expect(second.embeddedTokens == 0)
            #expect(second.encoding.tokensComputed == 0)
            #expect(first.bits == plain.bits)
            #expect(second.bits == plain.bits.reversed())
        }
    }

    @Test("Only the prompts and the methods that lack something are computed, and the whole equals an uncached one")
    func mixed() async throws {
        try await withBench { bench in
            _ = try await bench.encode([Self.mean], sentences: Array(Self.sentences.prefix(25)))
            _ = try await bench.encode([Self.last], sentences: Array(Self.sentences.suffix(20)))
            let plain = try await bench.encode([Self.mean, Self.last]) { $0.cache = nil }
            let mixed = try await bench.encode([Self.mean, Self.last])
            #expect(mixed.encoding.lookups.map(\.hits) == [25, 19])
            #expect(mixed.bits == plain.bits)
            // A new row of an ablation is the only one computed.
            let bidirectional = EmbeddingMethod(pooling: .mean, attention: .all)
            let grown = try await bench.encode([Self.mean, bidirectional, Self.last])
            #expect(grown.encoding.lookups.map(\.misses) == [0, 40, 0])
            #expect(grown.encoding.tokensComputed(forMethod: 0) == 0)
            #expect(grown.encoding.tokensComputed(forMethod: 1) == grown.embeddedTokens)
            #expect([grown.bits[0], grown.bits[2]] == plain.bits)
        }
    }

    @Test("A vector is found only where all that it depends on is the same")
    func keys() async throws {
        try await withBench { bench in
            let base = EmbeddingMethod(pooling: .mean, layer: HiddenLayer(1), attention: .none)
            _ = try await bench.encode([base])
            func hits(_ method: EmbeddingMethod, weights: String = "w", precision: Precision = .float32) async throws
                -> Int
            {
                try await bench.encode([method], weights: weights, precision: precision) { _ in }.encoding.lookups[0]
                    .hits
            }
            var sameLayer = base
            sameLayer.layer = HiddenLayer(-2)
            #expect(try await hits(sameLayer) == 40)
            var planAbove = base
            planAbove.attention = .last(1)
            #expect(try await hits(planAbove) == 40, "a layer above the hidden layer has no part in it")

            var (otherLayer, otherPlan, otherPooling, otherTemplate) = (base, base, base, base)
            otherLayer.layer = HiddenLayer(0)
            otherPlan.attention = .all
            otherPooling.pooling = .max
            otherTemplate.templates = RoleTemplates(try PromptTemplate("{text}!"))
            for other in [otherLayer, otherPlan, otherPooling, otherTemplate] {
                #expect(try await hits(other) == 0, "\(other)")
            }
            #expect(try await hits(base, weights: "v") == 0)
            #expect(try await hits(base, precision: .bfloat16) == 0)
        }
    }

    @Test("Pooled places are told apart where the tokens are the same")
    func pooledPlaces() async throws {
        try await withBench { bench in
            var (first, second) = (Self.mean, Self.mean)
            first.templates = RoleTemplates(try PromptTemplate("{text:pool} {text}"))
            second.templates = RoleTemplates(try PromptTemplate("{text} {text:pool}"))
            let pooledFirst = try await bench.encode([first])
            let pooledSecond = try await bench.encode([second])
            #expect(pooledSecond.encoding.lookups[0].hits == 0)
            #expect(pooledFirst.bits != pooledSecond.bits)
        }
    }

    @Test("What is known can be ignored: all is computed")
    func fresh() async throws {
        try await withBench { bench in
            _ = try await bench.encode([Self.mean])
            let fresh = try await bench.encode([Self.mean]) { $0.cache?.ignoresKnown = true }
            #expect(fresh.encoding.lookups.map(\.misses) == [40])
            #expect(fresh.embeddedTokens > 0)
        }
    }

    @Test("What a cancelled encoding has finished is kept")
    func cancelled() async throws {
        try await withBench { bench in
            let plain = try await bench.encode([Self.mean]) { $0.cache = nil }
            let running = Mutex<Task<Int, any Error>?>(nil)
            let task = Task { () throws -> Int in
                while running.withLock({ $0 == nil }) { await Task.yield() }
                let prompts = try Prompts(
                    Self.sentences, template: .plain, normaliser: .none, tokenizer: bench.model.tokenizer,
                    contextLength: bench.model.shape.contextLength)
                var encoder = Encoder(backbone: try bench.model.backbone(), workers: 1)
                encoder.chunkTokens = 64
                encoder.cache = EncoderCache(bench.vectors, weightsSHA256: "w", linear: LinearMaker())
                return try await encoder.encode(prompts, methods: [Self.mean]) { progress in
                    if progress.prompts >= 10 { running.withLock { $0?.cancel() } }
                }.tokensComputed
            }
            running.withLock { $0 = task }
            await #expect(throws: CancellationError.self) { try await task.value }
            let resumed = try await bench.encode([Self.mean])
            let hits = resumed.encoding.lookups[0].hits
            #expect(hits >= 10 && hits < 40)
            #expect(resumed.bits == plain.bits)
        }
    }
}

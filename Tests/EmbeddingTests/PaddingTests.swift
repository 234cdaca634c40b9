import Embedding
import Foundation
import Models
import TestSupport
import Testing

/// Tests/Golden/padding.json; the script beside it says how it was made.
private struct GoldenPadding: Decodable {
    struct Method: Decodable {
        var name: String
        var pooling: String
        var bidirectional: [Int]
        var layer: Int?
        var embeddings: [[Float]]
    }

    var sentences: [String]
    var template: String
    var methods: [Method]

    static func read() throws -> GoldenPadding {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("padding.json")))
        return try JSONDecoder().decode(GoldenPadding.self, from: data)
    }
}

struct PaddingTests {
    private let sentences = ["one", "three words here", "", "x", "the longest sentence of them all"]

    /// For each method, an embedding a sentence; all sentences are one batch, or each is its own.
    private func embed(
        _ methods: [EmbeddingMethod], batches: [[Int]], settings: Settings = Settings(), padToken: Int32 = 7
    ) async throws -> [[[UInt32]]] {
        let backbone = try TinyLlama().backbone()
        let unpadded = try Prompts(
            sentences, by: methods[0], tokenizer: ByteTokenizer(),
            contextLength: backbone.contextLength)
        let (prompts, rows) = unpadded.padded(rows: Array(sentences.indices), batches: batches, with: padToken)
        var encoder = Encoder(backbone: backbone, workers: settings.workers)
        (encoder.chunkTokens, encoder.sharesBeginnings) = (settings.chunkTokens, settings.sharesBeginnings)
        encoder.isStreamed = settings.isStreamed
        return try await encoder.encode(prompts, methods: methods).embeddings.map { matrix in
            rows.map { matrix.array(row: $0).bits }
        }
    }

    private func methods(_ plan: AttentionPlan, template: String = "{text}") throws -> [EmbeddingMethod] {
        try [Pooling.last, .mean, .max].map {
            EmbeddingMethod(template: try PromptTemplate(template), pooling: $0, attention: plan)
        }
    }

    private let together = [[0, 1, 2, 3, 4]]
    private let alone = [[0], [1], [2], [3], [4]]

    @Test("Causal layers mask padding: it changes no bit, whatever is pooled")
    func causal() async throws {
        let methods = try methods(.none)
        #expect(try await embed(methods, batches: together) == embed(methods, batches: alone))
    }

    @Test(
        "A bidirectional layer sees padding: all but the longest change, even where it is the highest and the last is pooled"
    )
    func visible() async throws {
        for plan in [AttentionPlan.last(1), .layers([0]), .all] {
            let methods = try methods(plan)
            let padded = try await embed(methods, batches: together)
            let unpadded = try await embed(methods, batches: alone)
            for (padded, unpadded) in zip(padded, unpadded) {
                #expect(padded[4] == unpadded[4] && padded[2] == unpadded[2], "\(plan)")
                for sentence in [0, 1, 3] { #expect(padded[sentence] != unpadded[sentence], "\(plan)") }
            }
        }
    }

    @Test("Companions matter by the longest one's length alone; the token that is padded with matters too")
    func companions() async throws {
        let methods = try methods(.last(2))
        let whole = try await embed(methods, batches: together)
        let pairs = try await embed(methods, batches: [[0, 4], [1, 2, 3]])
        #expect(whole.map { $0[0] } == pairs.map { $0[0] })
        #expect(whole.map { $0[3] } != pairs.map { $0[3] })
        #expect(try await embed(methods, batches: together, padToken: 8) != whole)
    }

    @Test("Chunks, threads, streaming and a shared prefix change no bit of a padded prompt's embedding")
    func invariance() async throws {
        let methods = try methods(.layers([1]), template: "Say {text} again: {text:pool}")
        let expected = try await embed(methods, batches: together)
        for settings in [
            Settings(chunkTokens: 1), Settings(workers: 3), Settings(sharesBeginnings: false),
            Settings(isStreamed: true),
        ] {
            #expect(try await embed(methods, batches: together, settings: settings) == expected)
        }
    }

    @Test("A prompt is there once for each length that it is padded to")
    func distinct() throws {
        let prompts = try Prompts(
            ["aa", "b", "cccc"], template: .plain, normaliser: .none, tokenizer: ByteTokenizer(), contextLength: 50)
        let (padded, rows) = prompts.padded(rows: [0, 1, 0, 2, 0, 1], batches: [[0, 1], [2, 3], [4], [5]], with: 9)
        #expect(rows == [0, 1, 2, 3, 0, 4])
        #expect(padded.tokens.map(\.count) == [2, 2, 4, 4, 1])
        #expect(padded.tokens[1] == [98, 9] && padded.padding(1) == 1 && padded.pooledPositions(1) == [0..<1])
    }

    @Test("With visible padding a plan of the final layer alone has an effect, and says on what it depends")
    func warnings() throws {
        var method = EmbeddingMethod(pooling: .last, attention: .last(1))
        #expect(
            try ResolvedMethod(method, layerCount: 3).noEffectWarning != nil
                && ResolvedMethod(method, layerCount: 3).paddingWarning(token: 2) == nil)
        method.padding = .visible
        #expect(try ResolvedMethod(method, layerCount: 3).noEffectWarning == nil)
        #expect(try ResolvedMethod(method, layerCount: 3).paddingWarning(token: 2)?.contains("share its batch") == true)
        method.layer = HiddenLayer(2)
        #expect(try ResolvedMethod(method, layerCount: 3).paddingWarning(token: 2)?.contains("changes nothing") == true)
    }

    @Test(
        "A right-padded batch agrees with Hugging Face's layers under BeLLM's mask within 1e-4",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func agreesWithReference() async throws {
        let golden = try GoldenPadding.read()
        let model = try PretrainedModel(path: Fixtures.smolLM2)
        let encoder = Encoder(backbone: try model.backbone(), workers: 2)
        let methods = try golden.methods.map { reference in
            EmbeddingMethod(
                template: try PromptTemplate(golden.template), normaliser: .prompteol,
                pooling: try Pooling(named: reference.pooling), layer: HiddenLayer(reference.layer ?? -1),
                attention: .layers(reference.bidirectional))
        }
        let unpadded = try Prompts(
            golden.sentences, by: methods[0], tokenizer: model.tokenizer,
            contextLength: model.shape.contextLength)
        let indices = Array(golden.sentences.indices)
        let (prompts, rows) = unpadded.padded(rows: indices, batches: [indices], with: try model.padToken)
        #expect(try model.padToken == 2 && Set(unpadded.tokens.map(\.count)).count > 1)
        let found = try await encoder.encode(prompts, methods: methods).embeddings
        for (reference, embeddings) in zip(golden.methods, found) {
            let scale = reference.embeddings.joined().map(abs).max() ?? 0
            let difference = indices.flatMap { sentence in
                zip(embeddings.array(row: rows[sentence]), reference.embeddings[sentence]).map { abs($0 - $1) }
            }.max()
            print("\(reference.name): largest difference \((difference ?? .nan) / scale)")
            #expect((difference ?? .nan) / scale < 1e-4, "\(reference.name)")
        }
    }
}

import Embedding
import Models
import TestSupport
import Testing

@Suite struct EncoderTests {
    private let model = TinyLlama(layers: 8)
    private let methods: [EmbeddingMethod]
    private let sentences: [String]

    init() throws {
        let template = try PromptTemplate("Say \"{text}\" in one word:\"")
        methods = [(.last, .none), (.last, .last(2)), (.mean, .all), (.max, .from(3)), (.weightedMean, .none)].map {
            EmbeddingMethod(template: template, pooling: $0, attention: $1)
        }
        sentences = [12, 1, 0, 80, 3, 41, 41, 7, 95, 2].map { String(repeating: "ab c", count: $0).prefix($0) }
            .map(String.init)
    }

    @Test(
        "embeddings don't depend on chunks, workers, the shared prefix or streaming by a bit",
        arguments: [
            Settings(chunkTokens: 1), Settings(chunkTokens: 64), Settings(chunkTokens: 2000), Settings(workers: 2),
            Settings(chunkTokens: 16, workers: 4), Settings(sharesBeginnings: false), Settings(isStreamed: true),
            Settings(chunkTokens: 40, workers: 2, isStreamed: true),
            Settings(chunkTokens: 40, workers: 4, sharesBeginnings: false, isStreamed: true),
        ])
    func settingsDoNotMatter(settings: Settings) async throws {
        let backbone = try model.backbone()
        let expected = try await embed(sentences, methods, by: backbone)
        let found = try await embed(sentences, methods, by: backbone, settings: settings)
        #expect(found.bits == expected.bits)
    }

    @Test("a sentence and a method get the bits alone that they get among others")
    func alone() async throws {
        let backbone = try model.backbone()
        let together = try await embed(sentences, methods, by: backbone)
        for (sentence, text) in sentences.enumerated() {
            let alone = try await embed([text], methods, by: backbone)
            #expect(alone.bits == together.map { [$0[sentence]] }.bits)
        }
        for (index, method) in methods.enumerated() {
            #expect(try await embed(sentences, [method], by: backbone).bits == [together[index]].bits)
        }
    }

    @Test("no sentences, or none with tokens, are no error")
    func nothing() async throws {
        let plain = EmbeddingMethod(pooling: .mean)
        #expect(try await embed([], [plain], by: model.backbone()) == [[]])
        let zeros = [Float](repeating: 0, count: model.hidden)
        #expect(try await embed(["", " "], [plain], by: model.backbone()) == [[zeros, zeros]])
    }
}

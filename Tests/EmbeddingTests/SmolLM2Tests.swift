import Diagnostics
import Embedding
import Files
import Foundation
import HDF5
import Models
import Numerics
import TestSupport
import Testing

/// The embedded model, decoded once for all tests.
private enum SmolLM2 {
    static let isThere = FileManager.default.fileExists(atPath: Fixtures.smolLM2)
    static let model = Result { try PretrainedModel(path: Fixtures.smolLM2) }
    static let backbone = Result { try model.get().backbone() }
    static let openBLAS = Result { try model.get().backbone(linear: LinearMaker(library: .openBLAS)) }

    static func embed(
        _ sentences: [String], _ methods: [EmbeddingMethod], _ settings: Settings = Settings(workers: 2),
        library: MatrixLibrary = .oneDNN
    ) async throws -> [[[Float]]] {
        try await EmbeddingTests.embed(
            sentences, methods, by: (library == .openBLAS ? openBLAS : backbone).get(),
            tokenizer: model.get().tokenizer, settings: settings)
    }
}

/// A golden dataset's attribute `method`, as its script wrote it.
private struct GoldenMethod: Decodable {
    var template: String?
    var norm: Bool?
    var bidirectional: [Int]
    var pooling: String?
    var layer: Int?

    func method() throws -> EmbeddingMethod {
        EmbeddingMethod(
            template: try template.map { text throws(Diagnostic) in try PromptTemplate(text) } ?? .plain,
            normaliser: norm == true ? .prompteol : .none, pooling: try Pooling(named: pooling ?? "last"),
            layer: HiddenLayer(layer ?? -1), attention: .layers(bidirectional))
    }
}

@Suite(.enabled(if: SmolLM2.isThere, "the embedded model is not in the cache"))
struct SmolLM2Tests {
    private let golden = Fixtures.golden("smollm2.h5")
    private let sentences: [String]

    init() throws { sentences = try TextFile.lines(of: Fixtures.golden("smollm2.sentences.txt")) }

    @Test(
        "embeddings are those of Hugging Face's layers to 1e-4 of the largest value",
        arguments: [
            "mean", "mean_bi_all", "mean_bi_last1", "prompteol", "prompteol_bi_last4", "prompteol_layer-2",
            "representative",
        ], MatrixLibrary.allCases)
    func golden(name: String, library: MatrixLibrary) async throws {
        let dataset = "embeddings/" + name
        let attributes = try HDF5.readAttributes(of: dataset, in: golden)
        guard case .text(let json) = attributes.first(where: { $0.name == "method" })?.value else {
            Issue.record("\(name) has no attribute \"method\"")
            return
        }
        let method = try JSONDecoder().decode(GoldenMethod.self, from: Data(json.utf8)).method()
        let expected = try HDF5.readMatrix(dataset, in: golden)
        let found = try await SmolLM2.embed(sentences, [method], library: library)[0]
        let difference = Difference(found.flatMap(\.self), expected.values)
        #expect(difference.relative < 1e-4, "\(difference)")
    }

    /// PromptEOL, the released BeLLM plan, the last four layers, and mean pooling, in one pass.
    private func methods() throws -> [EmbeddingMethod] {
        let template = try PromptTemplate("The representative word for sentence {text} is:\"")
        return [(Pooling.last, AttentionPlan.none), (.last, .last(1)), (.last, .last(4)), (.mean, .last(1))].map {
            EmbeddingMethod(template: template, normaliser: .prompteol, pooling: $0, attention: $1)
        }
    }

    @Test("embeddings don't depend on chunks, order, threads, the shared prefix or company by a bit")
    func nothingElseMatters() async throws {
        let some = Array(sentences[..<8])
        let expected = try await SmolLM2.embed(some, methods()).bits
        for settings in [
            Settings(chunkTokens: 64, workers: 2), Settings(chunkTokens: 2000, workers: 1),
            Settings(workers: 2, sharesBeginnings: false), Settings(chunkTokens: 64, workers: 2, isStreamed: true),
        ] {
            #expect(try await SmolLM2.embed(some, methods(), settings).bits == expected, "\(settings)")
        }
        let reversed = try await SmolLM2.embed(some.reversed(), methods()).bits
        #expect(reversed.map { Array($0.reversed()) } == expected)
        let alone = try await SmolLM2.embed([some[5]], [methods()[2]]).bits
        #expect(alone == [[expected[2][5]]])
    }

    @Test("the released BeLLM plan gives the causal vectors bit by bit, the last four layers don't")
    func releasedPlan() async throws {
        let vectors = try await SmolLM2.embed(Array(sentences[..<4]), methods()).bits
        #expect(vectors[1] == vectors[0])
        #expect(vectors[2] != vectors[0])
    }
}

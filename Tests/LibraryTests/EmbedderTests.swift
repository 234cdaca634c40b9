import Bellm
import Foundation
import TestSupport
import Testing

@Suite("bellm as a library")
struct EmbedderTests {
    @Test(
        "One import embeds sentences, each as it is alone",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func embed() async throws {
        let method = EmbeddingMethod(pooling: .mean)
        let embedder = try Embedder(model: Fixtures.smolLM2, method: method, workers: 2)
        let vectors = try await embedder.embed(["A dog walks.", "A cat sleeps.", "A dog walks."])
        #expect(vectors.map(\.count) == [576, 576, 576] && embedder.dimensions == 576)
        #expect(vectors[0] == vectors[2] && vectors[0] != vectors[1])
        #expect(try await embedder.embed(["A cat sleeps."]) == [vectors[1]])
        #expect(try await embedder.embed([]) == [])
    }

    @Test(
        "A layer that the model lacks is refused before the weights are decoded",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func layers() {
        var method = EmbeddingMethod(pooling: .mean)
        method.layer = HiddenLayer(31)
        #expect(throws: Diagnostic.self) { try Embedder(model: Fixtures.smolLM2, method: method) }
    }

    @Test("Another package can depend on a version of this one: tests alone have unsafe flags, dependencies are exact")
    func manifest() throws {
        let manifest = try String(contentsOfFile: Fixtures.packageRoot + "/Package.swift", encoding: .utf8)
        let products = try #require(manifest.firstRange(of: ".testTarget(")).lowerBound
        #expect(!manifest[..<products].contains("unsafeFlags"))
        let dependencies = manifest.split(separator: "\n").filter { $0.contains(".package(url:") }
        #expect(!dependencies.isEmpty && dependencies.allSatisfy { $0.contains("exact:") })
    }
}

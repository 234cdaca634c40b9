import Bellm
import Foundation
import TestSupport
import Testing

@Suite("The README's Swift")
struct ReadmeTests {
    @Test(
        "It embeds sentences as it stands",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func embeds() async throws {
        let template = try PromptTemplate("This sentence : \"{text}\" means in one word:\"")
        let method = EmbeddingMethod(template: template, pooling: .last)
        let embedder = try Embedder(model: Fixtures.smolLM2, method: method)
        let vectors = try await embedder.embed(["A dog walks.", "A cat sleeps."])
        #expect(vectors.map(\.count) == [576, 576] && vectors[0] != vectors[1])
    }

    @Test("Its lines are those that are compiled here")
    func lines() throws {
        let page = try String(contentsOfFile: Fixtures.packageRoot + "/README.md", encoding: .utf8)
        let blocks = page.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        #expect(!blocks.isEmpty)
        let here = try String(contentsOfFile: "\(#filePath)", encoding: .utf8).components(separatedBy: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        for line in blocks.joined().components(separatedBy: "\n") where !line.isEmpty {
            #expect(
                here.contains(line.replacing("\"SmolLM2-135M-Instruct.Q4_1.gguf\"", with: "Fixtures.smolLM2")),
                "\(line)")
        }
    }
}

import Embedding
import Files
import Foundation
import TestSupport
import Testing

/// Tests/Golden/t5_folder.json; dump_t5_folder.py says how it was made.
private struct GoldenT5Folder: Decodable {
    var sentences: [String]
    var ids: [[Int32]]
    var rows: [[Float]]
    /// The last sentence's row where no limit is said.
    var uncut: [[Float]]
    /// The folder's, by path.
    var files: [String: Data]

    static func load() throws -> GoldenT5Folder {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("t5_folder.json")))
        return try JSONDecoder().decode(GoldenT5Folder.self, from: data)
    }
}

@Suite("Folders made as sentence-t5 and gtr-t5")
struct T5FolderTests {
    /// The folder's own embeddings, brought to length 1.
    private static func rows(_ folder: String, _ sentences: [String], workers: Int = 1) async throws -> [[Float]] {
        let pretrained = try PretrainedModel(path: folder)
        let own = try #require(try pretrained.ownMethod())
        #expect(own.description == "mean pooling, 8 → 5 without bias, normalised")
        var encoder = Encoder(backbone: try pretrained.backbone(), workers: workers)
        encoder.head = try pretrained.sentenceTransformer?.head()
        var method = EmbeddingMethod(pooling: .first, attention: .native)
        own.complete(&method) { _ in false }
        let prompts = try Prompts(
            sentences, by: method, tokenizer: pretrained.tokenizer, contextLength: pretrained.shape.contextLength)
        let found = try await encoder.encode(prompts, methods: [method]).embeddings[0]
        return (0..<found.rows).map { row in
            let numbers = found.array(row: row)
            let norm = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return numbers.map { $0 / norm }
        }
    }

    @Test("Token ids and embeddings are the library's, also of a text that is cut and of one that isn't")
    func golden() async throws {
        let golden = try GoldenT5Folder.load()
        try await Fixtures.withTemporaryFolder { folder in
            try golden.files.write(to: folder)
            let pretrained = try PretrainedModel(path: folder)
            #expect(pretrained.shape.contextLength == 512)
            for (sentence, ids) in zip(golden.sentences, golden.ids) {
                let found = try pretrained.tokenizer.encode(sentence).map(\.id) + pretrained.tokenizer.frame.behind
                #expect(found == ids, "\(sentence)")
            }
            let found = try await Self.rows(folder, golden.sentences)
            for (row, expected) in golden.rows.enumerated() {
                let distance = zip(found[row], expected).map { abs($0 - $1) }.max() ?? .nan
                #expect(distance <= 1e-5, "\(golden.sentences[row]): \(distance)")
            }
            // Alone as among the others.
            for (row, sentence) in golden.sentences.enumerated() {
                #expect(try await Self.rows(folder, [sentence])[0] == found[row], "\(sentence)")
            }
            let config = folder + "/tokenizer_config.json"
            let text = try String(contentsOfFile: config, encoding: .utf8)
            try text.replacing("\"model_max_length\": 512,", with: "").write(
                toFile: config, atomically: true, encoding: .utf8)
            #expect(try PretrainedModel(path: folder).shape.contextLength == 32_768)
            let uncut = try await Self.rows(folder, [#require(golden.sentences.last)])
            let distance = zip(uncut[0], golden.uncut[0]).map { abs($0 - $1) }.max() ?? .nan
            #expect(distance <= 1e-5, "\(distance)")
        }
    }
}

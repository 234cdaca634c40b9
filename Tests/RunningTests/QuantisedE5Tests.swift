import Embedding
import Files
import Foundation
import Numerics
import Running
import Specification
import TestSupport
import Testing

private let folder = Fixtures.cache + "/models/multilingual-e5-small-q4"
private let isThere = FileManager.default.fileExists(atPath: folder)

@Suite(
    "multilingual-e5-small in 4 bits, beside the program of the package that it comes in",
    .enabled(if: isThere, "needs `make setup-e5`"))
struct QuantisedE5Tests {
    /// A text of Tests/Golden/e5.json; dump_e5.py says how it was made.
    private struct Case: Decodable {
        var text: String
        /// Of the prompt, without the tokens around it.
        var ids: [Int32]
        /// The first numbers of the vector, of length 1; without rounding of activations, and as the program rounds them.
        var exact: [Float]
        var program: [Float]
    }

    private static func cases() throws -> [Case] {
        let golden = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("e5.json")))
        return try #require(try JSONDecoder().decode([String: [Case]].self, from: golden)["cases"])
    }

    @Test("Ids are the program's, vectors within 1e-5 where it doesn't round its activations to 8 bits")
    func golden() async throws {
        let cases = try Self.cases()
        try #require(cases.count == 52)
        let catalogue = ModelCatalogue(configs: ConfigFolder(path: Fixtures.packageRoot + "/configs"))
        let released = try #require(try catalogue.model("multilingual-e5-small-q4").method)
        var method = EmbeddingMethod.unsaid
        try released.complete(&method) { _ in false }
        let model = try PretrainedModel(path: folder)
        let prompts = try Prompts(
            cases.map(\.text), by: method, as: .query, tokenizer: model.tokenizer,
            contextLength: model.shape.contextLength)
        let rows = try await Encoder(backbone: try model.backbone(), workers: 1)
            .encode(prompts, methods: [method]).embeddings[0]
        try #require(rows.rows == cases.count)
        for (row, golden) in cases.enumerated() {
            #expect(try model.tokenizer.encode("query: " + golden.text).map(\.id) == golden.ids, "\(golden.text)")
            let vector = rows.array(row: row)
            let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let found = vector.prefix(golden.exact.count).map { $0 / norm }
            #expect(Difference(found, golden.exact).largest < 1e-5, "\(golden.text)")
            #expect(Difference(found, golden.program).largest < 4e-3, "\(golden.text)")
        }
    }
}

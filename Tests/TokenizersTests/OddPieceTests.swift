import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("A tokenizer.model with pieces of spaces is read as sentencepiece reads it")
struct OddPieceTests {
    private struct Golden: Decodable {
        var texts: [String]
        var cases: [Case]
    }

    private struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var model: Data
        var ids: [[Int32]]
        var testDescription: String { name }
    }

    private static let golden: Golden? = {
        let data = try? Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("odd_pieces.json")))
        return data.flatMap { try? JSONDecoder().decode(Golden.self, from: $0) }
    }()

    /// Against sentencepiece; see `Tests/Golden/dump_odd_pieces.py`.
    @Test("Ids equal the library's", arguments: golden?.cases ?? [])
    private func ids(example: Case) throws {
        let tokenizer = try SentencePiece(bytes: Array(example.model), of: "tokenizer.model")
        for (text, ids) in zip(try #require(Self.golden).texts, example.ids) {
            #expect(try tokenizer.encode(text).map(\.id) == ids, "\(text.debugDescription)")
        }
    }

    @Test("All cases are read")
    func count() { #expect(Self.golden?.cases.count == 60) }
}

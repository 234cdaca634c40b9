import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("A tokenizer.json whose parts meet in odd ways is read as the library reads it, or refused")
struct OddTokenizerTests {
    private struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var tokenizer: String
        var texts: [String]
        var ids: [[Int32]]
        var testDescription: String { name }
    }

    private static let cases: [Case] = {
        let data = try? Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("odd_tokenizers.json")))
        return data.flatMap { try? JSONDecoder().decode([Case].self, from: $0) } ?? []
    }()

    private static let plainTokens = "added tokens are found before white space is taken"
    private static let normalisedTokens = "added tokens in the normalised text too"

    private static func read(_ text: String) throws -> TokenizerPipeline {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/tokenizer.json", with: text)
            return try TokenizerPipeline(json: folder + "/tokenizer.json")
        }
    }

    /// Against the tokenizers library; see `Tests/Golden/dump_odd_tokenizers.py`.
    @Test("Ids equal the library's", arguments: cases)
    private func ids(example: Case) throws {
        let tokenizer = try Self.read(example.tokenizer)
        for (text, ids) in zip(example.texts, example.ids) {
            #expect(try tokenizer.encode(text).map(\.id) == ids, "\(text.debugDescription)")
        }
    }

    @Test("All cases are read")
    func count() { #expect(Self.cases.count == 12) }

    @Test("A character that is left out is counted as lost, also between two that merge")
    func lost() throws {
        let tokenizer = try Self.read(try #require(Self.cases.first).tokenizer)
        let tokens = try tokenizer.encode("axb")
        #expect(tokens.map(\.id) == [2])
        #expect(tokenizer.unencodedByteCount(of: try tokenizer.encode("xaxbcx"), in: "xaxbcx") == 2)
    }

    @Test(
        "What the library doesn't take from a file, or takes otherwise than it says, is refused",
        arguments: [
            (#""id": 4, "content": "foo""#, #""id": 9, "content": "foo""#, "would become 4"),
            (#""id": 5, "content": "  ""#, #""id": 6, "content": "  ""#, "would become 5"),
            (#""id": 7, "content": "baz""#, #""id": 7, "content": "a""#, "would become 0"),
            (#""normalizer": null"#, replace(#"{"String": ""}"#), "must have a character"),
            (#""normalizer": null"#, replace(#"{"Regex": "x*"}"#), "must have a character"),
            (
                #""type": "BPE""#, #""type": "BPE", "byte_fallback": true, "end_of_word_suffix": "</w>""#,
                "byte_fallback beside"
            ),
        ])
    func refused(old: String, new: String, message: String) throws {
        let example = try #require(Self.cases.first { $0.name == Self.plainTokens })
        #expect(example.tokenizer.contains(old))
        let error = #expect(throws: Diagnostic.self) {
            try Self.read(example.tokenizer.replacing(old, with: new)).encode("a foo")
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test("An added token that is normalised to nothing is refused: the library finds it everywhere")
    func normalisedAway() throws {
        let example = try #require(Self.cases.first { $0.name == Self.normalisedTokens })
        let stripping = #""normalizer": {"type": "Strip", "strip_left": true, "strip_right": true}"#
        let text = example.tokenizer.replacing(#""normalizer": {"type": "Lowercase"}"#, with: stripping)
        #expect(text != example.tokenizer)
        let error = #expect(throws: Diagnostic.self) { try Self.read(text) }
        #expect(
            error?.message.contains(#"the added token "  " is normalised to nothing"#) == true,
            "\(String(describing: error))")
    }

    @Test(
        "Added tokens of which the library takes one by chance, or at which it stops, are refused",
        arguments: [
            (normalisedTokens, #""content": "baz""#, #""content": "Foo""#, #""Foo" and "foo" are normalised alike"#),
            (
                plainTokens, #""content": "  ", "single_word": false, "lstrip": false"#,
                #""content": "  ", "single_word": false, "lstrip": true"#, "white space with lstrip and without rstrip"
            ),
        ])
    func tokensInDoubt(name: String, old: String, new: String, message: String) throws {
        let example = try #require(Self.cases.first { $0.name == name })
        #expect(example.tokenizer.contains(old))
        let error = #expect(throws: Diagnostic.self) { try Self.read(example.tokenizer.replacing(old, with: new)) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(
        "Types of tokens other than the first are refused where texts come one by one, and not between pairs",
        arguments: [0, 1])
    func tokenTypes(type: Int) throws {
        let single = #"[{"SpecialToken": {"id": "a", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": \#(type)}}]"#
        let template = """
            {"type": "TemplateProcessing", "single": \(single), "pair": [{"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"a": {"id": "a", "ids": [0], "tokens": ["a"]}}}
            """
        let text = try #require(Self.cases.first).tokenizer
            .replacing(#""post_processor": null"#, with: #""post_processor": \#(template)"#)
        guard type == 0 else {
            let error = #expect(throws: Diagnostic.self) { try Self.read(text) }
            #expect(error?.message.contains("expected 0: all tokens are of the first type") == true)
            return
        }
        #expect(try Self.read(text).encode("ab").map(\.id) == [2])
    }

    private static func replace(_ pattern: String) -> String {
        #""normalizer": {"type": "Replace", "pattern": \#(pattern), "content": "-"}"#
    }

    @Test("Unigrams without an unknown token are refused: the library stops at the first unknown character")
    func withoutUnknown() throws {
        let example = try #require(Self.cases.first { $0.tokenizer.contains("unk_id") })
        let error = #expect(throws: Diagnostic.self) {
            try Self.read(example.tokenizer.replacing(#""unk_id": 0"#, with: #""unk_id": null"#))
        }
        #expect(error?.message.contains("unk_id") == true)
    }
}

import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("Each step takes each character for what the tokenizers library takes it for, whatever Unicode Swift has")
struct CharacterTests {
    private struct Golden: Decodable {
        /// The first character of each block of 1024.
        var blocks: [UInt32]
        var alphabet: String
        var cases: [Case]

        /// A `tokenizer.json` whose tokens are single bytes.
        func file(normalizer: String, preTokenizer: String) -> String {
            let vocabulary = alphabet.unicodeScalars.enumerated().map { number, scalar in
                "\(JSONText.quoted(String(scalar))): \(number)"
            }
            return """
                {"version": "1.0", "added_tokens": [], "normalizer": \(normalizer),
                 "pre_tokenizer": \(preTokenizer), "post_processor": null, "decoder": null,
                 "model": {"type": "BPE", "vocab": {\(vocabulary.joined(separator: ", "))}, "merges": []}}
                """
        }
    }

    private struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var normalizer: String
        var preTokenizer: String
        /// The beginnings of SHA-256 of the ids, a byte each, in hexadecimal digits.
        var digests: [String]
        var testDescription: String { name }
    }

    private static let golden: Golden? = {
        let data = try? Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("characters.json")))
        return data.flatMap { try? JSONDecoder().decode(Golden.self, from: $0) }
    }()

    private static func text(from start: UInt32) -> String {
        var text = String.UnicodeScalarView()
        for one in (start..<start + 0x400).compactMap(Unicode.Scalar.init) {
            for scalar in "a".unicodeScalars { text.append(scalar) }
            text.append(one)
            for scalar in "b x\u{328}".unicodeScalars { text.append(scalar) }
            text.append(one)
            for scalar in "\u{323}-".unicodeScalars { text.append(scalar) }
            text.append(one)
            text.append("-")
        }
        return String(text)
    }

    private static func read(_ json: String) throws -> TokenizerPipeline {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/tokenizer.json", with: json)
            return try TokenizerPipeline(json: folder + "/tokenizer.json")
        }
    }

    /// Against the tokenizers library; see `Tests/Golden/dump_characters.py`.
    @Test("Ids of all characters equal the library's", arguments: golden?.cases ?? [])
    private func ids(example: Case) throws {
        let golden = try #require(Self.golden)
        let json = golden.file(normalizer: example.normalizer, preTokenizer: example.preTokenizer)
        let tokenizer = try Self.read(json)
        for (start, digest) in zip(golden.blocks, example.digests) {
            let ids = try tokenizer.encode(Self.text(from: start)).map { UInt8(truncatingIfNeeded: $0.id) }
            #expect(
                SHA256Digest(of: ids).description.hasPrefix(digest),
                "block \(String(start, radix: 16)) of \(example.name)")
        }
    }

    @Test("An empty text as the unknown token is none where every byte has a token, and refused elsewhere")
    func emptyUnknown() throws {
        let golden = try #require(Self.golden)
        let example = try #require(golden.cases.last)
        let plain = golden.file(normalizer: "null", preTokenizer: example.preTokenizer)
        let said = plain.replacing(#""merges": []"#, with: #""merges": [], "unk_token": """#)
        #expect(try Self.read(said).encode("a日b").map(\.id) == Self.read(plain).encode("a日b").map(\.id))
        let error = #expect(throws: Diagnostic.self) {
            try Self.read(said.replacing("\"!\": 0", with: "\"no byte\": 0"))
        }
        #expect(error?.message.contains("unk_token") == true)
    }

    @Test("All steps are tried on all blocks")
    func count() throws {
        let golden = try #require(Self.golden)
        #expect(golden.cases.count == 22)
        #expect(golden.cases.allSatisfy { $0.digests.count == golden.blocks.count })
    }
}

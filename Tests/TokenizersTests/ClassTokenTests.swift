import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("Tokens and counts are those of transformers' classes where the files say nothing")
struct ClassTokenTests {
    /// A tokenizer.json that lists no added tokens, beside a configuration.
    private func read(_ config: String) throws -> any Tokenizer {
        let words = [
            "[UNK]", "a", "b", "[MASK]", "[SEP]", "<s>", "</s>", "<mask>", "<|endoftext|>", "<bos>", "[CLS]", "<sep>",
        ]
        let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
        return try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(
                folder + "/tokenizer.json",
                with: """
                    {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                     "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                     "model": {"type": "WordLevel", "vocab": {\(vocabulary)}, "unk_token": "[UNK]"}}
                    """)
            try AtomicFile.replace(folder + "/tokenizer_config.json", with: config)
            return try PretrainedTokenizer.read(folder: folder)
        }
    }

    private func vocabulary(_ words: [String], _ files: [String: String] = [:]) throws -> any Tokenizer {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/vocab.txt", with: words.joined(separator: "\n") + "\n")
            for (name, text) in files { try AtomicFile.replace("\(folder)/\(name)", with: text) }
            return try PretrainedTokenizer.read(folder: folder)
        }
    }

    @Test(
        "A class's own tokens are found in texts where no file names any",
        arguments: [
            ("BertTokenizer", "[MASK]"), ("ElectraTokenizerFast", "[SEP]"), ("RobertaTokenizer", "<s>"),
            ("BartTokenizer", "</s>"), ("GPT2TokenizerFast", "<|endoftext|>"), ("LlamaTokenizer", "</s>"),
            ("GemmaTokenizer", "<bos>"), ("AlbertTokenizer", "[CLS]"), ("XLNetTokenizer", "<sep>"),
            ("DebertaV2Tokenizer", "[MASK]"), ("XLMRobertaTokenizer", "<s>"), ("BigBirdTokenizer", "</s>"),
        ])
    func defaults(name: String, token: String) throws {
        let plain = try read("{}")
        #expect(try plain.encode("a\(token)b").count > 3)
        let ofClass = try read("{\"tokenizer_class\": \"\(name)\"}")
        let found = try ofClass.encode("a\(token)b")
        #expect(found.contains { $0.bytes == 1..<1 + token.utf8.count }, "\(found)")
        #expect(ofClass.fingerprint != plain.fingerprint)
        #expect(ofClass.summary.notes.contains { $0.contains(token.debugDescription) })
    }

    @Test(
        "A class's token stays where a file names another for one of its roles", arguments: ["unk_token", "eos_token"])
    func otherRoles(role: String) throws {
        let tokenizer = try read("{\"tokenizer_class\": \"GPT2Tokenizer\", \"\(role)\": \"<s>\"}")
        #expect(try tokenizer.encode("a<|endoftext|>b").contains { $0.bytes == 1..<14 })
        #expect(try tokenizer.encode("a<s>b").contains { $0.bytes == 1..<4 })
    }

    @Test(
        "Null takes a class's token away, and a mask token of which the library's versions disagree is refused in a text"
    )
    func exceptions() throws {
        let name = "\"tokenizer_class\": \"RobertaTokenizer\""
        let ofClass = try read("{\(name)}")
        let error = #expect(throws: Diagnostic.self) { try ofClass.encode("a <mask> b") }
        #expect(error?.message.contains("\"<mask>\"") == true)
        let without = try read("{\(name), \"mask_token\": null}")
        #expect(try without.encode("a <mask> b").count == 5)
        #expect(try without.encode("a b").map(\.id) == ofClass.encode("a b").map(\.id))
    }

    private static let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "walk", "e", "##e", "\u{301}", "##\u{301}", "e\u{301}",
    ]

    @Test(
        "Lengths are counted in code points, as the tokenizers library counts them",
        arguments: [
            (String(repeating: "e\u{301}", count: 50), 99, 10), (String(repeating: "e\u{301}", count: 51), 1, 1),
            (String(repeating: "e", count: 100), 100, 6), (String(repeating: "e", count: 101), 1, 1),
            ("walk\r\nwalk", 2, 5), ("walk\u{200D}walk", 1, 1), ("\u{1F468}\u{200D}\u{1F469}", 1, 1), ("\u{301}", 1, 8),
            ("\u{E9}", 1, 1), ("e\u{301}", 1, 10),
        ])
    func counts(text: String, count: Int, first: Int32) throws {
        let tokenizer = try vocabulary(Self.words, ["tokenizer_config.json": "{\"strip_accents\": false}"])
        let found = try tokenizer.encode(text)
        #expect(found.count == count && found.first?.id == first, "\(found)")
    }

    @Test("Two spellings of an accented letter are two added tokens")
    func spellings() throws {
        let size = Self.words.count
        let added = "{\"<\u{E9}>\": \(size), \"<e\u{301}>\": \(size + 1)}"
        let tokenizer = try vocabulary(Self.words, ["added_tokens.json": added])
        #expect(tokenizer.vocabularySize == size + 2)
    }
}

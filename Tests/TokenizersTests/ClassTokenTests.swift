import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("Tokens and counts are those of transformers' classes where the files say nothing")
struct ClassTokenTests {
    /// A tokenizer.json that lists no added tokens, beside a configuration.
    ///
    /// - Parameters:
    ///   - own: what the former says of cutting and padding
    ///   - isOverBytes: whether its vocabulary is one of bytes, or of words
    private func read(
        _ config: String, own: String = "\"truncation\": null, \"padding\": null",
        isOverBytes: Bool = false
    ) throws -> any Tokenizer {
        let words = [
            "[UNK]", "a", "b", "[MASK]", "[SEP]", "<s>", "</s>", "<mask>", "<|endoftext|>", "<bos>", "[CLS]", "<sep>",
        ]
        let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
        let splitting = isOverBytes ? #""type": "ByteLevel", "add_prefix_space": false"# : #""type": "Whitespace""#
        let model = isOverBytes ? #""type": "BPE", "merges": []"# : #""type": "WordLevel""#
        return try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(
                folder + "/tokenizer.json",
                with: """
                    {"version": "1.0", \(own), "added_tokens": [], "normalizer": null,
                     "pre_tokenizer": {\(splitting)}, "post_processor": null, "decoder": null,
                     "model": {\(model), "vocab": {\(vocabulary)}, "unk_token": "[UNK]"}}
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

    @Test("The token that tokenizer.json pads with is found in texts where neither file nor class names one")
    func padding() throws {
        func own(_ token: String) -> String { "\"truncation\": null, \"padding\": {\"pad_token\": \"\(token)\"}" }
        for config in ["{}", "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}", "{\"tokenizer_class\": null}"] {
            #expect(try read(config, own: own("<bos>")).encode("a<bos>b").contains { $0.bytes == 1..<6 })
            // The library gives it an id that no embedding has.
            let error = #expect(throws: Diagnostic.self) { try read(config, own: own("<nopad>")).encode("a <nopad>") }
            #expect(error?.message.contains("\"<nopad>\"") == true)
        }
        for config in ["{\"pad_token\": null}", "{\"pad_token\": \"<s>\"}", "{\"tokenizer_class\": \"BertTokenizer\"}"]
        {
            #expect(try read(config, own: own("<nopad>")).encode("a <nopad>").count == 4)
        }
    }

    @Test("A class's token of which transformers 4 and 5 disagree is an error in a text, and so are two sets of flags")
    func disagreements() throws {
        // Version 5 takes a LLaMA's file over bytes as it is, and knows none of the class's tokens.
        let named = "{\"tokenizer_class\": \"LlamaTokenizerFast\"}"
        let tokenizer = try read(named, isOverBytes: true)
        let error = #expect(throws: Diagnostic.self) { try tokenizer.encode("a</s>") }
        #expect(error?.message.contains("\"</s>\"") == true)
        #expect(try read("{}", isOverBytes: true).encode("a").count == 1)
        let flags = "\"eos_token\": {\"content\": \"<s>\", \"lstrip\": true}, \"sep_token\":"
        let twice = #expect(throws: Diagnostic.self) { try read("{\(flags) \"<s>\"}") }
        #expect(twice?.message.contains("has other flags in another role") == true)
        _ = try read("{\(flags) {\"content\": \"<s>\", \"lstrip\": true}}")
    }

    @Test("A tokenizer.json that cuts texts at their beginning is refused, unless the file beside it has it otherwise")
    func cutting() throws {
        func own(_ side: String) -> String {
            "\"truncation\": {\"direction\": \"\(side)\", \"max_length\": 3}, \"padding\": null"
        }
        let error = #expect(throws: Diagnostic.self) { try read("{}", own: own("Left")) }
        #expect(error?.message.contains("direction: expected \"Right\"") == true)
        #expect(try read("{}", own: own("Right")).encode("a b").count == 2)
        #expect(try read("{\"truncation_side\": \"right\"}", own: own("Left")).encode("a b").count == 2)
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

    @Test("A word for which arrays a model is given changes no id")
    func arrays() throws {
        let said = try vocabulary(Self.words, ["tokenizer_config.json": #"{"return_token_type_ids": false}"#])
        #expect(try said.encode("walk e").map(\.id) == [5, 6])
    }

    @Test("Two spellings of an accented letter are two added tokens")
    func spellings() throws {
        let size = Self.words.count
        let added = "{\"<\u{E9}>\": \(size), \"<e\u{301}>\": \(size + 1)}"
        let kept = ["added_tokens.json": added, "tokenizer_config.json": "{\"do_lower_case\": false}"]
        #expect(try vocabulary(Self.words, kept).vocabularySize == size + 2)
        let error = #expect(throws: Diagnostic.self) { try vocabulary(Self.words, ["added_tokens.json": added]) }
        #expect(error?.message.contains("are normalised alike") == true)
    }
}

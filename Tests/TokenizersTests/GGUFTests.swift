import Diagnostics
import Foundation
import TestSupport
import Testing
import Tokenizers
import Weights

struct GGUFTests {
    /// What a file says about its tokenizer; nil leaves the key out.
    private struct Fields {
        var model: String? = "gpt2"
        var preTokenizer: String? = "smollm"
        var vocabulary = TinyVocabulary(merges: ["a b"], special: ["<s>"])
        var kinds: [Int32]?
        var others: [(String, GGUFWriter.Value)] = []

        func open() throws -> ByteLevelBPE {
            try Fixtures.withTemporaryFolder { folder in
                var file = GGUFWriter()
                func set(_ key: String, _ value: GGUFWriter.Value) {
                    file.metadata.append(("tokenizer.ggml.\(key)", value))
                }
                if let model { set("model", .string(model)) }
                if let preTokenizer { set("pre", .string(preTokenizer)) }
                set("tokens", .array(vocabulary.tokens.map { .string($0) }))
                set("token_type", .array((kinds ?? vocabulary.kinds.map { Int32($0.rawValue) }).map { .int32($0) }))
                set("merges", .array(vocabulary.merges.map { .string($0) }))
                file.metadata += others
                try Data(file.bytes).write(to: URL(fileURLWithPath: folder + "/tiny.gguf"))
                let path = folder + "/tiny.gguf"
                if !others.isEmpty { _ = try PretrainedTokenizer.read(gguf: GGUFFile(path).metadata, path: path) }
                return try ByteLevelBPE(gguf: GGUFFile(path))
            }
        }
    }

    private func expectError(_ message: String, _ fields: Fields) {
        let error = #expect(throws: Diagnostic.self) { try fields.open() }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(error?.location?.file.hasSuffix("/tiny.gguf") == true)
    }

    @Test("A file's tokenizer is the one of its lists")
    func valid() throws {
        let fields = Fields()
        let tokenizer = try fields.open()
        #expect(tokenizer.parts(of: "ab<s>1") == ["ab", "<s>", "1"])
        #expect(try tokenizer.fingerprint == fields.vocabulary.tokenizer().fingerprint)
    }

    /// BERT's words, once as vocab.txt has them and once as GGUF files do.
    private static let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "walk", "##ing", "##s", "e", "日", ",",
    ]

    private func bert(_ others: [(String, GGUFWriter.Value)]) throws -> any Tokenizer {
        try Fixtures.withTemporaryFolder { folder in
            var file = GGUFWriter()
            let pieces = Self.words.map { word in
                word.hasPrefix("[") ? word : word.hasPrefix("##") ? String(word.dropFirst(2)) : "\u{2581}" + word
            }
            file.metadata = [
                ("tokenizer.ggml.model", .string("bert")),
                ("tokenizer.ggml.tokens", .array(pieces.map { .string($0) })),
                ("tokenizer.ggml.token_type", .array(Self.words.map { .int32($0.hasPrefix("[") ? 3 : 1) })),
            ]
            file.metadata += others.map { ("tokenizer.ggml.\($0)", $1) }
            let path = folder + "/tiny.gguf"
            try Data(file.bytes).write(to: URL(fileURLWithPath: path))
            return try PretrainedTokenizer.read(gguf: GGUFFile(path).metadata, path: path)
        }
    }

    @Test(
        "BERT's tokenizer in a GGUF file gives the ids of its vocab.txt",
        arguments: ["Walking, É", "walks 日walk", "[MASK] x", "", "🙂 walk\u{301}ing"])
    func bertVocabulary(text: String) throws {
        let inFolder = try Fixtures.withTemporaryFolder { folder in
            try Data((Self.words.joined(separator: "\n") + "\n").utf8).write(
                to: URL(fileURLWithPath: folder + "/vocab.txt"))
            return try PretrainedTokenizer.read(folder: folder)
        }
        let inFile = try bert([("cls_token_id", .uint32(2)), ("seperator_token_id", .uint32(3))])
        #expect(try inFile.encode(text).map(\.id) == inFolder.encode(text).map(\.id))
        #expect(inFile.frame == inFolder.frame)
    }

    @Test("A role of BERT's that another token has is an error, as is a text without its ends")
    func bertRoles() throws {
        for (key, value, message) in [
            (
                "bos_token_id", GGUFWriter.Value.uint32(3),
                "bos_token_id: expected the id of [CLS], found 3, which is \"[SEP]\""
            ),
            (
                "unknown_token_id", .uint32(99),
                "unknown_token_id: expected the id of [UNK], found 99, which is no token"
            ),
            ("add_bos_token", .bool(false), "add_bos_token: expected true"),
        ] {
            let error = #expect(throws: Diagnostic.self) { try bert([(key, value)]) }
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
            #expect(error?.location?.file.hasSuffix("/tiny.gguf") == true)
        }
    }

    @Test("Another tokenizer model is an error that names it")
    func otherModel() {
        expectError("expected \"gpt2\" (byte-level BPE), found \"llama\"", Fields(model: "llama"))
    }

    @Test("A missing key is an error that names it")
    func missingKeys() {
        expectError("\"tokenizer.ggml.model\"", Fields(model: nil))
        expectError("\"tokenizer.ggml.pre\"", Fields(preTokenizer: nil))
    }

    @Test("An unknown pre-tokenizer is an error that lists the known ones")
    func unknownPreTokenizer() {
        expectError(
            "unknown pre-tokenizer \"qwen3\"; expected one of: gpt-2, smollm, llama-bpe, qwen2",
            Fields(preTokenizer: "qwen3"))
    }

    @Test("Token types that are too few or unknown are errors")
    func kinds() {
        expectError("258 tokens but 2 token types", Fields(kinds: [1, 1]))
        expectError("expected 1 to 6 for token 1, found 7", Fields(kinds: [1, 7]))
        expectError("expected 1 to 6 for token 0, found -1", Fields(kinds: [-1]))
    }

    @Test("A tokenizer's key that isn't known is refused by name; padding, templates and ends of answers change no id")
    func unknownKeys() throws {
        let harmless: [(String, GGUFWriter.Value)] = [
            ("tokenizer.ggml.padding_token_id", .uint32(.max)), ("tokenizer.ggml.eot_token_id", .uint32(3)),
            ("tokenizer.chat_template.tool_use", .string("x")), ("tokenizer.ggml.add_sep_token", .bool(false)),
        ]
        _ = try Fields(others: harmless).open()
        expectError(
            "unknown key \"tokenizer.ggml.add_space_prefixes\"",
            Fields(others: [("tokenizer.ggml.add_space_prefixes", .bool(true))]))
        expectError(
            "tokenizer.ggml.precompiled_charsmap",
            Fields(others: [("tokenizer.ggml.precompiled_charsmap", .array([.uint32(1)]))]))
        expectError("tokenizer.ggml.add_sep_token", Fields(others: [("tokenizer.ggml.add_sep_token", .bool(true))]))
    }

    @Test("A merge that the vocabulary contradicts is an error with the file's path")
    func badMerge() {
        var fields = Fields()
        fields.vocabulary.merges = ["b a"]
        expectError("merge 0 (\"b a\"): \"ba\" is not in the vocabulary", fields)
    }
}

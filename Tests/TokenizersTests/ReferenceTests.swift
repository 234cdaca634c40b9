import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

/// Against the `tokenizers` and `sentencepiece` libraries; see `Tests/Golden/dump_tokenizers.py`.
@Suite struct ReferenceTests {
    private static let kinds = [
        "gpt2", "roberta", "llama3", "qwen2", "smollm", "llama2", "llama2-first", "bpe-unk", "bpe-affixes", "unigram",
        "bert",
        "bert-cased", "bert-accents", "words", "sp-bpe", "sp-unigram", "sp-unigram-bytes",
    ]

    private static func folder(_ kind: String) -> String { Fixtures.golden("tokenizers/\(kind)") }

    @Test("Ids equal the reference library's, for every kind of tokenizer and every ugly text", arguments: kinds)
    func ids(kind: String) throws {
        func read<T: Decodable>(_ path: String, as type: T.Type) throws -> T {
            try JSONDecoder().decode(T.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        }
        let texts = try read(Fixtures.golden("tokenizers/texts.json"), as: [String].self)
        let expected = try read(Self.folder(kind) + "/ids.json", as: [[Int32]].self)
        let tokenizer = try PretrainedTokenizer.read(folder: Self.folder(kind))
        #expect(texts.count == expected.count && texts.count > 120)
        for (text, ids) in zip(texts, expected) {
            let tokens = try tokenizer.encode(text)
            #expect(tokens.map(\.id) == ids, "\(text.debugDescription)")
            #expect(tokens.ascend(in: text), "\(text.debugDescription)")
        }
    }

    @Test(
        "Byte-level BPE as GGUF files have it gives the same ids as the library's tokenizer.json",
        arguments: [("llama3", PreTokenizer.llama3), ("qwen2", .qwen2), ("gpt2", .gpt2)])
    func byteLevel(kind: String, preTokenizer: PreTokenizer) throws {
        let model = try JSONDocument(path: Self.folder(kind) + "/tokenizer.json").root.required("model")
        let vocabulary = try model.required("vocab")
        let tokens = try vocabulary.keys.sorted { first, second in
            try vocabulary.required(first).integer() < vocabulary.required(second).integer()
        }
        let merges = try model.required("merges").elements().map { merge in
            merge.kind == .string
                ? try merge.string() : try merge.elements().map { try $0.string() }.joined(separator: " ")
        }
        let tokenizer = try ByteLevelBPE(
            tokens: tokens, kinds: tokens.map { _ in .normal }, merges: merges, preTokenizer: preTokenizer)
        let reference = try PretrainedTokenizer.read(folder: Self.folder(kind))
        let lines = try TextFile.lines(of: Fixtures.golden("tokenizers/sentences.txt"))
        for line in lines where !line.contains("<") {
            #expect(try tokenizer.encode(line) == reference.encode(line), "\(line.debugDescription)")
        }
    }

    @Test("A token's bytes are those that it stands for, whatever has happened to the text")
    func bytes() throws {
        func parts(_ kind: String, _ text: String) throws -> [String] {
            try PretrainedTokenizer.read(folder: Self.folder(kind)).encode(text).map { token in
                String(decoding: Array(text.utf8)[token.bytes], as: UTF8.self)
            }
        }
        // Accents off, lower case, white space dropped.
        #expect(try parts("bert", "  Ü!\tA\u{301}?") == ["Ü", "!", "A\u{301}", "?"])
        // One character becomes three, and the first of their tokens has its bytes.
        #expect(try parts("unigram", "½").joined() == "½")
        #expect(try parts("unigram", "½").first == "½")
        // The visible space in front stands for no bytes; those of a character that the vocabulary lacks are apart.
        let token = try PretrainedTokenizer.read(folder: Self.folder("llama2")).encode("𝕳a")
        #expect(token.map(\.bytes).suffix(5) == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5])
        for text in ["naïve Ångström 한국어 🙂", "two  spaces"] {
            for kind in ["gpt2", "qwen2", "llama2", "sp-bpe"] {
                let tokens = try PretrainedTokenizer.read(folder: Self.folder(kind)).encode(text)
                #expect(tokens.flatMap(\.bytes) == Array(0..<text.utf8.count), "\(kind)")
            }
        }
    }

    @Test("What goes around a text is the post-processor's, and is not among its tokens")
    func frames() throws {
        func frame(_ kind: String) throws -> SequenceFrame {
            try PretrainedTokenizer.read(folder: Self.folder(kind)).frame
        }
        #expect(try frame("bert") == SequenceFrame(before: [1], behind: [2]))
        #expect(try frame("gpt2") == SequenceFrame())
        let llama3 = try PretrainedTokenizer.read(folder: Self.folder("llama3"))
        #expect(try llama3.frame == SequenceFrame(before: llama3.encode("<special>").map(\.id)))
        let roberta = try frame("roberta")
        #expect(roberta.before.count == 1 && roberta.behind.count == 1 && roberta.before != roberta.behind)
        // transformers' LlamaTokenizer puts <s> in front unless its configuration says otherwise.
        #expect(try frame("sp-bpe") == SequenceFrame(before: [1]))
        let path = Self.folder("sp-bpe") + "/tokenizer.model"
        #expect(try SentencePiece(model: path, addsEOS: true).frame == SequenceFrame(behind: [2]))
    }

    @Test("Ids turn back into the text, where nothing was normalised away")
    func decoding() throws {
        for kind in ["gpt2", "llama3", "llama2", "sp-bpe"] {
            let tokenizer = try PretrainedTokenizer.read(folder: Self.folder(kind))
            for text in ["A dog  walks, naïvely 🙂.", "한국어 1234\n\n x"] {
                #expect(try tokenizer.decode(tokenizer.encode(text).map(\.id)) == text, "\(kind)")
            }
            #expect(throws: Diagnostic.self) { try tokenizer.decode([Int32(tokenizer.vocabularySize)]) }
        }
    }

    @Test(
        "What is not supported is refused with its field and what is supported",
        arguments: [
            (
                "\"type\":\"BertNormalizer\"", "\"type\":\"Nmt\"",
                "normalizer.type: the normalizer \"Nmt\" is not supported"
            ),
            (
                "\"type\":\"BertPreTokenizer\"", "\"type\":\"UnicodeScripts\"",
                "pre_tokenizer.type: the pre_tokenizer \"UnicodeScripts\" is not supported; expected one of: ByteLevel, Split"
            ),
            ("\"type\":\"WordPiece\"", "\"type\":\"Wordpiece\"", "; the nearest is \"WordPiece\""),
            ("\"type\":\"BertProcessing\"", "\"type\":\"Pair\"", "post_processor.type: the post_processor \"Pair\""),
            ("\"[UNK]\":0", "\"[UNX]\":0", "model.unk_token: expected a token of the vocabulary"),
            ("\"[UNK]\":0", "\"[UNK]\":1", "the id is also that of"),
            ("\"[UNK]\":0", "\"[UNK]\":1000000000", "expected an id below"),
        ])
    func refused(old: String, new: String, expected: String) throws {
        let text = try TextFile.text(of: Self.folder("bert") + "/tokenizer.json")
        #expect(text.contains(old))
        let changed = Array(text.replacingOccurrences(of: old, with: new).utf8)
        let error = try #require(throws: Diagnostic.self) {
            try TokenizerPipeline(JSONDocument(changed, file: "tokenizer.json"))
        }
        #expect(error.description.contains(expected), "\(error)")
    }

    @Test("Pieces are cut where a pattern occurs without a character, whatever becomes of the delimiters")
    func emptyOccurrences() throws {
        // Of the tokenizers library's `pre_tokenizers.Split`.
        let expected = [
            ("Isolated", false, "(?=[A-Z])", "fooBarBaz", "foo|Bar|Baz"),
            ("Removed", false, "(?=[A-Z])", "fooBarBaz", "foo|Bar|Baz"), ("Removed", true, "x*", "axxbéc", "xx"),
            ("Isolated", false, "x*", "axxbéc", "a|xx|b|é|c"),
            ("MergedWithPrevious", false, "x*", "axxbéc", "axx|b|é|c"),
            ("MergedWithPrevious", true, "x*", "axxbéc", "a|xxb|é|c"),
            ("MergedWithNext", false, "x*", "axxbéc", "a|xxb|é|c"),
            ("MergedWithNext", true, "x*", "axxbéc", "axx|b|é|c"), ("Contiguous", false, "x*", "axxbéc", "a|xx|b|é|c"),
        ]
        for (behaviour, isInverted, pattern, text, pieces) in expected {
            let words = pieces.split(separator: "|").map(String.init) + ["[UNK]"]
            let vocabulary = words.indices.map { JSONText.quoted(words[$0]) + ":\($0)" }
            let json = """
                {"version":"1.0","pre_tokenizer":{"type":"Split","pattern":{"Regex":"\(pattern)"},"behavior":"\(behaviour)",
                "invert":\(isInverted)},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{\(vocabulary.joined(separator: ","))}}}
                """
            let tokenizer = try TokenizerPipeline(JSONDocument(Array(json.utf8), file: "tokenizer.json"))
            let ids = try tokenizer.encode(text).map(\.id)
            #expect(ids == Array(0..<Int32(vocabulary.count - 1)), "\(behaviour) \(isInverted) \(pattern)")
        }
    }

    @Test("A pattern that takes too many steps is an error at its place in the file, not other ids")
    func backtracking() throws {
        let json = """
            {"version":"1.0",
            "pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a|aa)+$"},"behavior":"Isolated","invert":false},
            "model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0}}}
            """
        let tokenizer = try TokenizerPipeline(JSONDocument(Array(json.utf8), file: "tokenizer.json"))
        #expect(try tokenizer.encode("aaaa").map(\.id) == [0])
        let error = #expect(throws: Diagnostic.self) { try tokenizer.encode(String(repeating: "a", count: 90) + "b") }
        #expect(error?.description.hasPrefix("tokenizer.json:2:") == true, "\(String(describing: error))")
        #expect(error?.message.contains("\"(a|aa)+$\"") == true)
    }

    @Test("A folder without a tokenizer is an error; vocab.txt is BERT's")
    func folders() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(throws: Diagnostic.self) { try PretrainedTokenizer.read(folder: folder) }
            try AtomicFile.replace(folder + "/vocab.txt", with: "[PAD]\r\n[UNK]\n[CLS]\n[SEP]\nwalk\n##ing\n")
            let tokenizer = try PretrainedTokenizer.read(folder: folder)
            #expect(try tokenizer.encode("Walking xyz").map(\.id) == [4, 5, 1])
            #expect(tokenizer.frame == SequenceFrame(before: [2], behind: [3]))
        }
    }
}

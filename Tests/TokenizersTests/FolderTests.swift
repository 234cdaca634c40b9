import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("What the files beside a tokenizer say is followed as transformers follows it, or refused")
struct FolderTests {
    private static let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "日本", "日", "本", "walk", "##ing", "Walk", "é", "e",
    ]

    /// A folder of a golden tokenizer, or of a list of words, with other files beside it.
    private func read(
        _ kind: String, _ files: [String: String], ignoring: KeyPolicy = [],
        change: (String) -> String = { $0 }
    ) throws -> any Tokenizer {
        try Fixtures.withTemporaryFolder { folder in
            if kind == "vocab.txt" {
                try AtomicFile.replace(folder + "/vocab.txt", with: Self.words.joined(separator: "\n") + "\n")
            } else {
                let golden = Fixtures.golden("tokenizers/\(kind)")
                for name in ["tokenizer.json", "tokenizer.model"]
                where FileManager.default.fileExists(atPath: "\(golden)/\(name)") {
                    let bytes = try TextFile.bytes(of: "\(golden)/\(name)")
                    if name == "tokenizer.json" {
                        let text = change(String(decoding: bytes, as: UTF8.self))
                        try AtomicFile.replace("\(folder)/\(name)", with: text)
                    } else {
                        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                    }
                }
            }
            for (name, text) in files { try AtomicFile.replace("\(folder)/\(name)", with: text) }
            return try PretrainedTokenizer.read(folder: folder, ignoring: ignoring)
        }
    }

    private func ids(_ kind: String, _ config: String, _ text: String) throws -> [Int32] {
        try read(kind, ["tokenizer_config.json": config]).encode(text).map(\.id)
    }

    @Test(
        "A file whose steps transformers 5 replaces by its class's is followed, with a warning that shows where they differ",
        arguments: [
            ("llama2", "LlamaTokenizer", "llama", nil), ("llama2-first", "LlamaTokenizerFast", "llama", nil),
            ("llama2-first", "LlamaTokenizer", "mistral", nil), ("llama3", "LlamaTokenizerFast", "llama", nil),
            ("llama3", "PreTrainedTokenizerFast", "llama", nil), ("unigram", "PreTrainedTokenizerFast", "t5", nil),
            ("unigram", "T5Tokenizer", "t5", "▁b"),
            ("unigram", "XLMRobertaTokenizerFast", "xlm-roberta", "\"▁a\" \"▁b\" \"▁c\""),
            ("unigram", nil, "xlm-roberta", "\"▁a\" \"▁b\" \"▁c\""),
            ("unigram", "AlbertTokenizer", "albert", "\"▁ab\" \"▁cd\""),
            ("bpe-affixes", "LlamaTokenizer", "llama", "\"▁Ab▁cd\""),
            ("bpe-affixes", "LlamaTokenizer", "qwen2", "BPE over bytes"),
            // A class that the library doesn't believe for a type, and one that it does.
            ("llama3", "LlamaTokenizerFast", "qwen2", "Qwen2Tokenizer"), ("qwen2", "LlamaTokenizerFast", "qwen2", nil),
            ("llama3", "PreTrainedTokenizerFast", "qwen2", "Qwen2Tokenizer"),
            ("llama3", "GPT2Tokenizer", "mistral", nil),
            ("llama3", nil, "qwen3", "Qwen2Tokenizer"), ("smollm", "GPT2Tokenizer", "llama", "\" \" \"½\""),
            ("smollm", "GPT2TokenizerFast", "phi3", nil), ("smollm", "PreTrainedTokenizerFast", "llama", nil),
            ("gpt2", "GPTNeoXTokenizer", "gpt_neox", "GPTNeoXTokenizer"), ("gpt2", "GPT2Tokenizer", "gpt2", nil),
            ("gpt2", "RobertaTokenizer", "roberta", "\"<s> … </s>\""), ("bert", "BertTokenizer", "bert", nil),
            ("bert", "MPNetTokenizer", "mpnet", "\"[CLS] … [SEP]\""), ("words", "BertTokenizer", "bert", "WordPiece"),
            ("unigram", "PegasusTokenizer", "pegasus", "not compared"),
        ] as [(String, String?, String, String?)])
    func rebuilt(kind: String, name: String?, modelType: String, shown: String?) throws {
        let found = try read(
            kind,
            [
                "config.json": "{\"model_type\": \"\(modelType)\"}",
                "tokenizer_config.json": name.map { "{\"tokenizer_class\": \"\($0)\"}" } ?? "{}",
            ])
        let warnings = found.summary.warnings
        #expect(warnings.isEmpty == (shown == nil), "\(warnings)")
        if let shown { #expect(warnings.joined().contains(shown), "\(warnings)") }
        // It changes no id, and so no key of a cached vector.
        let plain = try read(kind, ["tokenizer_config.json": "{}"])
        #expect(try found.encode("Ab cd ﬁne").map(\.id) == plain.encode("Ab cd ﬁne").map(\.id))
    }

    @Test(
        "Where the two differ on texts that begin with a space alone, that is a warning for such texts",
        arguments: [
            ("llama2", "LlamaTokenizer", #"makes of " a" "▁a""#), ("llama2", "PreTrainedTokenizerFast", nil),
            ("llama2-first", "LlamaTokenizer", nil), ("bpe-affixes", "LlamaTokenizer", nil),
        ])
    func leadingSpace(kind: String, name: String, shown: String?) throws {
        let found = try read(
            kind,
            [
                "config.json": #"{"model_type": "llama"}"#,
                "tokenizer_config.json": #"{"tokenizer_class": "\#(name)"}"#,
            ])
        let warning = found.leadingSpaceWarning
        guard let shown else { return #expect(warning == nil) }
        #expect(warning?.contains(shown) == true, "\(warning ?? "no warning")")
    }

    @Test("Where version 4's class changes a file that version 5 takes as it is, the change is made and warned of")
    func version4() throws {
        for (name, type) in [("ConvBertTokenizer", "convbert"), ("BertTokenizer", "mistral")] {
            let found = try read(
                "bert-cased",
                [
                    "config.json": "{\"model_type\": \"\(type)\"}",
                    "tokenizer_config.json": "{\"tokenizer_class\": \"\(name)\"}",
                ])
            #expect(found.summary.warnings.joined().contains("takes tokenizer.json as it is here"))
            #expect(try found.encode("The DOG").map(\.id) == found.encode("the dog").map(\.id))
        }
    }

    @Test("A file that takes whole words first is not what a class with merges alone makes of it")
    func wholeWords() throws {
        let found = try read(
            "qwen2", ["tokenizer_config.json": #"{"tokenizer_class": "Qwen2Tokenizer"}"#],
            change: { text in
                // Letters that no merge joins.
                text.replacing(#""ignore_merges":false,"vocab":{"#, with: #""ignore_merges":true,"vocab":{"qzx":450,"#)
                    .replacing(/"added_tokens":\[[^\]]*\]/, with: "\"added_tokens\":[]")
            })
        #expect(found.summary.warnings.joined().contains("\"qzx\""))
    }

    private func expectRefusal(_ message: String, _ kind: String, _ files: [String: String]) {
        let error = #expect(throws: Diagnostic.self) { _ = try read(kind, files) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        #expect(error?.location?.file.isEmpty == false)
    }

    @Test("BERT's list of words follows tokenizer_config.json: case, accents, Chinese characters, the tokens' names")
    func words() throws {
        #expect(try ids("vocab.txt", "{}", "Walking é 日本") == [8, 9, 12, 6, 7])
        #expect(try ids("vocab.txt", #"{"do_lower_case": false}"#, "Walk é") == [10, 11])
        #expect(try ids("vocab.txt", #"{"strip_accents": false}"#, "É") == [11])
        #expect(try ids("vocab.txt", #"{"strip_accents": null}"#, "É") == [12])
        #expect(try ids("vocab.txt", #"{"tokenize_chinese_chars": false}"#, "日本") == [5])
        #expect(try ids("vocab.txt", #"{"unk_token": "é", "strip_accents": false}"#, "xyz") == [11])
        let named = try read(
            "vocab.txt",
            ["special_tokens_map.json": #"{"cls_token": "[PAD]", "sep_token": {"content": "[MASK]", "lstrip": true}}"#])
        #expect(named.frame == SequenceFrame(before: [0], behind: [4]))
    }

    @Test(
        "Added tokens of either file are found, with the id that transformers gives them",
        arguments: ["vocab.txt", "sp-bpe", "gpt2"])
    func addedTokens(kind: String) throws {
        let size = Int32(try read(kind, [:]).vocabularySize)
        let decoder =
            #"{"added_tokens_decoder": {"\#(size)": {"content": "<|turn|>", "lstrip": true, "special": true}}}"#
        let tokenizer = try read(kind, ["tokenizer_config.json": decoder])
        let tokens = try tokenizer.encode("a <|turn|>b")
        #expect(tokens.first { $0.id == size }?.bytes == 1..<10)
        #expect(tokenizer.vocabularySize == Int(size) + 1)
        #expect(try tokenizer.decode([size]) == "<|turn|>")
        let plain = try read(kind, [:])
        #expect(tokenizer.fingerprint != plain.fingerprint)
        let old = try read(kind, ["added_tokens.json": #"{"<|b|>": \#(size + 1), "<|a|>": \#(size)}"#])
        #expect(try old.encode("<|a|><|b|>").map(\.id).filter { $0 >= size } == [size, size + 1])
        // transformers numbers them one after the other, whatever the file says.
        expectRefusal("would become \(size)", kind, ["added_tokens.json": #"{"<|turn|>": \#(size + 5)}"#])
    }

    @Test("A token that a file names and no list has an id for is an error where a text has it, and no sooner")
    func tokensWithoutIDs() throws {
        for kind in ["vocab.txt", "sp-bpe", "gpt2"] {
            let tokenizer = try read(kind, ["tokenizer_config.json": #"{"pad_token": "<nopad>"}"#])
            #expect(try tokenizer.encode("a").map(\.id) == read(kind, [:]).encode("a").map(\.id))
            let error = #expect(throws: Diagnostic.self) { try tokenizer.encode("a <nopad>") }
            #expect(error?.message.contains("\"<nopad>\"") == true)
            #expect(tokenizer.vocabularySize == (try read(kind, [:]).vocabularySize))
        }
    }

    @Test("A named token of the vocabulary that tokenizer.json doesn't list is found in texts")
    func namedTokens() throws {
        let plain = try read("gpt2", [:])
        let merged = try #require(try plain.encode("ing").first)
        #expect(try plain.encode("ing").count == 1)
        let tokenizer = try read("gpt2", ["special_tokens_map.json": #"{"eos_token": "ing"}"#])
        #expect(try tokenizer.encode("xinge").contains(Token(id: merged.id, bytes: 1..<4)))
    }

    @Test("BERT's classes take case, accents and Chinese characters from tokenizer_config.json, and it is said")
    func bertClass() throws {
        let cased = try read("bert-cased", [:])
        let config = #"{"tokenizer_class": "BertTokenizer"}"#
        let lowered = try read("bert-cased", ["tokenizer_config.json": config])
        #expect(try lowered.encode("The DOG").map(\.id) == lowered.encode("the dog").map(\.id))
        #expect(try cased.encode("The DOG").map(\.id) != cased.encode("the dog").map(\.id))
        #expect(lowered.summary.notes.first?.hasPrefix("lower case, no accents") == true)
        #expect(lowered.fingerprint != cased.fingerprint)
        let same = #"{"tokenizer_class": "BertTokenizerFast", "do_lower_case": false}"#
        let unchanged = try read("bert-cased", ["tokenizer_config.json": same])
        #expect(unchanged.fingerprint == cased.fingerprint && unchanged.summary.notes.isEmpty)
        // No class is named, and the model's type says which it is.
        let byModel = try read("bert-cased", ["config.json": #"{"model_type": "bert"}"#])
        #expect(byModel.fingerprint == lowered.fingerprint)
        // A class that doesn't look at the key.
        let other = #"{"tokenizer_class": "XLMRobertaTokenizer", "do_lower_case": true}"#
        #expect(try read("bert-cased", ["tokenizer_config.json": other]).fingerprint == cased.fingerprint)
    }

    @Test("GPT-2's classes take the space in front from tokenizer_config.json; elsewhere the files must agree")
    func prefix() throws {
        let plain = try read("gpt2", [:])
        let config = #"{"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": true}"#
        let spaced = try read("gpt2", ["tokenizer_config.json": config])
        #expect(try spaced.encode("dog").map(\.id) == plain.encode(" dog").map(\.id))
        expectRefusal(
            "add_prefix_space: tokenizer.json puts no space in front", "qwen2",
            ["tokenizer_config.json": #"{"tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": true}"#])
        _ = try read("llama2", ["tokenizer_config.json": #"{"add_prefix_space": true}"#])
        _ = try read("llama2", ["tokenizer_config.json": #"{"add_prefix_space": null, "legacy": true}"#])
    }

    @Test(
        "What isn't known, or would change ids, is refused by name and place",
        arguments: [
            ("gpt2", #"{"fix_mistral_regex": true}"#, "tokenizer_config.json:1:23: unknown key \"fix_mistral_regex\""),
            ("gpt2", #"{"auto_map": {"AutoTokenizer": ["a.B", null]}}"#, "unknown key \"auto_map\""),
            ("gpt2", #"{"model_max_lenght": 5}"#, "the nearest known key is \"model_max_length\""),
            ("gpt2", #"{"split_special_tokens": true}"#, "split_special_tokens: expected false, found true"),
            ("gpt2", #"{"truncation_side": "left"}"#, "truncation_side: expected \"right\""),
            ("gpt2", #"{"tokenizer_class": "BertJapaneseTokenizer"}"#, "is not known here"),
            ("gpt2", #"{"bos_token": {"content": "x", "strip": true}}"#, "bos_token: unknown key \"strip\""),
            (
                "llama3", #"{"tokenizer_class": "LlamaTokenizer", "add_bos_token": false}"#,
                "post_processor adds the token"
            ),
            (
                "llama3", #"{"tokenizer_class": "LlamaTokenizerFast", "add_eos_token": true}"#,
                "post_processor doesn't add"
            ),
            ("sp-bpe", #"{"sp_model_kwargs": {"enable_sampling": true}}"#, "sp_model_kwargs: expected nothing in it"),
            ("sp-bpe", #"{"legacy": false}"#, "legacy: expected true or null, found false"),
            ("sp-bpe", #"{"tokenizer_class": "BertTokenizer"}"#, "expected a class for SentencePiece"),
            ("vocab.txt", #"{"never_split": ["x"]}"#, "never_split: expected an empty list"),
            ("vocab.txt", #"{"do_basic_tokenize": false}"#, "do_basic_tokenize: expected true"),
            ("vocab.txt", #"{"do_lower_case": null}"#, "do_lower_case: expected true or false, found null"),
            ("vocab.txt", #"{"unk_token": "xyz"}"#, "expected the token xyz"),
        ])
    func refused(kind: String, config: String, message: String) {
        expectRefusal(message, kind, ["tokenizer_config.json": config])
    }

    @Test("An unknown key can be passed over by name; what real models' files hold is read")
    func known() throws {
        let unknown = ["tokenizer_config.json": #"{"auto_map": {"AutoTokenizer": ["a.B", null]}}"#]
        _ = try read("gpt2", unknown, ignoring: ["auto_map"])
        let usual = """
            {"add_bos_token": false, "add_prefix_space": false, "added_tokens_decoder": {}, "additional_special_tokens": [],
            "bos_token": null, "chat_template": "x", "clean_up_tokenization_spaces": false, "eos_token": "<special>",
            "errors": "replace", "extra_special_tokens": {}, "legacy": false, "model_input_names": ["input_ids"],
            "model_max_length": 131072, "pad_token": {"__type": "AddedToken", "content": "<special>", "lstrip": false,
            "normalized": true, "rstrip": false, "single_word": false}, "padding_side": "left", "sp_model_kwargs": {},
            "split_special_tokens": false, "tokenizer_class": "Qwen2Tokenizer", "truncation_side": "right",
            "use_default_system_prompt": false, "spaces_between_special_tokens": false, "unk_token": null}
            """
        #expect(try read("qwen2", ["tokenizer_config.json": usual]).maximumLength == 131072)
        let none = #"{"model_max_length": 1000000000000000019884624838656}"#
        #expect(try read("qwen2", ["tokenizer_config.json": none]).maximumLength == nil)
    }

    @Test(
        "tokenizer.json itself is closed, and null is refused where the library refuses it",
        arguments: [
            ("\"lowercase\":true", "\"lowercase\":true,\"keep\":1", "unknown key \"normalizer.keep\""),
            ("\"lowercase\":true", "\"lowercase\":null", "expected a value of the key \"lowercase\", found null"),
            (",\"lowercase\":true", "", "expected the key \"lowercase\""),
            ("\"strip_accents\":null,", "", ""),
            ("\"version\":\"1.0\"", "\"version\":\"2.0\"", "version: expected \"1.0\""),
            ("\"single_word\":false,", "", "expected the key \"single_word\""),
            ("\"special\":true", "\"special\":true,\"hidden\":0", "unknown key \"added_tokens[].hidden\""),
            ("\"type\":\"WordPiece\"", "\"type\":\"WordPiece\",\"dropout\":0.5", "unknown key \"model.dropout\""),
            ("\"truncation\":null", "\"truncation\":{\"max_length\":3}", ""),
            ("\"truncation\":null", "\"trunction\":null", "the nearest known key is \"truncation\""),
        ])
    func closed(old: String, new: String, message: String) throws {
        func changed() throws -> any Tokenizer {
            try read("bert", [:]) { text in
                #expect(text.contains(old))
                guard let range = text.range(of: old) else { return text }
                return text.replacingCharacters(in: range, with: new)
            }
        }
        guard !message.isEmpty else {
            _ = try changed()
            return
        }
        let error = #expect(throws: Diagnostic.self) { _ = try changed() }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
}

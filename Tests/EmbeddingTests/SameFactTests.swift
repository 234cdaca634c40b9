import Diagnostics
import Embedding
import Files
import Foundation
import TestSupport
import Testing
import Weights

/// What several files of a model's folder say of one thing: equal, different, null and missing, generated.
@Suite("One fact in several files")
struct SameFactTests {
    /// A value of a file's key.
    private enum Said: CustomStringConvertible {
        case missing, null
        case value(String)

        var description: String {
            switch self {
            case .missing: "missing"
            case .null: "null"
            case .value(let text): text
            }
        }

        var number: Double? { if case .value(let text) = self { Double(text) } else { nil } }
        var text: String? { if case .value(let text) = self { text } else { nil } }
    }

    private var random = SeededRandom(seed: 20_261_128)

    private mutating func choose<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }

    /// An object with those members that are said.
    private func object(_ members: [(key: String, said: Said)], _ others: String = "") -> String {
        let own = members.compactMap { key, said -> String? in
            if case .missing = said { nil } else { "\"\(key)\": \(said)" }
        }
        return "{\((own + (others.isEmpty ? [] : [others])).joined(separator: ", "))}"
    }

    private static func tokenizer(_ truncation: String, _ padding: String) -> String {
        let entries = TinyBERT.vocabulary.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
        let added = TinyBERT.vocabulary[..<4].enumerated().map { id, content in
            """
            {"id": \(id), "content": "\(content)", "single_word": false, "lstrip": false, "rstrip": false,
             "normalized": false, "special": true}
            """
        }
        return """
            {"version": "1.0", "truncation": \(truncation), "padding": \(padding),
             "added_tokens": [\(added.joined(separator: ", "))], "normalizer": null,
             "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
             "model": {"type": "WordLevel", "vocab": {\(entries)}, "unk_token": "[UNK]"}}
            """
    }

    /// A tiny BERT's folder, with other files or other texts of its files.
    private func model(_ files: [String: String], isSentenceTransformer: Bool) throws -> PretrainedModel {
        var all = [
            "tokenizer.json": Self.tokenizer("null", "null"), "tokenizer_config.json": "{}",
            "config.json": TinyBERT.config(),
        ].merging(files) { $1 }
        if isSentenceTransformer {
            all["modules.json"] = """
                [{"path": "", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
                """
        }
        return try Fixtures.withTemporaryFolder { folder in
            for (name, text) in all { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            try Data(TinyBERT.weights).write(to: URL(fileURLWithPath: "\(folder)/model.safetensors"))
            return try PretrainedModel(path: folder)
        }
    }

    @Test(
        "Of length limits the folder's own counts, else the tokenizer's and the model's lesser one; never tokenizer.json's"
    )
    mutating func lengths() throws {
        var seen: Set<Int> = []
        for _ in 0..<50 {
            let own = choose([Said.missing, .null, .value("12"), .value("24"), .value("40")])
            let tokenizer = choose(
                [Said.missing, .null, .value("12"), .value("18"), .value("60"), .value("1e30"), .value("18.0")])
            // The library's old name of it.
            let key = choose(["model_max_length", "max_len"])
            let truncation = choose([
                "null", "{\"direction\": \"Right\", \"max_length\": 16, \"strategy\": \"LongestFirst\", \"stride\": 0}",
            ])
            let found = try model(
                [
                    "sentence_bert_config.json": object([("max_seq_length", own)]),
                    "tokenizer_config.json": object(
                        [(key, tokenizer)], "\"tokenizer_class\": \"PreTrainedTokenizerFast\""),
                    "tokenizer.json": Self.tokenizer(truncation, "null"),
                ], isSentenceTransformer: true)
            let expected = own.number ?? min(tokenizer.number ?? .infinity, Double(TinyBERT.contextLength))
            #expect(found.shape.contextLength == Int(expected), "\(own), \(key) \(tokenizer), \(truncation)")
            seen.insert(Int(expected))
        }
        #expect(seen == [12, 18, 24, 40])
    }

    @Test("A length limit beyond the model's positions, where the library fails, is the model's own")
    func longest() throws {
        for own in ["60", "100000"] {
            let found = try model(
                ["sentence_bert_config.json": "{\"max_seq_length\": \(own)}"], isSentenceTransformer: true)
            #expect(found.shape.contextLength == TinyBERT.contextLength)
        }
        // What is known by how texts become ids tells the limits apart, and the token of visible padding.
        var padded = EmbeddingMethod(pooling: .mean)
        padded.padding = .visible
        let facts = try ["12", "18", "60", "100000"].flatMap { limit in
            let model = try model(
                ["sentence_bert_config.json": "{\"max_seq_length\": \(limit)}"], isSentenceTransformer: true)
            return try [EmbeddingMethod(pooling: .mean), padded].map { try model.idFacts(of: [$0]) }
        }
        #expect(Set(facts).count == 6)
        for own in ["0", "-1", "\"12\"", "12.5", "true"] {
            #expect(throws: Diagnostic.self, "\(own)") {
                try model(["sentence_bert_config.json": "{\"max_seq_length\": \(own)}"], isSentenceTransformer: true)
            }
        }
    }

    @Test("Of padding tokens the files agree, or transformers' precedence counts, or the two are named")
    mutating func padding() throws {
        let tokens = TinyBERT.vocabulary
        var (agreements, refusals) = (0, 0)
        for _ in 0..<80 {
            let model = choose([Said.missing, .null, .value("-1"), .value("0"), .value("4"), .value("5")])
            let generation = choose([Said.missing, .null, .value("0"), .value("4")])
            let config = choose([Said.missing, .null, .value("\"[PAD]\""), .value("\"a\"")])
            let map = choose([Said.missing, .null, .value("\"[PAD]\""), .value("{\"content\": \"b\"}")])
            let file = choose([Said.missing, .value("\"[PAD]\""), .value("\"b\"")])
            let padding = file.text.map {
                """
                {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                 "pad_type_id": 0, "pad_token": \($0)}
                """
            }
            let description = "\(model), \(generation), \(config), \(map), \(file)"
            let found = try self.model(
                [
                    "config.json": TinyBERT.config(object([("pad_token_id", model)]).memberText),
                    "generation_config.json": object([("pad_token_id", generation)]),
                    "tokenizer_config.json": object(
                        [("pad_token", config)], "\"tokenizer_class\": \"PreTrainedTokenizerFast\""),
                    "special_tokens_map.json": object([("pad_token", map)]),
                    "tokenizer.json": Self.tokenizer("null", padding ?? "null"),
                ], isSentenceTransformer: false)
            // Each of the tokenizer's files has the last word over those before it.
            var own: String?
            if let text = file.text { own = text }
            for said in [config, map] {
                if case .missing = said { continue }
                own = said.text
            }
            let id = own.flatMap { text in tokens.firstIndex { text.contains("\"\($0)\"") } }
            let named = model.number.map { Int($0) }
            if let id, let named, named >= 0, id != named {
                refusals += 1
                let message = try #require(throws: Diagnostic.self, "\(description)") { try found.padToken }.description
                #expect(message.contains("pad_token_id is \(named), its tokenizer pads with \(id)"), "\(message)")
            } else if let expected = id ?? named, expected < 0 {
                #expect(throws: Diagnostic.self, "\(description)") { try found.padToken }
            } else {
                agreements += 1
                #expect(try Int(found.padToken) == id ?? named ?? 0, "\(description)")
            }
        }
        #expect(agreements > 20 && refusals > 10)
    }
}

extension String {
    /// An object's members behind others.
    fileprivate var memberText: String { self == "{}" ? "" : ", " + dropFirst().dropLast() }
}

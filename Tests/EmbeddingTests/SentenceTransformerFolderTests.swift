import Diagnostics
import Embedding
import Foundation
import TestSupport
import Testing

@Suite("Folders of the sentence-transformers library")
struct SentenceTransformerFolderTests {
    private static let modules = """
        [{"path": "", "type": "sentence_transformers.models.Transformer"},
         {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
         {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
        """

    private func method(
        _ files: [String: String], lowercases: Bool = true
    ) throws -> (folder: SentenceTransformerFolder, method: SentenceTransformerFolder.Method) {
        try Fixtures.withTemporaryFolder { path in
            let all = ["modules.json": Self.modules].merging(files) { $1 }
            for (name, text) in all {
                let url = URL(fileURLWithPath: path + "/" + name)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
            #expect(SentenceTransformerFolder.isOne(path))
            let folder = try SentenceTransformerFolder(path)
            return (folder, try folder.method(tokenizerLowercases: lowercases))
        }
    }

    private static let mean = ["1_Pooling/config.json": "{\"pooling_mode_mean_tokens\": true}"]

    @Test(
        "A key that would change a vector and isn't known is refused, whatever file it is in",
        arguments: [
            ("config_sentence_transformers.json", "{\"truncate_dim\": 0}", "a number of dimensions above 0"),
            ("config_sentence_transformers.json", "{\"truncate_dim\": 8.0}", "a number of dimensions above 0"),
            ("config_sentence_transformers.json", "{\"prompts\": null}", "expected an object of prompts, found null"),
            ("sentence_bert_config.json", "{\"tokenizer_args\": null}", "expected an object, found null"),
            ("sentence_bert_config.json", "{\"config_kwargs\": null}", "expected an object, found null"),
            ("sentence_bert_config.json", "{\"max_seq_length\": 8.0}", "a length in tokens"),
            (
                "modules.json",
                "[{\"path\": \"\", \"type\": \"sentence_transformers.models.foo.bar.Transformer\"}]",
                "which has no \"sentence_transformers.models.foo.bar.Transformer\""
            ),
            (
                "modules.json",
                "[{\"path\": \"\", \"type\": \"sentence_transformers.sentence_transformer.modules.transformer.Transformer\"}]",
                "which has no \"sentence_transformers.sentence_transformer.modules.transformer.Transformer\""
            ),
            ("config_sentence_transformers.json", "{\"model_type\": \"SparseEncoder\"}", "SentenceTransformer"),
            ("config_sentence_transformers.json", "{\"model_type\": null}", "SentenceTransformer"),
            ("config_sentence_transformers.json", "{\"defualt_prompt_name\": \"q\"}", "unknown key"),
            ("sentence_bert_config.json", "{\"max_sequence_length\": 8}", "unknown key \"max_sequence_length\""),
            ("sentence_bert_config.json", "{\"transformer_task\": \"text-generation\"}", "feature-extraction"),
            ("sentence_bert_config.json", "{\"tokenizer_args\": {\"model_max_length\": 4}}", "nothing in it"),
            ("sentence_bert_config.json", "{\"query_length\": 32}", "null"),
            (
                "sentence_bert_config.json",
                "{\"modality_config\": {\"message\": {\"method\": \"forward\", \"method_output_name\": \"last_hidden_state\"}}}",
                "chat templates"
            ),
            ("sentence_roberta_config.json", "{\"max_sequence_length\": 8}", "unknown key"),
            ("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\": true, \"exclude_bos\": true}", "unknown key"),
            (
                "1_Pooling/config.json", "{\"pooling_mode\": [\"cls\", \"mean\"]}", "found cls and mean"
            ),
            ("1_Pooling/config.json", "{\"pooling_mode\": [\"mean\", \"mean\"]}", "found mean and mean"),
            ("1_Pooling/config.json", "{\"pooling_mode\": [\"mean\", \"median\"]}", "unknown pooling \"median\""),
            (
                "1_Pooling/config.json", "{\"pooling_mode\": null, \"pooling_mode_cls_token\": true}",
                "expected a string"
            ),
            ("1_Pooling/config.json", "{\"pooling_mode\": []}", "found none of them"),
            ("2_Normalize/config.json", "{\"module_input_name\": \"token_embeddings\"}", "sentence_embedding"),
            (
                "modules.json",
                "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\", \"revision\": \"x\"}]",
                "unknown key \"[].revision\""
            ),
        ])
    func closed(_ file: String, _ text: String, _ message: String) throws {
        let error = try #require(throws: Diagnostic.self) { try method(Self.mean.merging([file: text]) { $1 }) }
        #expect(error.message.contains(message), "\(error)")
    }

    @Test("What the library of each version writes is read")
    func versions() throws {
        let found = try method([
            "modules.json": """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "kwargs": [],
              "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling"}]
            """,
            "1_Pooling/config.json":
                "{\"embedding_dimension\": 8, \"pooling_mode\": [\"mean\"], \"include_prompt\": true}",
            "sentence_bert_config.json": """
            {"transformer_task": "feature-extraction", "module_output_name": "token_embeddings", "unpad_inputs": null,
             "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
             "processing_kwargs": {}, "model_args": {"torch_dtype": "float16"}}
            """,
            "config_sentence_transformers.json": """
            {"__version__": {"pytorch": "2"}, "prompts": {"query": "", "document": null},
             "default_prompt_name": null, "similarity_fn_name": "dot", "model_type": "SentenceTransformer",
             "truncate_dim": null}
            """,
        ])
        #expect(found.method.description == "mean pooling")
    }

    @Test("Dense modules behind the pooling are the folder's projection, in the order of modules.json")
    func dense() throws {
        let files = [
            "modules.json": """
            [{"path": "", "type": "sentence_transformers.models.Transformer"},
             {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"path": "b", "type": "sentence_transformers.models.Dense"},
             {"path": "a", "type": "sentence_transformers.models.Dense"},
             {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """,
            "b/config.json": """
            {"in_features": 8, "out_features": 12, "bias": false,
             "activation_function": "torch.nn.modules.linear.Identity"}
            """,
            "a/config.json": "{\"in_features\": 12, \"out_features\": 4}",
        ].merging(Self.mean) { $1 }
        let method = try method(files).method
        #expect(method.description == "mean pooling, 8 → 12 without bias → 4 tanh, normalised")
        var (own, kept) = (EmbeddingMethod(pooling: .first), EmbeddingMethod(pooling: .first))
        method.complete(&own) { _ in false }
        method.complete(&kept) { $0 == "projection" }
        #expect(own.projection == .folder && kept.projection == .none)
        #expect(own.passKey != kept.passKey)

        var wrong = files
        wrong["a/config.json"] = "{\"in_features\": 11, \"out_features\": 4}"
        #expect(throws: Diagnostic.self) { try self.method(wrong) }
        wrong["a/config.json"] =
            "{\"in_features\": 12, \"out_features\": 4, \"activation_function\": \"torch.nn.modules.activation.Softmax\"}"
        let error = try #require(throws: Diagnostic.self) { try self.method(wrong) }
        #expect(error.message.contains("Softmax"))
        // Null is no activation to the library, which stops, and no bias.
        wrong["a/config.json"] = "{\"in_features\": 12, \"out_features\": 4, \"activation_function\": null}"
        #expect(throws: Diagnostic.self) { try self.method(wrong) }
        wrong["a/config.json"] = "{\"in_features\": 12, \"out_features\": 4, \"bias\": null}"
        #expect(try self.method(wrong).method.description.contains("→ 4 tanh without bias"))
    }

    @Test("The module's settings are found under each of their names, and the first that says something counts")
    func names() throws {
        let found = try method(
            Self.mean.merging([
                "sentence_bert_config.json": "{}", "sentence_xlm-roberta_config.json": "{\"max_seq_length\": 12}",
            ]) { $1 })
        #expect(found.folder.maximumLength == 12)
    }

    @Test("Braces of a prompt are no places, and its white space and the sentence's stay")
    func prompts() throws {
        let prompt = " as {text}: {piece:x} {other}{  "
        let found = try method(
            Self.mean.merging([
                "config_sentence_transformers.json":
                    "{\"prompts\": {\"q\": \"\(prompt)\"}, \"default_prompt_name\": \"q\"}"
            ]) { $1 })
        var own = EmbeddingMethod(pooling: .first)
        found.method.complete(&own) { _ in false }
        let template = try own.template(for: .sentence)
        // What a result says of it is read again.
        let written = try PromptTemplate(template.description)
        let sentence = "  a\t b {text} "
        for template in [template, written] {
            let prompts = try Prompts(
                [sentence], template: template, normaliser: own.normaliser, tokenizer: ByteTokenizer(),
                contextLength: 200)
            #expect(prompts.first == prompt + sentence)
        }
    }

    @Test(
        "The pooling is the one that is true, or that is named",
        arguments: [
            ("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": false}", Pooling.mean),
            ("{\"pooling_mode_cls_token\": true}", .first), ("{\"pooling_mode_cls_token\": 1}", .first),
            ("{\"pooling_mode_cls_token\": 0, \"pooling_mode_max_tokens\": 2}", .max),
            ("{\"pooling_mode_max_tokens\": true}", .max),
            ("{\"pooling_mode_lasttoken\": true}", .last),
            ("{\"pooling_mode_weightedmean_tokens\": true}", .weightedMean),
            ("{\"pooling_mode_mean_sqrt_len_tokens\": true}", .meanSquareRoot),
            ("{\"pooling_mode\": \"lasttoken\"}", .last), ("{}", .mean), ("{\"embedding_dimension\": 384}", .mean),
            ("{\"pooling_mode_mean_tokens\": false, \"pooling_mode_cls_token\": null}", .mean),
            ("{\"pooling_mode\": [\"max\"], \"pooling_mode_cls_token\": true}", .max),
            ("{\"include_prompt\": null, \"pooling_mode_max_tokens\": true}", .max),
        ])
    func pooling(_ config: String, _ expected: Pooling) throws {
        let found = try method(["1_Pooling/config.json": config])
        #expect(found.method.pooling == expected)
        #expect(found.method.template == .plain)
        #expect(found.method.isNormalised)
        #expect(found.folder.maximumLength == nil)
    }

    @Test("A Dropout does nothing, and is closed as the other modules are")
    func dropout() throws {
        let modules = ["", "Pooling", "Dropout"].enumerated().map { index, kind in
            let type = kind.isEmpty ? "Transformer" : kind
            return #"{"path": "\#(kind)", "name": "\#(index)", "type": "sentence_transformers.models.\#(type)"}"#
        }
        let files = ["modules.json": "[\(modules.joined(separator: ", "))]", "Pooling/config.json": "{}"]
        #expect(try method(files.merging(["Dropout/config.json": #"{"dropout": 0.2}"#]) { $1 }).method.pooling == .mean)
        #expect(throws: Diagnostic.self) {
            try method(files.merging(["Dropout/config.json": #"{"dropout": 0.2, "scale": 2}"#]) { $1 })
        }
    }

    @Test("The length limit and the default prompt are taken over")
    func settings() throws {
        let found = try method([
            "1_Pooling/config.json": "{\"pooling_mode_mean_tokens\": true}",
            "sentence_bert_config.json": "{\"max_seq_length\": 256, \"do_lower_case\": true}",
            "config_sentence_transformers.json":
                "{\"prompts\": {\"query\": \"query: \", \"doc\": \"\"}, \"default_prompt_name\": \"query\"}",
        ])
        #expect(found.folder.maximumLength == 256)
        #expect(found.method.template.description == "query: {text}")
        #expect(found.folder.prompts.map(\.name) == ["query", "doc"])
        #expect(found.method.description == "mean pooling, template query: {text}, normalised")
    }

    @Test(
        "What would change embeddings and isn't known is refused",
        arguments: [
            (
                ["1_Pooling/config.json": "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": true}"],
                "found cls and mean"
            ),
            ([:], "expected a config.json"),
            (
                [
                    "modules.json":
                        "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, {\"path\": \"3_Dense\", \"type\": \"sentence_transformers.models.Dense\"}]"
                ],
                "the module Dense is not supported"
            ),
            (
                ["modules.json": "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}]"],
                "expected a Pooling among the modules"
            ),
            (
                ["modules.json": "[{\"path\": \"\", \"type\": \"sentence_transformers.models.CLIP\"}]"],
                "as the first module, found CLIP"
            ),
            (
                ["modules.json": "[{\"path\": \"\", \"type\": \"custom_st.Transformer\"}]"],
                "code of the repository's own"
            ),
            (
                ["modules.json": "[{\"path\": \"../x\", \"type\": \"sentence_transformers.models.Transformer\"}]"],
                "a folder in the model's"
            ),
            (
                [
                    "1_Pooling/config.json": "{\"pooling_mode_mean_tokens\": true}",
                    "sentence_bert_config.json": "{\"do_lower_case\": true}",
                ], "do_lower_case is not supported"
            ),
        ])
    func refused(_ files: [String: String], _ message: String) throws {
        let error = try #require(throws: Diagnostic.self) { try method(files, lowercases: false) }
        #expect(error.message.contains(message), "\(error)")
    }
}

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

    @Test(
        "The pooling is the one that is true, or that is named",
        arguments: [
            ("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": false}", Pooling.mean),
            ("{\"pooling_mode_cls_token\": true}", .first), ("{\"pooling_mode_max_tokens\": true}", .max),
            ("{\"pooling_mode_lasttoken\": true}", .last),
            ("{\"pooling_mode_weightedmean_tokens\": true}", .weightedMean),
            ("{\"pooling_mode\": \"lasttoken\"}", .last),
        ])
    func pooling(_ config: String, _ expected: Pooling) throws {
        let found = try method(["1_Pooling/config.json": config])
        #expect(found.method.pooling == expected)
        #expect(found.method.template == .plain)
        #expect(found.method.isNormalised)
        #expect(found.folder.maximumLength == nil)
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
            (["1_Pooling/config.json": "{}"], "found none of them"),
            (
                ["1_Pooling/config.json": "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": true}"],
                "found cls and mean"
            ),
            (["1_Pooling/config.json": "{\"pooling_mode_mean_sqrt_len_tokens\": true}"], "found mean_sqrt_len_tokens"),
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

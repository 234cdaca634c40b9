import Diagnostics
import Files
import Foundation
import Running
import Specification
import TestSupport
import Testing

@Suite("What inspect shows of a model")
struct InspectionTests {
    private func inspect(_ files: [String: String], ignoring ignored: Set<String> = []) throws -> Inspection {
        try Fixtures.withTemporaryFolder { folder in
            try Data(TinyBERT.weights).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
            try AtomicFile.replace(folder + "/vocab.txt", with: TinyBERT.vocabulary.joined(separator: "\n"))
            for (name, text) in files {
                let path = FilePath.join(folder, name)
                try AtomicFile.createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
                try AtomicFile.replace(path, with: text)
            }
            let catalogue = ModelCatalogue(configs: ConfigFolder(path: nil), cache: CacheFolder(path: "/none"))
            var reference = try catalogue.model(folder)
            reference.ignoredKeys = ignored
            return try Inspection(model: reference)
        }
    }

    private func keys(of inspection: Inspection, _ use: String) throws -> [String] {
        let table = try #require(inspection.tables.first { $0.name == "key table" })
        return table.rows.filter { $0[2] == .text(use) }.map { row in
            [row[0], row[1]].map { if case .text(let text) = $0 { text } else { "" } }.joined(separator: " ")
        }
    }

    private static let modules = """
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer", "odd": 1},
         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """

    @Test("A key that isn't known, in any file, stands in the lists, and the others with it")
    func unknownKeys() throws {
        let files = [
            "config.json": TinyBERT.config(", \"strange\": 1"), "modules.json": Self.modules,
            "sentence_bert_config.json": "{\"max_seq_length\": 8, \"peculiar\": 1}",
            "config_sentence_transformers.json": "{\"prompts\": {}, \"foreign\": 1}",
            "1_Pooling/config.json": "{\"pooling_mode_mean_tokens\": true, \"weird\": 1}",
        ]
        let shown = try inspect(files)
        let refused = [
            "modules.json [].odd", "sentence_bert_config.json peculiar", "config_sentence_transformers.json foreign",
            "config.json strange", "1_Pooling/config.json weird",
        ]
        #expect(Set(try keys(of: shown, "refused")) == Set(refused))
        #expect(try keys(of: shown, "read").contains("1_Pooling/config.json pooling_mode_mean_tokens"))
        for key in ["odd", "peculiar", "foreign", "strange", "weird"] {
            let count = shown.remarks.count { $0.hasPrefix("cannot be used: ") && $0.contains("\(key)\"") }
            #expect(count == 1, "\(key): \(shown.remarks)")
        }
        let passed = try inspect(files, ignoring: ["peculiar", "foreign"])
        #expect(Set(try keys(of: passed, "ignored")) == Set(refused[1...2]))
    }
}

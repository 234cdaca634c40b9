import Diagnostics
import Embedding
import Files
import Foundation
import TestSupport
import Testing

/// Tests/Golden/dense_folder.json; dump_dense_folder.py says how it was made.
private struct GoldenDenseFolder: Decodable {
    var sentences: [String]
    var prompt: String
    var plain: [[Float]]
    var prompted: [[Float]]
    /// The folder's, by path.
    var files: [String: Data]

    static func load() throws -> GoldenDenseFolder {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("dense_folder.json")))
        return try JSONDecoder().decode(GoldenDenseFolder.self, from: data)
    }

    func write(to folder: String) throws { try files.write(to: folder) }
}

extension [String: Data] {
    /// Writes files by their paths in a folder.
    func write(to folder: String) throws {
        for (name, content) in self {
            let url = URL(fileURLWithPath: "\(folder)/\(name)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: url)
        }
    }
}

@Suite("Folders of sentence-transformers with Dense modules")
struct DenseFolderTests {
    private static func unit(_ row: [Float]) -> [Float] {
        let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / norm }
    }

    /// The folder with a change in one of its files.
    ///
    /// - Parameter change: returns nil for a file that is gone
    private static func with<R>(
        _ file: String, _ change: (Data) throws -> Data?, _ body: (String) throws -> R
    ) throws -> R {
        var golden = try GoldenDenseFolder.load()
        golden.files[file] = try change(#require(golden.files[file]))
        return try Fixtures.withTemporaryFolder { folder in
            try golden.write(to: folder)
            return try body(folder)
        }
    }

    private static func with<R>(
        _ file: String, replacing old: String, by new: String, _ body: (String) throws -> R
    ) throws -> R {
        try with(
            file,
            { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                try #require(text.contains(old))
                return Data(text.replacing(old, with: new).utf8)
            }, body)
    }

    @Test("Embeddings are the library's within 1e-5, with a prompt and without")
    func golden() async throws {
        let golden = try GoldenDenseFolder.load()
        try await Fixtures.withTemporaryFolder { folder in
            try golden.write(to: folder)
            let pretrained = try PretrainedModel(path: folder)
            let own = try #require(try pretrained.ownMethod())
            #expect(own.description == "mean pooling, 8 → 12 tanh → 5 without bias, normalised")
            var encoder = Encoder(backbone: try pretrained.backbone(), workers: 1)
            encoder.head = try pretrained.sentenceTransformer?.head()
            for (prompt, expected) in [("", golden.plain), (golden.prompt, golden.prompted)] {
                var method = EmbeddingMethod(pooling: .first, attention: .native)
                own.complete(&method) { _ in false }
                method.templates = RoleTemplates(PromptTemplate(prefix: prompt))
                let prompts = try Prompts(
                    golden.sentences, by: method, tokenizer: pretrained.tokenizer,
                    contextLength: pretrained.shape.contextLength)
                let found = try await encoder.encode(prompts, methods: [method]).embeddings[0]
                #expect(found.rows == expected.count && found.columns == 5)
                for (row, numbers) in expected.enumerated() {
                    let distance = zip(Self.unit(found.array(row: row)), numbers).map { abs($0 - $1) }.max() ?? .nan
                    #expect(distance <= 1e-5, "\(golden.sentences[row]): \(distance)")
                }
            }
        }
    }

    private struct ModuleFolder: Decodable, CustomTestStringConvertible {
        var name: String
        var rows: [[Float]]
        var files: [String: Data]
        var testDescription: String { name }
    }

    /// Tests/Golden/module_folders.json; dump_module_folders.py says how it was made.
    private static let moduleFolders: [ModuleFolder] = {
        let data = try? Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("module_folders.json")))
        return data.flatMap { try? JSONDecoder().decode([ModuleFolder].self, from: $0) } ?? []
    }()

    @Test("Other modules, residuals and a cut give the library's embeddings within 1e-5", arguments: moduleFolders)
    private func otherModules(example: ModuleFolder) async throws {
        var golden = try GoldenDenseFolder.load()
        golden.files = golden.files.filter { !$0.key.contains("/") }.merging(example.files) { $1 }
        try await Fixtures.withTemporaryFolder { folder in
            try golden.write(to: folder)
            let pretrained = try PretrainedModel(path: folder)
            let own = try #require(try pretrained.ownMethod())
            var encoder = Encoder(backbone: try pretrained.backbone(), workers: 1)
            encoder.head = try pretrained.sentenceTransformer?.head()
            #expect(encoder.head?.shape == own.head)
            var method = EmbeddingMethod(pooling: .first, attention: .native)
            own.complete(&method) { _ in false }
            method.templates = RoleTemplates(PromptTemplate(prefix: golden.prompt))
            let prompts = try Prompts(
                golden.sentences, by: method, tokenizer: pretrained.tokenizer,
                contextLength: pretrained.shape.contextLength)
            let found = try await encoder.encode(prompts, methods: [method]).embeddings[0]
            for (row, numbers) in example.rows.enumerated() {
                let own = own.isNormalised ? Self.unit(found.array(row: row)) : found.array(row: row)
                #expect(own.count == numbers.count)
                let distance = zip(own, numbers).map { abs($0 - $1) }.max() ?? .nan
                #expect(distance <= 1e-5, "\(golden.sentences[row]): \(distance)")
            }
        }
    }

    @Test("All folders with other modules are tried")
    func moduleFolderCount() { #expect(Self.moduleFolders.count == 6) }

    @Test("Any path under which Python finds an activation is read, and what is off may be said")
    func paths() throws {
        struct Golden: Decodable {
            struct Function: Decodable { var name, path: String }
            var functions: [Function]
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("heads.json")))
        let functions = try JSONDecoder().decode(Golden.self, from: data).functions
        #expect(functions.count == HeadActivation.allCases.count)
        for function in functions {
            let name = function.path.split(separator: ".").last ?? ""
            for path in [function.path, "torch.nn.\(name)", "torch.nn.modules.\(name)"] {
                let said = "\"\(path)\", \"use_residual\": false"
                let old = "\"torch.nn.modules.activation.Tanh\""
                try Self.with("2_Dense/config.json", replacing: old, by: said) { folder in
                    let shape = try PretrainedModel(path: folder).sentenceTransformer?.headShape()
                    guard case .dense(let layer) = shape?.layers.first else {
                        Issue.record("expected a dense layer, found \(String(describing: shape))")
                        return
                    }
                    #expect(layer.activation.rawValue == function.name)
                }
            }
        }
    }

    @Test(
        "A Dense that can't be taken is refused with its file",
        arguments: [
            ("2_Dense/config.json", "activation.Tanh", "activation.Softmax", "Softmax", "2_Dense/config.json"),
            (
                "2_Dense/config.json", "\"in_features\": 8", "\"in_features\": 9", "of another shape",
                "2_Dense/model.safetensors"
            ),
            (
                "2_Dense/config.json", "\"out_features\": 12", "\"out_features\": 11", "in_features 11",
                "3_Dense/config.json"
            ),
            ("3_Dense/config.json", "\"bias\": false", "\"bias\": true", "linear.bias", "3_Dense/model.safetensors"),
            ("2_Dense/config.json", "\"bias\": true", "\"bias\": false", "linear.bias", "2_Dense/model.safetensors"),
            (
                "3_Dense/config.json", "\"bias\": false", "\"bias\": false, \"use_residual\": true", "residual.weight",
                "3_Dense/model.safetensors"
            ),
        ])
    func refused(file: String, old: String, new: String, message: String, blamed: String) throws {
        try Self.with(file, replacing: old, by: new) { folder in
            let error = try #require(throws: Diagnostic.self) {
                _ = try PretrainedModel(path: folder).sentenceTransformer?.head()
            }
            #expect(error.message.contains(message), "\(error)")
            #expect("\(error)".contains(blamed), "\(error)")
        }
    }

    @Test(
        "A Dense without its numbers, or without its settings, is refused with the file that is missing",
        arguments: ["3_Dense/model.safetensors", "3_Dense/config.json"])
    func missing(_ file: String) throws {
        try Self.with(file, { _ in nil }) { folder in
            let error = try #require(throws: (any Error).self) {
                _ = try PretrainedModel(path: folder).sentenceTransformer?.head()
            }
            #expect("\(error)".contains(file), "\(error)")
        }
    }

    @Test("A Dense before the Pooling is refused")
    func order() throws {
        let modules = ["2_Dense Dense", "1_Pooling Pooling", "4_Normalize Normalize"]
        let entries = ([" Transformer"] + modules).map { module in
            let parts = module.split(separator: " ", omittingEmptySubsequences: false)
            return "{\"path\": \"\(parts[0])\", \"type\": \"sentence_transformers.models.\(parts[1])\"}"
        }
        let list = Data("[\(entries.joined(separator: ", "))]".utf8)
        try Self.with("modules.json", { _ in list }) { folder in
            let error = try #require(throws: Diagnostic.self) { _ = try PretrainedModel(path: folder).ownMethod() }
            #expect(error.message.contains("the module Dense is not supported here"), "\(error)")
            #expect("\(error)".contains("modules.json"), "\(error)")
        }
    }

    @Test("The model's digest holds the modules' numbers, settings and order")
    func digest() throws {
        func digest(_ folder: String) throws -> SHA256Digest { try PretrainedModel(path: folder).weightsSHA256() }
        var digests = [
            try Self.with("modules.json", { $0 }, digest),
            try Self.with("2_Dense/config.json", replacing: "activation.Tanh", by: "activation.ReLU", digest),
        ]
        let weights = "3_Dense/model.safetensors"
        digests.append(
            try Self.with(
                weights,
                { bytes in
                    var bytes = bytes
                    bytes[bytes.count - 1] ^= 1
                    return bytes
                }, digest))
        let swap: (Data) -> Data? = { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
                .replacing("2_Dense", with: "?").replacing("3_Dense", with: "2_Dense").replacing("?", with: "3_Dense")
            return Data(text.utf8)
        }
        digests.append(try Self.with("modules.json", swap, digest))
        #expect(Set(digests).count == 4)
    }
}

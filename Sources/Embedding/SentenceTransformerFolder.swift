import Diagnostics
import Files
import Foundation

/// A folder as the sentence-transformers library lays a model out: a backbone, and what is done with its hidden states.
/// Source: https://sbert.net/docs/package_reference/sentence_transformer/models.html
public struct SentenceTransformerFolder: Sendable {
    /// The backbone's folder: this one, or one in it.
    public let backboneFolder: String
    /// The longest sequence that the library gives the backbone, in tokens; nil where it is the backbone's own.
    public let maximumLength: Int?
    /// Texts that the library puts before a sentence, by name.
    public let prompts: [(name: String, text: String)]
    /// The prompt that it puts there unless another is asked for; empty for none.
    private let defaultPrompt: String
    private let modules: [Module]
    private let lowercases: Bool

    /// One step of the library's.
    private struct Module: Sendable {
        /// The last part of its class.
        let kind: String
        let folder: String
        let node: JSONNode
    }

    /// How the library makes an embedding.
    public struct Method: Hashable, Sendable, CustomStringConvertible {
        public var pooling: Pooling
        public var template: PromptTemplate
        /// Whether embeddings are brought to length 1.
        public var isNormalised: Bool

        /// In words, such as `mean pooling, normalised`.
        public var description: String {
            "\(pooling) pooling" + (template == .plain ? "" : ", template \(template)")
                + (isNormalised ? ", normalised" : "")
        }
    }

    private static let modulesName = "modules.json"

    /// Whether a folder is one of the library's.
    public static func isOne(_ folder: String) -> Bool { existing(modulesName, in: folder) != nil }

    /// - Throws: where its files are damaged, or its first module is no backbone.
    public init(_ folder: String) throws {
        let root = try JSONDocument(path: folder + "/" + Self.modulesName).root
        modules = try root.elements().map { node in
            let type = try node.required("type")
            let name = try type.string()
            guard name.hasPrefix("sentence_transformers.") else {
                throw type.error(
                    "expected a module of sentence_transformers, found \"\(name)\", which is code of the repository's own",
                    suggestion: "name a pooling and the backbone's folder to use the backbone alone")
            }
            let kind = name.split(separator: ".").last.map(String.init) ?? ""
            return Module(
                kind: kind, folder: try Self.path(node.required("path"), in: folder), node: node)
        }
        guard let first = modules.first, first.kind == "Transformer" else {
            throw root.error(
                "expected a Transformer as the first module, found \(modules.first?.kind ?? "none")")
        }
        backboneFolder = first.folder
        let settings = try Self.document("sentence_bert_config.json", in: first.folder)
        maximumLength = try settings?["max_seq_length"].map { node in
            let length = try node.integer()
            guard length > 0 else { throw node.expected("a length in tokens") }
            return length
        }
        lowercases = try settings?["do_lower_case"]?.flag() ?? false
        let config = try Self.document("config_sentence_transformers.json", in: folder)
        prompts = try (config?["prompts"]?.members ?? []).map { ($0.key, try $0.value.string()) }
        let name = try config?["default_prompt_name"]?.string()
        if let name, !prompts.contains(where: { $0.name == name }) {
            throw Diagnostic.unknown("default prompt", name, among: prompts.map(\.name))
        }
        defaultPrompt = prompts.first { $0.name == name }?.text ?? ""
    }

    /// How the library makes an embedding with this folder.
    ///
    /// - Parameter tokenizerLowercases: whether the tokenizer takes capitals for small letters itself
    /// - Throws: for a module or a setting that would change embeddings and isn't known here.
    public func method(tokenizerLowercases: Bool) throws -> Method {
        var pooling: Pooling?
        var isNormalised = false
        for module in modules.dropFirst() {
            switch module.kind {
            case "Pooling" where pooling == nil: pooling = try self.pooling(module)
            case "Normalize" where pooling != nil: isNormalised = true
            default:
                throw module.node.error(
                    "the module \(module.kind) is not supported; expected a Pooling and perhaps a Normalize",
                    suggestion: "name a pooling to use the backbone alone")
            }
        }
        guard let pooling else {
            throw Diagnostic(
                "expected a Pooling among the modules", at: SourceLocation(file: backboneFolder),
                suggestion: "name a pooling")
        }
        guard !lowercases || tokenizerLowercases else {
            throw Diagnostic(
                "do_lower_case is not supported where the tokenizer keeps capitals",
                at: SourceLocation(file: backboneFolder), suggestion: "name a pooling to use the backbone alone")
        }
        let prompt = defaultPrompt.isEmpty ? PromptTemplate.plain : try PromptTemplate(defaultPrompt + "{text}")
        return Method(pooling: pooling, template: prompt, isNormalised: isNormalised)
    }

    /// The library's names of poolings, one of which is true.
    private static let poolings: [(key: String, mode: String, pooling: Pooling?)] = [
        ("pooling_mode_cls_token", "cls", .first), ("pooling_mode_mean_tokens", "mean", .mean),
        ("pooling_mode_max_tokens", "max", .max), ("pooling_mode_lasttoken", "lasttoken", .last),
        ("pooling_mode_weightedmean_tokens", "weightedmean", .weightedMean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", nil),
    ]

    private func pooling(_ module: Module) throws -> Pooling {
        guard let config = try Self.document("config.json", in: module.folder) else {
            throw Diagnostic("expected a config.json", at: SourceLocation(file: module.folder))
        }
        if !defaultPrompt.isEmpty, try config["include_prompt"]?.flag() == false {
            throw config.error("include_prompt: false is not supported with a default prompt")
        }
        let chosen = try Self.poolings.filter { entry in
            if let mode = config["pooling_mode"] { return try mode.string() == entry.mode }
            return try config[entry.key]?.flag() ?? false
        }
        guard chosen.count == 1, let pooling = chosen[0].pooling else {
            let known = Self.poolings.filter { $0.pooling != nil }.map(\.mode).joined(separator: ", ")
            let found = chosen.isEmpty ? "none of them" : chosen.map(\.mode).joined(separator: " and ")
            throw config.error(
                "expected one of the poolings \(known), found \(found)", suggestion: "name a pooling")
        }
        return pooling
    }

    private static func document(_ name: String, in folder: String) throws -> JSONNode? {
        try existing(name, in: folder).map { try JSONDocument(path: $0).root }
    }

    private static func existing(_ name: String, in folder: String) -> String? {
        let path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// A module's folder, which is inside the model's.
    private static func path(_ node: JSONNode, in folder: String) throws -> String {
        let path = try node.string()
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw node.expected("a folder in the model's")
        }
        return path.isEmpty ? folder : URL(fileURLWithPath: folder).appendingPathComponent(path).path
    }
}

import Diagnostics
import Files
import Foundation
import Tokenizers

/// A folder as the sentence-transformers library lays a model out: a backbone, and what is done with its hidden states.
/// Source: https://sbert.net/docs/package_reference/sentence_transformer/models.html
public struct SentenceTransformerFolder: Sendable {
    /// The backbone's folder: this one, or one in it.
    public let backboneFolder: String
    /// Whether the backbone is a table: a vector for each token, averaged over a text's.
    public let isStatic: Bool
    /// The longest sequence that the library gives the backbone, in tokens; nil where it is the backbone's own.
    public let maximumLength: Int?
    /// Texts that the library puts before a sentence, by name.
    public let prompts: [(name: String, text: String)]
    /// The prompt that it puts there unless another is asked for; empty for none.
    private let defaultPrompt: String
    private let modules: [Module]
    private let lowercases: Bool
    /// How many of an embedding's numbers the library keeps (`truncate_dim`); nil for all.
    private let dimensions: Int?
    private let keys: KeyPolicy

    /// One step of the library's.
    private struct Module: Sendable {
        /// The last part of its class.
        let kind: String
        let name: String?
        let folder: String
        let node: JSONNode

        init(_ node: JSONNode, in folder: String) throws {
            let type = try node.required("type")
            let path = try type.string()
            kind = path.split(separator: ".").last.map(String.init) ?? ""
            guard path.hasPrefix("sentence_transformers.") else {
                throw type.error(
                    "expected a module of sentence_transformers, found \"\(path)\", which is code of the repository's own",
                    suggestion: "name a pooling and the backbone's folder to use the backbone alone")
            }
            if let paths = SentenceTransformerFolder.paths(of: kind), !paths.contains(path) {
                throw type.error(
                    "expected a module of sentence_transformers, which has no \"\(path)\"",
                    suggestion: nearestName(to: path, among: paths).map { "the nearest is \"\($0)\"" })
            }
            name = try node["name"]?.string()
            self.folder = try SentenceTransformerFolder.path(node.required("path"), in: folder)
            self.node = node
        }
    }

    /// How the library makes an embedding.
    public struct Method: Hashable, Sendable, CustomStringConvertible {
        public var pooling: Pooling
        public var template: PromptTemplate
        /// What the modules behind the `Pooling` are like, which make embeddings of the pooled states; nil for none.
        public var head: HeadShape?
        /// Whether embeddings are brought to length 1.
        public var isNormalised: Bool

        /// Lays the method over another one.
        ///
        /// - Parameter kept: fields that the user has said, by name
        public func complete(_ method: inout EmbeddingMethod, keeping kept: (String) -> Bool) {
            method.pooling = pooling
            if head != nil, !kept(MethodField.projectionName) { method.projection = .folder }
            if !kept(MethodField.templateName) { method.templates = RoleTemplates(template) }
            // The library gives its tokenizer a text as it is.
            if !kept(MethodField.normaliserName) { method.normaliser = .verbatim }
        }

        /// In words, such as `mean pooling, normalised`.
        public var description: String {
            "\(pooling) pooling" + (head.map { ", \($0.title)" } ?? "")
                + (template == .plain ? "" : ", template \(template)")
                + (isNormalised ? ", normalised" : "")
        }
    }

    /// Whether a folder is one of the library's.
    public static func isOne(_ folder: String) -> Bool { existing("modules.json", in: folder) != nil }

    /// - Parameter keys: what becomes of keys of its files that nobody here knows
    /// - Throws: where its files are damaged, say what isn't known here, or its first module is no backbone.
    public init(_ folder: String, ignoring keys: KeyPolicy = []) throws {
        self.keys = keys
        let list = try JSONDocument(path: folder + "/modules.json", notesReading: true)
        modules = try list.root.elements().map { try Module($0, in: folder) }
        try list.refuseUnread(KeysWithoutEffect.modules.of("modules.json"), ignoring: keys)
        guard let first = modules.first, first.kind == "Transformer" || first.kind == Self.staticKind else {
            throw list.root.error(
                "expected a Transformer or a StaticEmbedding as the first module, found \(modules.first?.kind ?? "none")"
            )
        }
        // The library keeps modules by name.
        for (index, module) in modules.enumerated()
        where modules[..<index].contains(where: { $0.name != nil && $0.name == module.name }) {
            throw module.node.error("expected a name of its own, found that of another module")
        }
        backboneFolder = first.folder
        isStatic = first.kind == Self.staticKind
        // A StaticEmbedding has no settings: its library reads none of these.
        let settings =
            isStatic
            ? nil
            : try Self.transformerNames.lazy.compactMap { try Self.document($0, in: first.folder) }
                .first { !$0.root.keys.isEmpty }
        maximumLength = try settings?.root["max_seq_length"].map { node in
            let length = try node.integer()
            // At 8.0 the library stops.
            guard length > 0, node.text == String(length) else { throw node.expected("a length in tokens") }
            return length
        }
        lowercases = try settings?.root["do_lower_case"]?.flag() ?? false
        try settings?.root.expectOnlyHiddenStates()
        try settings?.refuseUnread(
            KeysWithoutEffect.transformerModule.of("a Transformer module's configuration"), ignoring: keys)
        let config = try Self.document("config_sentence_transformers.json", in: folder)
        if let node = config?.root.member("prompts"), node.isNull {
            throw node.error("expected an object of prompts, found null, at which the library stops")
        }
        // Null is the library's word for an empty one.
        prompts = try (config?.root["prompts"]?.members ?? []).map {
            ($0.key, $0.value.isNull ? "" : try $0.value.string())
        }
        config?.root["prompts"]?.countAllAsRead()
        let name = try config?.root["default_prompt_name"]?.string()
        // The library has these two, empty, where a folder hasn't.
        if let name, !prompts.contains(where: { $0.name == name }), !["query", "document"].contains(name) {
            throw Diagnostic.unknown("default prompt", name, among: prompts.map(\.name))
        }
        defaultPrompt = prompts.first { $0.name == name }?.text ?? ""
        dimensions = try config?.root["truncate_dim"].map { node in
            let count = try node.integer()
            guard count > 0, node.text == String(count) else { throw node.expected("a number of dimensions above 0") }
            return count
        }
        try config?.root.expectSentenceTransformer()
        try config?.refuseUnread(
            KeysWithoutEffect.sentenceTransformer.of("config_sentence_transformers.json"), ignoring: keys)
    }

    /// The tokenizer that lies beside a StaticEmbedding's vectors.
    func staticTokenizer() throws -> any Tokenizer {
        try PretrainedTokenizer.read(unframed: FilePath.join(backboneFolder, "tokenizer.json"), ignoring: keys)
    }

    /// How the library makes an embedding with this folder.
    ///
    /// - Parameter tokenizerLowercases: whether the tokenizer takes capitals for small letters itself
    /// - Throws: for a module or a setting that would change embeddings and isn't known here.
    public func method(tokenizerLowercases: Bool) throws -> Method {
        var pooling: Pooling? = isStatic ? .mean : nil
        for module in modules.dropFirst() {
            switch module.kind {
            case "Pooling" where pooling == nil: pooling = try self.pooling(module)
            case "Dense" where pooling != nil, "LayerNorm" where pooling != nil: break
            case "Dropout" where pooling != nil: try checkDropout(module)
            case "Normalize" where pooling != nil: try checkNormalisation(module)
            default:
                throw module.node.error(
                    "the module \(module.kind) is not supported here; expected "
                        + (isStatic ? "perhaps" : "a Pooling, then perhaps")
                        + " Dense, LayerNorm and Normalize modules",
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
                "do_lower_case is not supported where the tokenizer tells \"A\" from \"a\"",
                at: SourceLocation(file: backboneFolder), suggestion: "name a pooling to use the backbone alone")
        }
        return Method(
            pooling: pooling, template: PromptTemplate(prefix: defaultPrompt),
            head: try headShape(), isNormalised: endsInUnitLength)
    }

    /// What the modules behind the folder's `Pooling` are, in their order; nil where none changes more than the length.
    ///
    /// - Throws: where a file of theirs is missing or damaged, or says what isn't known here.
    public func head() throws -> Head? { try Head.read(headModules, pooled: pooledWidth()) }

    /// Without the numbers.
    public func headShape() throws -> HeadShape? { try Head.shape(of: headModules, pooled: pooledWidth()) }

    /// The digest of those modules; nil where there are none.
    func headSHA256() throws -> SHA256Digest? { try Head.sha256(of: headModules) }

    /// What changes a pooled vector, in order.
    private var changing: [Module] {
        let start = modules.firstIndex { $0.kind == "Pooling" } ?? 0
        return modules[(start + 1)...].filter { ["Dense", "LayerNorm", "Normalize"].contains($0.kind) }
    }

    /// Whether bringing vectors to length 1 is the last that is done.
    private var endsInUnitLength: Bool { changing.last?.kind == "Normalize" && dimensions == nil }

    /// A length of 1 at the end is not of them: cosines don't see it.
    private var headModules: [Head.Module] {
        var steps = changing.map { module -> Head.Module in
            switch module.kind {
            case "Dense": .dense(module.folder)
            case "LayerNorm": .norm(module.folder)
            default: .unitLength
            }
        }
        if dimensions == nil { while steps.last == .unitLength { steps.removeLast() } }
        return steps + (dimensions.map { [.cut(to: $0)] } ?? [])
    }

    /// The width that the `Pooling` says; nil where there is none, or it says nothing.
    private func pooledWidth() throws -> Int? {
        guard let module = modules.first(where: { $0.kind == "Pooling" }),
            let root = try Self.document("config.json", in: module.folder)?.root
        else { return nil }
        return try (root["embedding_dimension"] ?? root["word_embedding_dimension"])?.integer()
    }

    /// The library's names of poolings, one of which is true.
    static let poolings: [(key: String, mode: String, pooling: Pooling)] = [
        ("pooling_mode_cls_token", "cls", .first), ("pooling_mode_mean_tokens", "mean", .mean),
        ("pooling_mode_max_tokens", "max", .max), ("pooling_mode_lasttoken", "lasttoken", .last),
        ("pooling_mode_weightedmean_tokens", "weightedmean", .weightedMean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", .meanSquareRoot),
    ]

    private func pooling(_ module: Module) throws -> Pooling {
        guard let document = try Self.document("config.json", in: module.folder) else {
            throw Diagnostic("expected a config.json", at: SourceLocation(file: module.folder))
        }
        let config = document.root
        // Python takes null for false.
        let includesPrompt = try config.member("include_prompt").map { try !$0.isNull && $0.flag() } ?? true
        guard defaultPrompt.isEmpty || includesPrompt else {
            throw config.error("include_prompt: false is not supported with a default prompt")
        }
        let mode = config.member("pooling_mode")
        // The newer key counts where both are.
        let flags = try Self.poolings.filter { try config[$0.key]?.pythonFlag() ?? false }.map(\.mode)
        let modes = try mode.map { try $0.kind == .array ? $0.elements().map { try $0.string() } : [$0.string()] }
        if let mode, let unknown = modes?.first(where: { name in !Self.poolings.contains { $0.mode == name } }) {
            throw mode.error("unknown pooling \"\(unknown)\"", suggestion: "name a pooling")
        }
        // Where nothing is true or named, the library takes the mean; one that is named twice stands twice in its vector.
        let names = modes ?? (flags.isEmpty ? ["mean"] : flags)
        let chosen = names.compactMap { name in Self.poolings.first { $0.mode == name } }
        try document.refuseUnread(KeysWithoutEffect.pooling.of("a Pooling module's config.json"), ignoring: keys)
        guard chosen.count == 1 else {
            let known = Self.poolings.map(\.mode).joined(separator: ", ")
            let found = chosen.isEmpty ? "none of them" : chosen.map(\.mode).joined(separator: " and ")
            throw config.error(
                "expected one of the poolings \(known), found \(found)", suggestion: "name a pooling")
        }
        return chosen[0].pooling
    }

    /// A module that does nothing to a trained model's embeddings.
    private func checkDropout(_ module: Module) throws {
        try Self.document("config.json", in: module.folder)?
            .refuseUnread(KeysWithoutEffect.dropout.of("a Dropout module's config.json"), ignoring: keys)
    }

    /// A Normalize module's settings, which name the vector that it takes and the one that it makes.
    private func checkNormalisation(_ module: Module) throws {
        guard let document = try Self.document("config.json", in: module.folder) else { return }
        for key in ["module_input_name", "module_output_name"] {
            guard let node = document.root[key], try node.string() != "sentence_embedding" else { continue }
            throw node.expected("\"sentence_embedding\": other vectors are not known here")
        }
        try document.refuseUnread(([:] as KeysWithoutEffect).of("a Normalize module's config.json"), ignoring: keys)
    }

    private static func document(_ name: String, in folder: String) throws -> JSONDocument? {
        try existing(name, in: folder).map { try JSONDocument(path: $0, notesReading: true) }
    }

    private static func existing(_ name: String, in folder: String) -> String? {
        let path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// A module's folder, which is inside the model's.
    fileprivate static func path(_ node: JSONNode, in folder: String) throws -> String {
        let path = try node.string()
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw node.expected("a folder in the model's")
        }
        return path.isEmpty ? folder : URL(fileURLWithPath: folder).appendingPathComponent(path).path
    }
}

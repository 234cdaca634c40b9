import Files
import Foundation

/// The files of a repository that a model is read from, as far as a folder's `modules.json` tells.
///
/// A folder of the sentence-transformers library may keep the backbone in a folder of its own, and each module's settings in
/// one; another has all of it at the top.
struct ModelFiles {
    static let modules = "modules.json"
    /// What the library has called its settings of a backbone.
    private static let transformerNames = [
        "bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet",
    ].map { "sentence_\($0)_config.json" }
    /// An adapter beside the weights, which transformers merges into them without being asked.
    private static let adapter = "adapter_config.json"
    private static let tokenizerNames = [
        "tokenizer.json", "tokenizer.model", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json",
    ]
    /// Fetched for other programs' sake: no vector depends on them here.
    private static let carriedNames = ["generation_config.json", "vocab.json", "merges.txt"]

    /// What the backbone's files' paths begin with: nothing, or `0_Transformer/`.
    private let backbone: String
    /// Settings and weights of the other modules.
    private let others: [String]
    /// Modules of the library without numbers of their own, by the last part of their classes.
    private static let weightless: Set = ["Pooling", "Normalize", "Dropout"]
    let isSentenceTransformer: Bool
    /// Whether the backbone is a table of vectors beside a tokenizer, without a `config.json`.
    private let isStatic: Bool

    /// - Parameter folder: of a snapshot; what is not there yet is not told
    /// - Throws: where its list of modules is damaged, or a module lies outside.
    init(in folder: String) throws {
        let path = "\(folder)/\(Self.modules)"
        isSentenceTransformer = FileManager.default.fileExists(atPath: path)
        guard isSentenceTransformer else {
            (backbone, others, isStatic) = ("", [], false)
            return
        }
        let modules = try JSONDocument(path: path).root.elements().map { module in
            let node = try module.required("path")
            let text = try node.string()
            guard text.isEmpty || HubCache.isRelativePath(text) else { throw node.expected("a folder in the model's") }
            let kind = try module["type"]?.string().split(separator: ".").last.map(String.init)
            return (
                prefix: text.isEmpty ? "" : text + "/", hasWeights: !Self.weightless.contains(kind ?? ""),
                isStatic: kind == "StaticEmbedding"
            )
        }
        backbone = modules.first?.prefix ?? ""
        isStatic = modules.first?.isStatic ?? false
        others = modules.dropFirst().filter { !$0.prefix.isEmpty }.flatMap { module in
            (["config.json"] + (module.hasWeights ? ["model.safetensors"] : [])).map { module.prefix + $0 }
        }
    }

    /// What no model is read without, besides its weights.
    var required: String { backbone + (isStatic ? "tokenizer.json" : "config.json") }
    var weights: String { backbone + "model.safetensors" }
    var index: String { backbone + "model.safetensors.index.json" }

    /// Files that change vectors where a repository has them.
    var optional: [String] {
        let library =
            isSentenceTransformer
            ? ["config_sentence_transformers.json"] + Self.transformerNames.map { backbone + $0 }
                + others : []
        return [Self.modules] + library + (isStatic ? [] : Self.tokenizerNames + [Self.adapter]).map { backbone + $0 }
    }

    /// Files beside the backbone's weights, whether they matter or not.
    var beside: Set<String> { Set([required] + optional + Self.carriedNames.map { backbone + $0 }) }
}

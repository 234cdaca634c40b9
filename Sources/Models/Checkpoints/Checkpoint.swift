import Diagnostics
import Files
import Foundation
import Weights

/// A backbone as it lies on disk: what it says of itself, and its tensors.
public struct Checkpoint: Sendable {
    /// Where the sizes are written down.
    public enum Description: Sendable {
        /// A GGUF file's metadata.
        case gguf(GGUFMetadata)
        /// The root of a Hugging Face folder's `config.json`.
        case huggingFace(JSONNode)
    }

    /// The file or folder.
    public let path: String
    public let description: Description
    public let tensors: any TensorSource
    /// What becomes of keys of its configuration that nobody here knows.
    public private(set) var keys: KeyPolicy = []

    /// Opens a GGUF file, a Hugging Face folder, or a safetensors file in such a folder; decodes nothing.
    ///
    /// - Parameter keys: what becomes of keys of its configuration that nobody here knows
    /// - Throws: where it is none of these, or a part of it is missing or damaged.
    public init(path: String, ignoring keys: KeyPolicy = []) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Diagnostic("no such file or folder", at: SourceLocation(file: path))
        }
        let url = URL(fileURLWithPath: path)
        if isFolder.boolValue {
            try self.init(huggingFace: path, weights: Self.weights(inFolder: path))
        } else if url.pathExtension == "safetensors" {
            try self.init(huggingFace: url.deletingLastPathComponent().path, weights: SafetensorsFile(path))
        } else {
            try self.init(gguf: GGUFFile(path))
        }
        self.keys = keys
    }

    /// A GGUF file that is open already.
    public init(gguf file: GGUFFile) {
        (path, description, tensors) = (file.path, .gguf(file.metadata), file)
    }

    /// What a `config.json` says, before there are weights.
    init(describedBy config: JSONNode, weights: any TensorSource) {
        (path, description, tensors) = (weights.path, .huggingFace(config), weights)
    }

    private init(huggingFace folder: String, weights: any TensorSource) throws {
        let config = URL(fileURLWithPath: folder).appendingPathComponent("config.json").path
        guard FileManager.default.fileExists(atPath: config) else {
            throw Diagnostic("expected a config.json beside the weights", at: SourceLocation(file: folder))
        }
        let adapter = FilePath.join(folder, "adapter_config.json")
        guard !FileManager.default.fileExists(atPath: adapter) else {
            throw Diagnostic(
                "an adapter lies beside the model's weights, which transformers applies to them",
                at: SourceLocation(file: adapter),
                suggestion: "move its files to a folder of its own, and name that as the adapter, or leave them out")
        }
        let root = try JSONDocument(path: config, notesReading: true).root
        (path, description, tensors) = (folder, .huggingFace(root), weights)
    }

    private static func weights(inFolder folder: String) throws -> any TensorSource {
        let url = URL(fileURLWithPath: folder)
        let index = url.appendingPathComponent("model.safetensors.index.json").path
        let single = url.appendingPathComponent("model.safetensors").path
        if FileManager.default.fileExists(atPath: single) { return try SafetensorsFile(single) }
        if FileManager.default.fileExists(atPath: index) { return try ShardedSafetensors(index: index) }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
        let advice: String?
        if entries.contains("adapter_config.json") {
            advice = "it is an adapter's folder: name the model that it adapts, and this one as its adapter"
        } else if let gguf = entries.first(where: { $0.hasSuffix(".gguf") }) {
            advice = "name the GGUF file in it: \(url.appendingPathComponent(gguf).path)"
        } else if entries.contains(where: { $0.hasSuffix(".bin") || $0.hasSuffix(".pth") }) {
            advice = "PyTorch's pickled weights are not read: save the model with safe_serialization=True"
        } else {
            advice = nil
        }
        throw Diagnostic(
            "expected a model folder with model.safetensors or model.safetensors.index.json, found neither",
            at: SourceLocation(file: folder), suggestion: advice)
    }

    /// GGUF's `general.architecture`, or `config.json`'s `model_type`.
    public func architecture() throws -> String {
        switch description {
        case .gguf(let metadata): try metadata.string("general.architecture")
        case .huggingFace(let config): try config.required("model_type").string()
        }
    }

    /// The digest of everything that decides a hidden state: the weights', and that of `config.json` where the sizes stand
    /// there.
    public func sha256() -> SHA256Digest {
        let weights = tensors.sha256()
        guard case .huggingFace(let config) = description else { return weights }
        return SHA256Digest(of: "\(weights)\n\(config.documentSHA256)\n")
    }

    /// An error about the checkpoint as a whole.
    public func error(_ message: String) -> Diagnostic { Diagnostic(message, at: SourceLocation(file: path)) }
}

extension Checkpoint {
    /// The token that batches are padded with; nil where none is named.
    public func padToken() throws -> Int? {
        switch description {
        case .gguf(let metadata): try metadata.integerIfPresent("tokenizer.ggml.padding_token_id")
        case .huggingFace(let config): try config["pad_token_id"]?.integer()
        }
    }

    /// The token that ends a text; nil where none is named, or several are.
    public func endToken() throws -> Int? {
        switch description {
        case .gguf(let metadata): try metadata.integerIfPresent("tokenizer.ggml.eos_token_id")
        case .huggingFace(let config):
            try config["eos_token_id"].flatMap { node in node.kind == .array ? nil : try node.integer() }
        }
    }
}

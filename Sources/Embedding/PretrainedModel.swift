import Diagnostics
import Files
import Models
import Numerics
import Tokenizers
import Weights

/// A backbone's file, opened: its sizes and its tokenizer are there, its weights are decoded when asked for.
public struct PretrainedModel: Sendable {
    public let path: String
    public let shape: BackboneShape
    public let tokenizer: any Tokenizer
    /// The token that batches are padded with: the checkpoint's, else 0, which BeLLM's code takes for LLaMA.
    public let padToken: Int32
    private let checkpoint: Checkpoint

    /// Opens a GGUF file, or a Hugging Face folder with `config.json`, safetensors and a tokenizer.
    ///
    /// - Throws: where it isn't one, or where tokenizer and weights don't fit each other.
    public init(path: String) throws {
        self.path = path
        checkpoint = try Checkpoint(path: path)
        shape = try checkpoint.shape()
        tokenizer = try checkpoint.tokenizer()
        let padToken = try checkpoint.padToken() ?? 0
        guard (0..<shape.vocabularySize).contains(padToken) else {
            throw checkpoint.error("padding token: expected one below \(shape.vocabularySize), found \(padToken)")
        }
        self.padToken = Int32(padToken)
        guard tokenizer.vocabularySize <= shape.vocabularySize else {
            throw Diagnostic(
                "the tokenizer has \(tokenizer.vocabularySize) tokens, the embedding matrix only \(shape.vocabularySize)",
                at: SourceLocation(file: path))
        }
    }

    /// The backbone with its weights decoded.
    ///
    /// - Parameters:
    ///   - isStreamed: its layers are decoded when they are needed, and not kept
    ///   - adapter: merged into the weights
    public func backbone(
        linear: LinearMaker = LinearMaker(), isStreamed: Bool = false, merging adapter: Adapter? = nil
    ) throws -> any Backbone {
        try checkpoint.backbone(linear, isResident: !isStreamed, merging: adapter)
    }

    /// The size of all files with weights.
    public var fileBytes: Int { checkpoint.tensors.fileBytes }

    /// Memory that all layers' weights take, decoded.
    public func residentBytes(_ linear: LinearMaker) -> Int {
        shape.weightsPerLayer * shape.layerCount * linear.bytesPerWeight
    }

    /// Memory that one layer's weights take, decoded.
    public func layerBytes(_ linear: LinearMaker) -> Double { Double(shape.weightsPerLayer * linear.bytesPerWeight) }

    /// The digest of the weights' whole file; of a folder, that of its files' digests.
    public func weightsSHA256() -> SHA256Digest { checkpoint.sha256() }
}

extension Checkpoint {
    /// The tokenizer that lies in the same file or folder.
    fileprivate func tokenizer() throws -> any Tokenizer {
        switch description {
        case .gguf(let metadata): try PretrainedTokenizer.read(gguf: metadata, path: path)
        case .huggingFace: try PretrainedTokenizer.read(folder: path)
        }
    }
}

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
    public let tokenizer: ByteLevelBPE
    /// The token that batches are padded with: the file's, else 0, which BeLLM's code takes for LLaMA.
    public let padToken: Int32
    private let file: GGUFFile

    /// Opens a GGUF file of the architecture `llama`.
    ///
    /// - Throws: where it isn't one, or where tokenizer and weights don't fit each other.
    public init(path: String) throws {
        self.path = path
        file = try GGUFFile(path)
        shape = try LlamaConfiguration(gguf: file).shape
        tokenizer = try ByteLevelBPE(gguf: file)
        let padToken = try file.metadata.integerIfPresent("tokenizer.ggml.padding_token_id") ?? 0
        guard (0..<shape.vocabularySize).contains(padToken) else {
            throw Diagnostic(
                "tokenizer.ggml.padding_token_id: expected a token below \(shape.vocabularySize), found \(padToken)",
                at: SourceLocation(file: path))
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
    /// - Parameter isStreamed: its layers are decoded when they are needed, and not kept
    public func backbone(linear: LinearMaker = LinearMaker(), isStreamed: Bool = false) throws -> any Backbone {
        try Llama(gguf: file, linear: linear, isResident: !isStreamed)
    }

    public var fileBytes: Int { file.file.count }

    /// Memory that all layers' weights take, decoded.
    public func residentBytes(_ linear: LinearMaker) -> Int {
        shape.weightsPerLayer * shape.layerCount * linear.bytesPerWeight
    }

    /// Memory that one layer's weights take, decoded.
    public func layerBytes(_ linear: LinearMaker) -> Double { Double(shape.weightsPerLayer * linear.bytesPerWeight) }

    /// The digest of the whole file.
    public func weightsSHA256() -> SHA256Digest { file.file.sha256() }
}

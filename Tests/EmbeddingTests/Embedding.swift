import Embedding
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Tokenizers
import Weights

/// A token a byte.
struct ByteTokenizer: Tokenizer {
    let vocabularySize = 256
    let fingerprint = SHA256Digest(of: "bytes")

    func encode(_ text: String) -> [Token] {
        text.utf8.enumerated().map { Token(id: Int32($1), bytes: $0..<$0 + 1) }
    }

    func decode(_ ids: some Sequence<Int32>) throws -> String {
        String(decoding: ids.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }
}

/// What an encoder is set to.
struct Settings {
    var chunkTokens = Encoder.defaultChunkTokens
    var workers = 1
    var sharesBeginnings = true
    var isStreamed = false
}

/// For each method, an embedding for each sentence. The methods share the first one's template and normaliser.
func embed(
    _ sentences: [String], _ methods: [EmbeddingMethod], by backbone: any Backbone,
    tokenizer: any Tokenizer = ByteTokenizer(), settings: Settings = Settings()
) async throws -> [[[Float]]] {
    let prompts = try Prompts(
        sentences, by: methods[0], tokenizer: tokenizer,
        contextLength: backbone.contextLength)
    var encoder = Encoder(backbone: backbone, workers: settings.workers)
    encoder.chunkTokens = settings.chunkTokens
    encoder.sharesBeginnings = settings.sharesBeginnings
    encoder.isStreamed = settings.isStreamed
    return try await encoder.encode(prompts, methods: methods).embeddings.map { matrix in
        (0..<matrix.rows).map(matrix.array(row:))
    }
}

extension [[[Float]]] {
    var bits: [[[UInt32]]] { map { $0.map(\.bits) } }
}

extension TinyLlama {
    /// The library's model of the same weights.
    func backbone() throws -> any AdaptableBackbone {
        try Checkpoint(gguf: GGUFFile(MappedFile(gguf, as: "tiny.gguf"))).backbone(LinearMaker())
    }
}

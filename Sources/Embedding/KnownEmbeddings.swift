import Diagnostics
import EmbeddingCache
import Files
import Foundation
import Models
import Numerics

/// One encoding's part of the cache: which embeddings were found, and how new ones get there.
///
/// Storing is a queue's work, so that workers don't wait for the disk.
final class KnownEmbeddings: Sendable {
    private let vectors: VectorCache
    /// For each method, each prompt's key.
    private let keys: [[SHA256Digest]]
    /// For each method and prompt, whether its embedding was found.
    private let isKnown: [[Bool]]
    let missing: MissingEmbeddings
    private let queue = DispatchQueue(label: "embedding cache")

    /// Looks up each prompt for each method.
    ///
    /// - Parameter embeddings: of each method [prompts, hidden]; gets what is found
    init(
        _ cache: EncoderCache, prompts: Prompts, methods: [ResolvedMethod], into embeddings: [Matrix]
    ) {
        vectors = cache.vectors
        keys = cache.keys(prompts, methods: methods)
        let candidates = prompts.tokens.indices.filter { !prompts.tokens[$0].isEmpty }
        let isKnown = zip(keys, embeddings).map { keys, embeddings in
            var isKnown = Array(repeating: false, count: keys.count)
            guard !cache.ignoresKnown else { return isKnown }
            cache.vectors.find(candidates.map { keys[$0] }, columns: embeddings.columns) { index, vector in
                // What an earlier version may have kept is computed again, and noticed there.
                guard vector.allSatisfy(\.isFinite) else { return }
                isKnown[candidates[index]] = true
                embeddings.assign(row: candidates[index], from: vector)
            }
            return isKnown
        }
        missing = MissingEmbeddings(prompts, isKnown: isKnown)
        self.isKnown = isKnown
    }

    /// Stores a chunk's new embeddings, soon: those of all methods in one transaction.
    ///
    /// - Parameter pooled: [the chunk's prompts, hidden] of each incomplete method
    func store(_ chunk: ChunkPlan.Chunk, _ pooled: [FrozenMatrix]) {
        queue.async { [self] in
            vectors.store(
                zip(missing.methods, pooled).flatMap { method, rows in
                    chunk.prompts.enumerated().filter { !isKnown[method][$0.element] }.map { row, prompt in
                        (keys[method][prompt], rows.array(row: row))
                    }
                })
        }
    }

    /// Returns when everything is stored.
    func finish() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}

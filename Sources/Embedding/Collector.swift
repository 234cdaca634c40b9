import Numerics
import Synchronization

/// The workers' common results.
final class Collector: Sendable {
    private struct State {
        var embeddings: [Matrix]
        var progress: EncodingProgress
    }

    private let state: Mutex<State>
    /// The methods that are computed, in the order of each chunk's results.
    private let methods: [Int]
    private let known: KnownEmbeddings?
    private let report: @Sendable (EncodingProgress) -> Void

    /// - Parameters:
    ///   - embeddings: of each method [prompts, hidden]; what the cache had is there
    ///   - methods: those that are computed
    ///   - known: gets what is computed
    init(
        _ embeddings: sending [Matrix], computing methods: [Int], known: KnownEmbeddings?,
        total: (prompts: Int, tokens: Int), progress: @escaping @Sendable (EncodingProgress) -> Void
    ) {
        state = Mutex(
            State(
                embeddings: embeddings,
                progress: EncodingProgress(totalPrompts: total.prompts, totalTokens: total.tokens)))
        self.methods = methods
        self.known = known
        report = progress
    }

    /// - Parameter tokens: those of the chunk that `advance` has not counted
    /// - Throws: where an embedding isn't finite; none of the chunk is kept then, here or in the cache.
    func collect(_ chunk: ChunkPlan.Chunk, _ pooled: [FrozenMatrix], tokens: Int) throws(NotFinite) {
        for rows in pooled { try NotFinite.check(rows, of: chunk.prompts) }
        known?.store(chunk, pooled)
        state.withLock { state in
            for (method, pooled) in zip(methods, pooled) {
                for (row, prompt) in chunk.prompts.enumerated() {
                    state.embeddings[method].assign(row: prompt, from: pooled, row: row)
                }
            }
            state.progress.prompts += chunk.prompts.count
            state.progress.tokens += tokens
            report(state.progress)
        }
    }

    /// Counts a chunk that has come through one of several layers.
    func advance(_ chunk: ChunkPlan.Chunk, layer: Int, of layers: Int) {
        state.withLock { state in
            // Whole tokens: the layers' shares add up to the chunk's tokens.
            state.progress.tokens += chunk.tokens * (layer + 1) / layers - chunk.tokens * layer / layers
            report(state.progress)
        }
    }

    func finish() -> [FrozenMatrix] {
        state.withLock { $0.embeddings.map(FrozenMatrix.init(freezing:)) }
    }
}

import Diagnostics
import Models
import Numerics

/// Prompts to embeddings, on all cores.
///
/// Prompts are sorted, so that those that begin alike share the states of their beginning, and packed into chunks
/// without padding; each worker takes a chunk, runs the forward pass and pools. A prompt's embedding doesn't depend on
/// the others by a bit, whatever the chunk, the order and the number of workers: oneDNN gives a row the same result
/// among any others, and so do OpenBLAS's AVX-512 kernels.
public struct Encoder: Sendable {
    public let backbone: any Backbone
    /// Workers at the same time; each multiplies matrices on its own thread.
    public var workers: Int
    /// Tokens of a chunk: enough rows for matrix products to run at full speed, few enough to stay in the cache.
    public var chunkTokens = Encoder.defaultChunkTokens
    public static let defaultChunkTokens = 512
    /// Whether all chunks go through a layer before the next layer is read: for backbones larger than memory.
    public var isStreamed = false
    /// Where known embeddings are found and new ones are left; nil for nowhere.
    public var cache: EncoderCache?
    /// What makes embeddings of pooled states; nil where those are the embeddings. The cache holds pooled states.
    public var head: Head?
    /// Whether the states of what prompts begin with alike are computed once: of the template's first tokens for all
    /// prompts, of others for those of a chunk.
    public var sharesBeginnings = true

    /// The numbers of an embedding.
    public var dimensions: Int { head?.shape.outputs ?? backbone.hiddenSize }

    public init(backbone: any Backbone, workers: Int) {
        OpenBLAS.useCallingThreadOnly()
        self.backbone = backbone
        self.workers = workers
    }

    /// Embeds prompts by several methods that differ in attention plan, pooling and hidden layer only, in one pass.
    ///
    /// What the cache has is not computed; each chunk that is computed is stored at once, so that stopping at any moment
    /// loses the chunks in flight and no more.
    ///
    /// - Parameter progress: called after each chunk, by one worker at a time
    /// - Returns: for each method, [prompts, dimensions]: zeros for a prompt without tokens
    /// - Throws: ``NotFinite``; where the head takes embeddings of another width; `CancellationError` when the task is cancelled
    public func encode(
        _ prompts: Prompts, methods: [EmbeddingMethod],
        progress: @escaping @Sendable (EncodingProgress) -> Void = { _ in }
    ) async throws -> Encoding {
        let resolved = try methods.map { method throws(Diagnostic) in try ResolvedMethod(method, backbone.shape) }
        try head?.shape.check(fits: backbone.hiddenSize)
        let embeddings = methods.map { _ in Matrix(rows: prompts.tokens.count, columns: backbone.hiddenSize) }
        let known = cache.map { cache in
            KnownEmbeddings(cache, prompts: prompts, methods: resolved, into: embeddings)
        }
        // A method that lacks nothing is left out; a prompt goes through where any method lacks it.
        let incomplete = known?.missing.methods ?? Array(methods.indices)
        let plan = ChunkPlan(
            prompts, only: known?.missing.prompts, cut: .tokens(chunkTokens),
            prefix: sharesBeginnings ? prompts.templatePrefix : [], sharesBeginnings: sharesBeginnings)
        let collector = Collector(
            embeddings, computing: incomplete, known: known, total: plan.total, progress: progress)
        let job = EncodingJob(
            backbone: backbone, prompts: prompts, plan: plan,
            readouts: incomplete.map { resolved[$0].readout(of: prompts) },
            poolings: incomplete.map { methods[$0].pooling }, collector: collector)
        let count = max(1, min(workers, plan.chunks.count))
        do {
            try await isStreamed ? job.runLayerByLayer(workers: count) : job.runChunkByChunk(workers: count)
        } catch {
            await known?.finish()
            throw (error as? NotFinite).map { located($0, in: prompts, methods: incomplete.map { methods[$0] }) }
                ?? error
        }
        await known?.finish()
        let finished = collector.finish().map { head?($0) ?? $0 }
        if head != nil { for rows in finished { try NotFinite.check(rows, of: Array(prompts.tokens.indices)) } }
        return Encoding(
            embeddings: finished,
            tokensComputed: plan.total.tokens + plan.sharedPrefix.count,
            prefixTokens: plan.sharedPrefix.count,
            lookups: known?.missing.lookups ?? methods.map { _ in CacheLookups() })
    }
}

/// What `Encoder.encode` made.
public struct Encoding: Sendable {
    /// For each method, [prompts, dimensions].
    public var embeddings: [FrozenMatrix]
    /// Tokens that went through the model: fewer than the prompts have where their beginning is shared, or where
    /// embeddings were found in the cache.
    public var tokensComputed: Int
    /// The tokens of the shared beginning.
    public var prefixTokens: Int
    /// For each method, what was found in the cache; zeros without a cache.
    public var lookups: [CacheLookups]

    public init(embeddings: [FrozenMatrix], tokensComputed: Int, prefixTokens: Int, lookups: [CacheLookups]) {
        (self.embeddings, self.tokensComputed) = (embeddings, tokensComputed)
        (self.prefixTokens, self.lookups) = (prefixTokens, lookups)
    }

    /// Tokens that went through the model for a method, together with others.
    public func tokensComputed(forMethod method: Int) -> Int {
        lookups[method].hits > 0 && lookups[method].misses == 0 ? 0 : tokensComputed
    }
}

/// How far an encoding has come.
public struct EncodingProgress: Sendable {
    public var prompts = 0
    /// Tokens that went through the model.
    public var tokens = 0
    public var totalPrompts: Int
    public var totalTokens: Int
}

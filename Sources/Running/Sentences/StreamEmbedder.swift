import Diagnostics
import Embedding
import Files
import HDF5
import Models
import Numerics
import Results

/// Embeds any number of sentences, a block at a time, and writes each block before it reads the next.
///
/// A block's sentences are sorted, packed and de-duplicated together. An embedding doesn't depend on its block.
public struct StreamEmbedder: Sendable {
    public let recipe: EmbeddingRecipe
    public let workers: Int
    public var cache: CacheUse?

    /// Sentences that are embedded together: enough to be packed well; a multiple of a padded batch.
    package static let blockSentences = 512 * Padding.batchSize
    /// Rows that are written at once.
    private static let writtenRows = 512

    public init(_ recipe: EmbeddingRecipe, workers: Int) {
        self.recipe = recipe
        self.workers = workers
    }

    /// What was embedded, and what was not as it stands.
    public struct Summary: Hashable, Sendable {
        public var sentences = 0
        /// Sentences that leave no token, whose vectors are zeros.
        public var empty = 0
        /// Sentences that were cut at the model's context; one that is repeated in a block counts once.
        public var truncated = 0
        /// Bytes that the vocabulary has no token for.
        public var unencodedBytes = 0
        /// Prompts that begin with white space.
        public var spaced = 0
        public var lookups = CacheLookups()
        /// What is done with the embeddings and was not possible as asked.
        public var warnings: [String] = []
    }

    /// How far it has come.
    public struct Progress: Sendable {
        public var sentences: Int
        /// Nil where they come from a stream.
        public var totalSentences: Int?
        public var tokens: Int
    }

    /// What there is to warn of before any work.
    public func warnings() throws -> [String] {
        try SentenceEmbedder([], methods: recipe.methods, model: recipe.model).warnings()
    }

    /// - Parameters:
    ///   - total: how many sentences the input has; nil where that isn't known
    ///   - progress: called by one worker at a time
    /// - Throws: where a line is malformed, or a file can't be written; `CancellationError` when the task is cancelled.
    ///   The output is untouched then.
    public func embed(
        _ input: SentenceInput, total: Int?, to output: EmbeddingOutput,
        progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Summary {
        let reader = try input.open()
        let weights = try weightsSHA256()
        let adapter = try recipe.adapterFolder.map { try AdapterFolder($0).sha256() }
        let encoder = try encoder(weights: weights, adapterSHA256: adapter)
        let transform = try await fittedTransform(by: encoder)
        var summary = Summary()
        summary.warnings = transform?.warnings ?? []
        let attributes =
            [
                HDF5Attribute("model", .text(recipe.reference.name)),
                HDF5Attribute("input", .text(HomeFolder.abbreviated(input.path))),
            ]
            + recipe.attributes(weightsSHA256: weights, adapterSHA256: adapter?.description)
        let writer = try output.writer(columns: recipe.columns, rows: total, attributes: attributes, kept: input.keep)
        var tokens = 0
        while true {
            let sentences = try reader.next(Self.blockSentences)
            guard !sentences.isEmpty else { break }
            var embedder = try SentenceEmbedder(
                sentences.map(\.text), methods: recipe.methods, model: recipe.model)
            embedder.sentencesBefore = summary.sentences
            let (before, tokensBefore, parts) = (summary.sentences, tokens, recipe.methods.count)
            let (embeddings, rows) = try await embedder.embed(by: encoder) { part, encoding in
                let share = Double(encoding.tokens) / Double(max(encoding.totalTokens, 1))
                let done = (Double(part) + share) / Double(parts) * Double(sentences.count)
                progress(
                    Progress(
                        sentences: before + Int(done), totalSentences: total, tokens: tokensBefore + encoding.tokens))
            } observe: { encoding in
                tokens += encoding.tokensComputed
                for lookup in encoding.lookups {
                    summary.lookups.hits += lookup.hits
                    summary.lookups.misses += lookup.misses
                }
            }
            summary.add(embedder, sentences: sentences.count)
            try write(embeddings, rows: rows, of: sentences, after: before, transform: transform?.transform, to: writer)
        }
        try writer.finish()
        summary.warnings += [Prompts.warning(ofSpaced: summary.spaced, recipe.model.tokenizer)].compactMap(\.self)
        return summary
    }

    private func write(
        _ embeddings: FrozenMatrix, rows: [Int], of sentences: [EmbeddedSentence], after first: Int,
        transform: FittedTransform?, to writer: any EmbeddingWriter
    ) throws {
        for start in stride(from: 0, to: sentences.count, by: Self.writtenRows) {
            let range = start..<min(start + Self.writtenRows, sentences.count)
            let chosen = Array(rows[range])
            let (vectors, places) =
                transform.map { ($0(embeddings, chosen: chosen), Array(chosen.indices)) } ?? (embeddings, chosen)
            let kept = vectors[columns: 0..<recipe.columns]
            let values = places.flatMap { recipe.isNormalised ? unit(kept.array(row: $0)) : kept.array(row: $0) }
            if let place = values.firstIndex(where: { !$0.isFinite }) {
                throw Diagnostic(
                    "the embedding of sentence \(first + start + place / recipe.columns + 1) has \(values[place])"
                        + ", which is no vector")
            }
            try writer.append(values, of: Array(sentences[range]))
        }
    }

    /// A vector of length 1; zeros stay zeros.
    private func unit(_ vector: [Float]) -> [Float] {
        let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return norm == 0 ? vector : vector.map { Float(Double($0) / norm) }
    }

    /// - Throws: where the file doesn't hash to what the catalogue says.
    private func weightsSHA256() throws -> String {
        let found = try recipe.model.weightsSHA256().description
        try recipe.reference.check(weightsSHA256: found)
        return found
    }

    private func encoder(
        weights: String, adapterSHA256: SHA256Digest?
    ) throws -> Encoder {
        let isStreamed = PassPlan.streams(recipe.model, linear: recipe.linear)
        let (model, linear) = (recipe.model, recipe.linear)
        let bytes = isStreamed ? 3.5 * model.layerBytes(linear) : Double(model.residentBytes(linear))
        try AddressSpace.check(bytes, workers: workers)
        let adapter = try recipe.adapterFolder.map { try AdapterFolder($0).adapter() }
        var encoder = Encoder(
            backbone: try recipe.model.backbone(
                linear: recipe.linear, isStreamed: isStreamed, merging: adapter),
            workers: workers)
        encoder.isStreamed = isStreamed
        encoder.head = recipe.head
        let identity = weights + (adapterSHA256.map { " adapter \($0)" } ?? "")
        encoder.cache = cache?.encoderCache(weightsSHA256: identity, linear: recipe.linear)
        return encoder
    }

    /// The transform, fitted to the sentences that the recipe names.
    private func fittedTransform(
        by encoder: Encoder
    ) async throws -> (transform: FittedTransform, warnings: [String])? {
        guard let fit = recipe.fit else { return nil }
        let embedder = try SentenceEmbedder(fit.sentences, methods: recipe.methods, model: recipe.model)
        let (embeddings, rows) = try await embedder.embed(by: encoder, progress: { _, _ in }, observe: { _ in })
        let transform = try FittedTransform(fit.fit.transform, to: embeddings, chosen: rows)
        let lost = recipe.columns - transform.rank
        let warning = "\(fit.fit): the \(transform.fittedCount) sentences vary in \(transform.rank) directions only"
        return (transform, lost > 0 ? ["\(warning), the other \(lost) columns are zeros"] : [])
    }
}

extension StreamEmbedder.Summary {
    fileprivate mutating func add(_ embedder: SentenceEmbedder, sentences count: Int) {
        sentences += count
        empty += embedder.emptyCount
        unencodedBytes += embedder.prompts.map(\.unencodedBytes).max() ?? 0
        truncated += embedder.prompts.map(\.truncated).max() ?? 0
        spaced += embedder.prompts.map(\.spacedCount).max() ?? 0
    }
}

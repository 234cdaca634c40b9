import Diagnostics
import Embedding
import Numerics

/// Embeds sentences outside of an experiment: by one method, or the mean over several prompts.
public struct SentenceEmbedder: Sendable {
    public let methods: [EmbeddingMethod]
    public let model: PretrainedModel
    /// For each method, what the backbone gets.
    public let prompts: [Prompts]
    /// For each method, the prompt of each sentence.
    private let rows: [[Int]]
    /// How many sentences stand before these in their file: a message counts from the first.
    var sentencesBefore = 0

    /// - Parameter methods: at least one; they differ in their prompts alone
    public init(_ sentences: [String], methods: [EmbeddingMethod], model: PretrainedModel) throws {
        (self.methods, self.model) = (methods, model)
        let unique = UniqueSentences(sentences)
        let found = try methods.map { method in
            let prompts = try Prompts(
                unique.sentences, by: method, tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
            guard method.padding == .visible else { return (prompts: prompts, rows: unique.indices) }
            let batches = stride(from: 0, to: sentences.count, by: Padding.batchSize).map { start in
                Array(start..<min(start + Padding.batchSize, sentences.count))
            }
            return prompts.padded(rows: unique.indices, batches: batches, with: try model.padToken)
        }
        (prompts, rows) = (found.map(\.prompts), found.map(\.rows))
    }

    /// What there is to warn of before any work.
    public func warnings() throws(Diagnostic) -> [String] {
        guard let method = methods.first else { return [] }
        let resolved = try ResolvedMethod(method, model.shape)
        return [
            resolved.noEffectWarning, try resolved.paddingWarning(token: try model.padToken), model.ignoredKeysWarning,
        ].compactMap(\.self)
            + (prompts.first?.warnings(of: model.tokenizer) ?? [])
    }

    /// Sentences that leave no token, whose vectors are zeros.
    public var emptyCount: Int { rows.first?.count { prompts[0].tokens[$0].isEmpty } ?? 0 }

    /// - Parameters:
    ///   - progress: gets the number of the method too
    ///   - observe: gets each encoding as it ends
    /// - Returns: embeddings, and for each sentence its row.
    /// - Throws: where an embedding isn't finite, with the sentence's number; `CancellationError` when the task is cancelled.
    public func embed(
        by encoder: Encoder, progress: @escaping @Sendable (_ method: Int, EncodingProgress) -> Void,
        observe: (Encoding) -> Void
    ) async throws -> (embeddings: FrozenMatrix, rows: [Int]) {
        let sentences = rows.first?.count ?? 0
        var average = AveragedEmbeddings(
            sentences: methods.count > 1 ? sentences : 0, columns: encoder.dimensions, parts: methods.count)
        for (index, method) in methods.enumerated() {
            let encoding: Encoding
            do {
                encoding = try await encoder.encode(prompts[index], methods: [method]) { progress(index, $0) }
            } catch let error as NotFinite {
                let number = sentencesBefore + 1 + (rows[index].firstIndex(of: error.prompt) ?? 0)
                throw error.diagnostic(of: "sentence \(number)")
            }
            observe(encoding)
            if methods.count == 1 { return (encoding.embeddings[0], rows[0]) }
            average.add(encoding.embeddings[0], rows: rows[index])
        }
        return (average.finish(), Array(0..<sentences))
    }
}

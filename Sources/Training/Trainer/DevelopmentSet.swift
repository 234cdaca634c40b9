import Tasks
import Diagnostics
import Embedding
import Models
import Numerics

/// Pairs that training is stopped and chosen by; no test set.
public struct DevelopmentSet: Sendable {
    public let name: String
    private let prompts: Prompts
    /// Each pair's two prompts.
    private let pairs: [(Int, Int)]
    private let gold: [Double]

    /// - Throws: for a task without pairs.
    public init(_ task: LoadedTask, method: EmbeddingMethod, model: PretrainedModel) throws {
        guard !task.pairs.isEmpty else { throw Diagnostic("\(task.name) has no pairs to develop on") }
        name = task.name
        let unique = UniqueSentences(task.pairs.flatMap { [$0.first, $0.second] })
        pairs = task.pairs.indices.map { (unique.indices[2 * $0], unique.indices[2 * $0 + 1]) }
        gold = task.pairs.map(\.gold)
        prompts = try Prompts(
            unique.sentences, by: method, tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
    }

    /// Spearman's correlation of cosines and gold scores, times 100.
    func score(_ backbone: any Backbone, method: EmbeddingMethod, workers: Int) async throws -> Double {
        let encoder = Encoder(backbone: backbone, workers: workers)
        let embeddings = try await encoder.encode(prompts, methods: [method]).embeddings[0]
        let rows = (0..<embeddings.rows).map(embeddings.array(row:))
        return 100 * spearman(pairs.map { cosine(rows[$0.0], rows[$0.1]) }, gold)
    }
}

import Benchmarks
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
        guard !task.pairs.isEmpty else { throw Diagnostic("\(task.task.name) has no pairs to develop on") }
        name = task.task.name
        var indices: [String: Int] = [:]
        var sentences: [String] = []
        func index(_ sentence: String) -> Int {
            if let index = indices[sentence] { return index }
            indices[sentence] = sentences.count
            sentences.append(sentence)
            return sentences.count - 1
        }
        pairs = task.pairs.map { (index($0.first), index($0.second)) }
        gold = task.pairs.map(\.gold)
        prompts = try Prompts(
            sentences, by: method, tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
    }

    /// Spearman's correlation of cosines and gold scores, times 100.
    func score(_ backbone: any Backbone, method: EmbeddingMethod, workers: Int) async throws -> Double {
        let encoder = Encoder(backbone: backbone, workers: workers)
        let embeddings = try await encoder.encode(prompts, methods: [method]).embeddings[0]
        let rows = (0..<embeddings.rows).map(embeddings.array(row:))
        return 100 * spearman(pairs.map { cosine(rows[$0.0], rows[$0.1]) }, gold)
    }
}

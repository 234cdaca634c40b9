import Tasks
import Diagnostics
import Embedding
import Models
import Numerics

/// Pairs that training is stopped and chosen by; no test set.
public struct DevelopmentSet: Sendable {
    public let name: String
    /// One or several, whose embeddings are averaged, each with its prompts and, for each text, which of them it is.
    private let readings: [Reading]
    private let gold: [Double]
    private let texts: [String]

    private struct Reading {
        var method: EmbeddingMethod
        var prompts: Prompts
        var rows: [Int]
    }

    /// How many pairs it has.
    package var count: Int { gold.count }

    /// Tokens of one evaluation.
    package var tokenCount: Int { readings.reduce(0) { $0 + $1.prompts.tokenCount } }

    /// - Parameter methods: at least one; they differ in their prompts alone
    /// - Throws: for a task without pairs, or whose gold scores are all equal.
    public init(_ task: LoadedTask, methods: [EmbeddingMethod], model: PretrainedModel) throws {
        guard !task.pairs.isEmpty else { throw Diagnostic("\(task.name) has no pairs to develop on") }
        name = task.name
        texts = task.pairs.flatMap { [$0.first, $0.second] }
        gold = task.pairs.map(\.gold)
        guard Set(gold).count > 1 else {
            throw Diagnostic(
                "all gold scores of the development set \(task.name) are equal: nothing correlates with them")
        }
        readings = try methods.map { method in
            // As an evaluation takes them: what chooses an adapter is what scores it.
            let padsWords = method.normaliser.takesPaddedSentences
            let unique = UniqueSentences((padsWords ? task.content.paddedTexts : task.content.texts).map(\.text))
            let prompts = try Prompts(
                unique.sentences, by: method, tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
            guard method.padding == .visible else {
                return Reading(method: method, prompts: prompts, rows: unique.indices)
            }
            let batches = task.content.batches(of: Padding.batchSize, padsWordLists: padsWords)
            let padded = prompts.padded(rows: unique.indices, batches: batches, with: try model.padToken)
            return Reading(method: method, prompts: padded.prompts, rows: padded.rows)
        }
    }

    /// Spearman's correlation of cosines and gold scores, times 100.
    ///
    /// - Throws: where it has none: an embedding isn't finite, or all cosines are equal.
    func score(
        _ backbone: any Backbone, head: Head?, workers: Int, progress: @escaping @Sendable (EncodingProgress) -> Void
    ) async throws -> Double {
        var encoder = Encoder(backbone: backbone, workers: workers)
        encoder.head = head
        var rows: [[Float]] = []
        for reading in readings {
            let found: FrozenMatrix
            do {
                found = try await encoder.encode(reading.prompts, methods: [reading.method], progress: progress)
                    .embeddings[0]
            } catch let error as NotFinite {
                let text = reading.rows.firstIndex(of: error.prompt).map { NotFinite.quoted(texts[$0]) } ?? "a text"
                var diagnostic = error.diagnostic(of: "\(text) of the development set \(name)")
                diagnostic.suggestion = "lower the learning rate"
                throw diagnostic
            }
            let own = reading.rows.map(found.array(row:))
            // The mean but for a factor, of which cosines know nothing.
            rows = rows.isEmpty ? own : zip(rows, own).map { zip($0, $1).map { $0 + $1 } }
        }
        let score = 100 * spearman(gold.indices.map { cosine(rows[2 * $0], rows[2 * $0 + 1]) }, gold)
        guard score.isFinite else {
            throw Diagnostic(
                "all cosines of the development set \(name) are equal: the embeddings have collapsed",
                suggestion: "lower the learning rate")
        }
        return score
    }
}

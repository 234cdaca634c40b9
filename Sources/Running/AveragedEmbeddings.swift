import Numerics

/// The mean of several prompts' embeddings, sentence by sentence, as they become known: MetaEOL, arXiv 2402.18458,
/// which averages them as they are, not normalised.
struct AveragedEmbeddings {
    private let sum: Matrix
    private let share: Float
    private(set) var remaining: Int

    /// - Parameters:
    ///   - sentences: with repetitions, because prompts of different normalisers repeat differently
    ///   - parts: how many embeddings a sentence has
    init(sentences: Int, columns: Int, parts: Int) {
        sum = Matrix(rows: sentences, columns: columns)
        share = 1 / Float(parts)
        remaining = parts
    }

    /// - Parameter rows: for each sentence, its embedding's row
    mutating func add(_ embeddings: FrozenMatrix, rows: [Int]) {
        for (sentence, row) in rows.enumerated() { sum.add(share, embeddings, row: row, toRow: sentence) }
        remaining -= 1
    }

    /// The mean, once nothing remains; nothing may be added after this.
    func finish() -> FrozenMatrix { FrozenMatrix(freezing: sum) }
}

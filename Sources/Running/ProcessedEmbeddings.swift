import Diagnostics
import Embedding
import Numerics
import Specification

/// A method's embeddings as runs' post-processing makes them; each transform is fitted once.
struct ProcessedEmbeddings {
    private let embeddings: FrozenMatrix
    /// For each sentence of the data, its embedding's row.
    private let rows: [Int]
    /// For each task, where its sentences are among the data's.
    private let places: [String: Range<Int>]
    private var fitted: [Fitted: FittedTransform] = [:]

    private struct Fitted: Hashable {
        var transform: EmbeddingTransform
        var task: String
    }

    init(_ embeddings: FrozenMatrix, rows: [Int], places: [String: Range<Int>]) {
        (self.embeddings, self.rows, self.places) = (embeddings, rows, places)
    }

    /// What a task is scored by.
    ///
    /// - Returns: embeddings, and for each of the task's sentences its row.
    mutating func embeddings(
        of task: String, _ postprocessing: Postprocessing
    ) throws(Diagnostic) -> (embeddings: FrozenMatrix, rows: [Int]) {
        let own = Array(rows[places[task] ?? 0..<0])
        guard let fit = postprocessing.fit else { return (kept(embeddings, postprocessing), own) }
        var fittingTask = task
        if case .task(let name) = fit.data { fittingTask = name }
        let transform = try transform(fit.transform, fittedTo: fittingTask)
        return (kept(transform(embeddings, chosen: own), postprocessing), Array(own.indices))
    }

    /// What a reader of the scores must know of a run's transforms.
    func warnings(_ postprocessing: Postprocessing) -> [String] {
        guard let fit = postprocessing.fit else { return [] }
        return fitted.sorted { $0.key.task < $1.key.task }.compactMap { key, transform in
            guard key.transform == fit.transform, fit.data == .target || fit.data == .task(key.task) else { return nil }
            let wanted = postprocessing.dimensions.first ?? embeddings.columns
            guard transform.rank < wanted else { return nil }
            return "the \(transform.fittedCount) sentences of \(key.task) vary in \(transform.rank) directions only: "
                + "whitening leaves the other \(wanted - transform.rank) out"
        }
    }

    private mutating func transform(
        _ transform: EmbeddingTransform, fittedTo task: String
    ) throws(Diagnostic) -> FittedTransform {
        let key = Fitted(transform: transform, task: task)
        if let known = fitted[key] { return known }
        let new = try FittedTransform(transform, to: embeddings, chosen: Array(rows[places[task] ?? 0..<0]))
        fitted[key] = new
        return new
    }

    private func kept(_ embeddings: FrozenMatrix, _ postprocessing: Postprocessing) -> FrozenMatrix {
        postprocessing.dimensions.first.map { embeddings[columns: 0..<$0] } ?? embeddings
    }
}

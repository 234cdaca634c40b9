import Numerics

extension LoadedTask {
    /// Scores embeddings: by their cosines, or by what a classifier learns from them.
    ///
    /// - Parameters:
    ///   - embeddings: [unique sentences, hidden]
    ///   - rows: for each of the content's sentences, its row.
    ///   - workers: threads that compute at the same time.
    /// - Returns: the scores, and the cosine of each pair; none for a task without pairs.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func scores(
        of embeddings: FrozenMatrix, rows: some Collection<Int>, workers: Int
    ) async throws -> (scores: [Score], cosines: [Double]) {
        let rows = Array(rows)
        switch content {
        case .pairs(let pairs):
            let cosines = pairs.indices.map { pair in
                cosine(embeddings.array(row: rows[2 * pair]), embeddings.array(row: rows[2 * pair + 1]))
            }
            return (scores(cosines: cosines), cosines)
        case .examples(let examples):
            guard let method = task.transferProtocol else { preconditionFailure("examples of a task without classes") }
            let score = try await transferScore(examples, by: method, embeddings: embeddings, rows, workers: workers)
            return ([score], [])
        }
    }

    /// A forecast of one processor's time for the classifiers of a transfer task, in seconds; 0 for other tasks.
    ///
    /// - Parameter dimensions: of an embedding
    public func classifierSeconds(dimensions: Int) -> Double {
        guard let method = task.transferProtocol, case .examples(let examples) = content else { return 0 }
        let features = dimensions * (examples.first?.sentences.count ?? 1)
        return TransferEvaluation.forecastSeconds(labels: examples.map(\.label), method: method, features: features)
    }

    private func transferScore(
        _ examples: [LabelledExample], by method: TransferProtocol, embeddings: FrozenMatrix, _ rows: [Int],
        workers: Int
    ) async throws -> Score {
        var start = 0
        let members = examples.map { example in
            defer { start += example.sentences.count }
            return (example: example, key: example.sortingKey, rows: rows[start..<(start + example.sentences.count)])
        }
        // The sort is stable, as Python's: examples of one key stay in the files' order.
        let sorted = members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let evaluation = TransferEvaluation(
            features: Self.features(sorted.map(\.rows), of: embeddings), labels: sorted.map(\.example.label),
            parts: sorted.map(\.example.part), method: method, workers: workers)
        let outcome = try await evaluation.run()
        var score = Score(
            slice: .aggregate(.all), pairs: outcome.tested, spearman: .nan, pearson: .nan, interval: .undefined)
        score.accuracy = outcome.accuracy
        if examples.contains(where: { $0.sentences.count == 2 }) { score.f1 = outcome.f1 }
        return score
    }

    /// A sentence's embedding; of two sentences u and v, |u - v| and u v, element by element (InferSent, SentEval).
    private static func features(_ rows: [ArraySlice<Int>], of embeddings: FrozenMatrix) -> Matrix {
        let parts = rows.first?.count ?? 1
        let features = Matrix(rows: rows.count, columns: parts * embeddings.columns)
        for (index, sentences) in rows.enumerated() {
            let vectors = sentences.map { embeddings.array(row: $0) }
            let feature =
                vectors.count == 2
                ? zip(vectors[0], vectors[1]).map { abs($0 - $1) } + zip(vectors[0], vectors[1]).map(*) : vectors[0]
            features.assign(row: index, from: feature)
        }
        return features
    }
}

import Benchmarks
import Numerics
import Results

/// A run's scores on every task, and the cosines of those that have pairs.
struct RunScores {
    private(set) var scores: [ScoreRecord] = []
    private(set) var pairs: [PairTable] = []

    /// - Parameters:
    ///   - classifying: called before a task's classifiers are fitted, with the seconds that it is likely to take
    ///   - embeddings: what is known of a task's sentences: embeddings, and for each sentence its row
    init(
        run: String, data: BenchmarkData, workers: Int, classifying: (_ task: String, _ seconds: Double) -> Void,
        embeddings: (_ task: String) throws -> (embeddings: FrozenMatrix, rows: [Int])
    ) async throws {
        for task in data.tasks {
            let (embeddings, rows) = try embeddings(task.task.name)
            let seconds = task.classifierSeconds(dimensions: embeddings.columns) / Double(workers)
            if seconds > 0 { classifying(task.task.name, seconds) }
            let found = try await task.scores(of: embeddings, rows: rows, workers: workers)
            scores += found.scores.map { ScoreRecord($0, run: run, task: task.task.name) }
            guard task.task.kind == .sts else { continue }
            pairs.append(
                PairTable(
                    run: run, task: task.task.name,
                    rows: zip(task.pairs, found.cosines).enumerated().map { index, row in
                        PairTable.Row(subset: row.0.subset, index: index, gold: row.0.gold, cosine: row.1)
                    }))
        }
    }
}

extension ScoreRecord {
    fileprivate init(_ score: Score, run: String, task: String) {
        self.init(
            run: run, task: task, subset: score.name, pairs: score.pairs, spearman: score.spearman,
            pearson: score.pearson)
        confidenceLow = score.interval.lower
        confidenceHigh = score.interval.upper
        accuracy = score.accuracy
        f1 = score.f1
    }
}

extension BenchmarkData {
    /// A record of each file that was read; the task's counts stand with its first.
    var records: [DatasetRecord] {
        allTasks.flatMap { task in
            task.files.enumerated().map { index, file in
                DatasetRecord(
                    task: task.task.name, file: file.path, textVariant: task.textVariant.rawValue,
                    sha256: file.sha256, pairs: index == 0 ? task.content.count : 0,
                    skipped: index == 0 ? task.skipped : 0)
            }
        }
    }

    /// The text variants of the tasks that are here, each once.
    var textVariants: String {
        let variants = allTasks.map(\.textVariant.rawValue)
        return variants.enumerated().filter { variants.firstIndex(of: $0.element) == $0.offset }.map(\.element)
            .joined(separator: ", ")
    }
}

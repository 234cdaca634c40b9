import Embedding
import Numerics
import Results
import Specification
import Tasks

/// What is known of an experiment's runs while its passes go on.
package struct RunningScores {
    package var records: [String: RunRecord] = [:]
    package private(set) var scores: [String: RunScores] = [:]
    private var averages: [Source: AveragedEmbeddings] = [:]
    private let data: BenchmarkData
    private let places: [String: Range<Int>]
    private let workers: Int

    /// What runs have in common that differ by their post-processing alone.
    private struct Source: Hashable {
        var model: String
        var linear: LinearMaker
        var adapter: AdapterReference?
        var methods: [EmbeddingMethod]

        init(_ run: RunSpec) {
            (model, linear, adapter, methods) = (run.model.file, run.linear, run.adapter, run.methods)
        }
    }

    package init(_ data: BenchmarkData, workers: Int) {
        (self.data, self.workers) = (data, workers)
        places = data.places()
    }

    /// Scores the runs that a pass completes, and keeps the part of the others.
    ///
    /// - Parameters:
    ///   - embeddings: for each of the pass's methods, [prompts, dimensions]
    ///   - classifying: called before a task's classifiers are fitted, with the seconds that it is likely to take
    package mutating func take(
        _ embeddings: [FrozenMatrix], of pass: PassPlan,
        classifying: (_ run: String, _ task: String, _ seconds: Double) -> Void
    ) async throws {
        var done: Set<Source> = []
        for first in pass.runs where done.insert(Source(first)).inserted {
            guard var processed = complete(first, by: embeddings, of: pass) else { continue }
            for run in pass.runs where Source(run) == Source(first) {
                scores[run.name] = try await RunScores(
                    run: run.name, data: data, workers: workers, classifying: { classifying(run.name, $0, $1) },
                    embeddings: { task in try processed.embeddings(of: task, run.postprocessing) })
                records[run.name]?.warnings += processed.warnings(run.postprocessing)
            }
        }
    }

    /// What those of some runs that are scored came to: each task's shown measure of all its items.
    func measures(of runs: [String], as data: BenchmarkData) -> [(run: String, measures: [Measure])] {
        let shown = data.tasks.map { ($0.shownName, $0.description.shownMetric) }
        return runs.compactMap { run in
            guard let all = scores[run]?.measures.map(\.measure) else { return nil }
            let found = shown.compactMap { task, metric in
                all.first { $0.task == task && $0.metric == metric && $0.slice == Aggregation.all.rawValue }
            }
            return (run, found)
        }
    }

    /// A run's embeddings, averaged where it has several prompts; nil until all are there.
    private mutating func complete(
        _ run: RunSpec, by embeddings: [FrozenMatrix], of pass: PassPlan
    ) -> ProcessedEmbeddings? {
        let parts = pass.places(of: run)
        if !run.averagesPrompts {
            return parts.first.map { ProcessedEmbeddings(embeddings[$0], rows: pass.rows, places: places) }
        }
        var average =
            averages[Source(run)]
            ?? AveragedEmbeddings(
                sentences: pass.rows.count, columns: embeddings.first?.columns ?? 0, parts: run.methods.count)
        for part in parts { average.add(embeddings[part], rows: pass.rows) }
        averages[Source(run)] = average.remaining > 0 ? average : nil
        guard average.remaining == 0 else { return nil }
        return ProcessedEmbeddings(average.finish(), rows: Array(pass.rows.indices), places: places)
    }
}

import Files
import Numerics
import Results
import Tasks

/// A run's measures on every task, and what they were made of.
package struct RunScores {
    package private(set) var measures: [MeasureRecord] = []
    package private(set) var items: [ItemRecord] = []

    /// - Parameters:
    ///   - classifying: called before a task's classifiers are fitted, with the seconds that it is likely to take
    ///   - embeddings: what is known of a task's sentences: embeddings, and for each sentence its row
    init(
        run: String, data: BenchmarkData, workers: Int, classifying: (_ task: String, _ seconds: Double) -> Void,
        embeddings: (_ task: String) throws -> (embeddings: FrozenMatrix, rows: [Int])
    ) async throws {
        for task in data.tasks {
            let (embeddings, rows) = try embeddings(task.name)
            let seconds = task.content.forecastSeconds(dimensions: embeddings.columns) / Double(workers)
            if seconds > 0 { classifying(task.shownName, seconds) }
            let outcome = try await task.content.measure(
                TaskEmbeddings(rows: embeddings, places: rows, task: task.shownName, workers: workers))
            measures += outcome.measures.map { MeasureRecord(run: run, $0) }
            items.append(ItemRecord(run: run, task: task.shownName, outcome.items))
        }
    }
}

extension BenchmarkData {
    /// How tables treat the tasks that are here.
    var taskRecords: [TaskRecord] {
        tasks.map { task in
            var description = task.description
            // Other content under the task's name is no part of the suite.
            if task.foreignFile != nil { (description.name, description.suite) = (task.shownName, nil) }
            var record = TaskRecord(
                description, suiteCount: description.suite.map { catalogue.suite($0.average).count } ?? 0)
            record.warnings = task.content.warnings
            return record
        }
    }

    /// A record of each file that was read; the task's counts stand with its first.
    var records: [DatasetRecord] {
        allTasks.flatMap { task in
            task.files.enumerated().map { index, file in
                DatasetRecord(
                    task: task.shownName, file: HomeFolder.abbreviated(file.path),
                    textVariant: task.textVariant.rawValue, sha256: file.sha256,
                    pairs: index == 0 ? task.content.count : 0, skipped: index == 0 ? task.skipped : 0)
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

import Specification
import Tasks

// What a training has seen of what is scored.
extension TrainingSpec {
    /// What the reader of the scores must know where a task is learnt from, or chosen by, and scored.
    ///
    /// - Parameter scored: the names of the tasks
    func contaminationWarnings(where scored: [String], _ catalogue: TaskCatalogue) -> [String] {
        var warnings: [String] = []
        let contaminated = contaminatedTasks(catalogue).filter(scored.contains)
        if !contaminated.isEmpty {
            warnings.append(
                "trained on \(sourceName), some of whose pairs are those of \(contaminated.joined(separator: ", ")): "
                    + "\(contaminated.count == 1 ? "its score is" : "their scores are") contaminated")
        }
        if case .task(let name) = source, scored.contains(name) {
            warnings.append("trained on \(name), which is scored: its score is contaminated")
        }
        if let development, scored.contains(development) {
            warnings.append("the adapter is chosen by \(development), which is scored: its score is chosen too")
        }
        return warnings
    }

    /// What the reader of the scores must know where some of their pairs choose the adapter.
    func choiceWarnings(where scored: [LoadedTask], _ developmentTask: LoadedTask?) -> [String] {
        guard let developmentTask else { return [] }
        let shared = scored.filter { $0.name != development }.map { ($0, $0.count(ofPairsIn: developmentTask)) }
            .filter { $0.1 > 0 }.map { "\($0.1) of the \($0.0.pairs.count) pairs of \($0.0.name)" }
        guard !shared.isEmpty else { return [] }
        return [
            "the adapter is chosen by \(developmentTask.name), which holds \(shared.joined(separator: ", ")): "
                + "they are chosen by too"
        ]
    }

    /// The tasks whose test pairs are the source's own.
    func contaminatedTasks(_ catalogue: TaskCatalogue) -> [String] {
        guard case .task(let name) = source else { return [] }
        return catalogue.tasks.first { $0.name == name }?.sharesPairsWith ?? []
    }

    /// The tasks whose sentences training must not see: the experiment's, the seven as far as they are there, and the
    /// development set. Whole, whatever limit the experiment has.
    func evaluations(_ data: BenchmarkData) throws -> [LoadedTask] {
        let named = try (["STS-B-dev"] + (development.map { [$0] } ?? [])).map { try data.catalogue.named($0) }
        var tasks: [LoadedTask] = []
        var seen = Set(contaminatedTasks(data.catalogue))
        if case .task(let own) = source { seen.insert(own) }
        for task in data.tasks.map(\.description) + data.catalogue.standardTasks + named
        where seen.insert(task.name).inserted && data.folder.has(task) {
            tasks.append(try data.folder.load(task))
        }
        return tasks
    }
}

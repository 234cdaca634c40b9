import Diagnostics
import Results
import Specification
import Tasks
import Training

extension TeacherResult {
    /// Cosines are those of single precision, in which two equal directions may have a little more than 1.
    private static let mostBeyondOne = 1e-5

    /// The examples of a task's pairs, each with the cosine that the result's run has of it.
    ///
    /// - Parameter examples: of all the task's pairs, in their order
    /// - Throws: a diagnostic about `teacher`, where the file or the run isn't there, or scored other pairs
    func taught(_ examples: [TrainingExample], of task: LoadedTask) throws -> [TrainingExample] {
        let result = try read()
        let run = try name(in: result)
        func problem(_ message: String, _ suggestion: String? = nil) -> Diagnostic {
            Diagnostic("\(file): \(message)", suggestion: suggestion, subject: "teacher")
        }
        let name = task.shownName
        guard let table = result.items.first(where: { $0.run == run && $0.task == name })?.table else {
            let scored = result.items.filter { $0.run == run }.map(\.task)
            throw problem(
                "the run \"\(run)\" has no cosines of \(name), it has those of \(scored.joined(separator: ", "))",
                "run it with tasks: [\(name)]")
        }
        // What a task's name stands for may lie in other files there.
        let theirs = Set(result.datasets.filter { $0.task == name }.map(\.sha256))
        if let other = task.files.first(where: { !theirs.contains($0.sha256) }) {
            throw problem("its \(name) was read from other content than \(other.path)")
        }
        guard result.tasks.contains(where: { $0.task == name && $0.definition == task.description.definition }) else {
            throw problem(
                "its \(name) was read from other columns or parts of \(task.files.map(\.path).joined(separator: ", "))")
        }
        let (cosines, golds) = (table.reals("cosine"), table.reals("gold"))
        guard cosines.count == examples.count else {
            throw problem(
                "expected a cosine of each of the \(examples.count) pairs of \(name), found \(cosines.count)",
                result.limit == nil ? nil : "run it without --limit")
        }
        return try examples.enumerated().map { row, example in
            guard golds[row] == task.pairs[row].gold else {
                throw problem(
                    "pair \(row + 1) of \(name) has the gold score \(task.pairs[row].gold), the result says \(golds[row])"
                )
            }
            guard cosines[row].isFinite, abs(cosines[row]) <= 1 + Self.mostBeyondOne else {
                throw problem("pair \(row + 1) of \(name): expected a cosine, found \(cosines[row])")
            }
            return example.taught(by: max(-1, min(1, cosines[row])))
        }
    }

    /// - Throws: where there is no such file, or no such run in it
    func check() throws { _ = try name(in: read()) }

    private func read() throws -> ExperimentResult {
        do {
            return try ExperimentResult(contentsOf: file)
        } catch let error as Diagnostic {
            throw Diagnostic(
                "the teacher's result can't be read: \(error.message)", at: error.location,
                suggestion: error.suggestion ?? "make it with bellm run")
        }
    }

    private func name(in result: ExperimentResult) throws -> String {
        let names = result.runs.map(\.name)
        guard let run else {
            guard names.count == 1 else {
                throw Diagnostic(
                    "\(file) has \(names.count) runs: expected run, which says whose cosines teach",
                    suggestion: "one of: \(names.joined(separator: ", "))", subject: "teacher")
            }
            return names[0]
        }
        guard names.contains(run) else {
            var problem = Diagnostic.unknown("run of \(file)", run, among: names, at: nil)
            problem.subject = "teacher"
            throw problem
        }
        return run
    }
}

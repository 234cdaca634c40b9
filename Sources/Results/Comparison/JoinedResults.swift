import Diagnostics
import Foundation

extension ExperimentResult {
    /// Several results as one, for a table of all their runs, whose names begin with their result's.
    ///
    /// - Parameter files: each with the path that it was read from.
    /// - Throws: where a task of two has other files, or was cut to another number of items: such scores don't stand in one
    ///   column.
    public static func joined(_ files: [(path: String, result: ExperimentResult)]) throws(Diagnostic)
        -> ExperimentResult
    {
        guard let first = files.first else { throw Diagnostic("expected a result") }
        guard files.count > 1 else { return first.result }
        let titles = titles(of: files)
        var joined = ExperimentResult(name: inFirstOrder(files.map(\.result.name)).joined(separator: " + "))
        joined.provenance = first.result.provenance.filter { entry in
            files.allSatisfy { $0.result.value(of: entry.key) == entry.value }
        }
        for (file, title) in zip(files, titles) {
            try file.result.checkTasks(like: joined, limit: first.result.limit, at: file.path)
            joined.append(file.result, title: title)
        }
        return joined
    }

    /// The experiments' names, or where two are alike the files'.
    private static func titles(of files: [(path: String, result: ExperimentResult)]) -> [String] {
        let names = files.map(\.result.name)
        if Set(names).count == names.count { return names }
        let stems = files.map { URL(fileURLWithPath: $0.path).deletingPathExtension().lastPathComponent }
        return Set(stems).count == stems.count ? stems : files.map(\.path)
    }

    /// - Parameter others: those before it
    private func checkTasks(
        like others: ExperimentResult, limit expected: Int?, at path: String
    ) throws(Diagnostic) {
        let place = SourceLocation(file: path)
        guard limit == expected else {
            func said(_ limit: Int?) -> String { limit.map { "\($0) items of each part" } ?? "all items" }
            throw Diagnostic(
                "expected scores of \(said(expected)), as in the result before it, found \(said(limit))", at: place,
                suggestion: "show the results one by one")
        }
        for task in tasks {
            guard let known = others.tasks.first(where: { $0.task == task.task }) else { continue }
            guard contents[task.task] == others.contents[task.task], known.kind == task.kind,
                known.metric == task.metric
            else {
                throw Diagnostic(
                    "\(task.task) is of other files, columns or classes, or shown by another metric, than in a result before it",
                    at: place,
                    suggestion: "show the results one by one")
            }
        }
    }

    private mutating func append(_ other: ExperimentResult, title: String) {
        func renamed(_ run: String) -> String { "\(title): \(run)" }
        runs += other.runs.map { run in
            var run = run
            let own = run.factors.isEmpty ? [RunRecord.Factor("run", run.name)] : run.factors
            run.factors = [RunRecord.Factor("result", title)] + own
            run.name = renamed(run.name)
            return run
        }
        measures += other.measures.map { record in
            var record = record
            record.run = renamed(record.run)
            return record
        }
        items += other.items.map { ItemRecord(run: renamed($0.run), task: $0.task, $0.table) }
        checks += other.checks.map { check in
            var check = check
            check.run = renamed(check.run)
            return check
        }
        published += other.published.filter { row in
            !published.contains { $0.paper == row.paper && $0.name == row.name }
        }.map { row in
            var row = row
            if !row.run.isEmpty { row.run = renamed(row.run) }
            return row
        }
        tasks += other.tasks.filter { task in !tasks.contains { $0.task == task.task } }
        datasets += other.datasets.filter { !datasets.contains($0) }
        leftOut += other.leftOut.filter { task in !leftOut.contains { $0.task == task.task } }
    }
}

extension ExperimentResult {
    /// For each task the digests of its files, and of what a user's own makes of them.
    package var contents: [String: Set<String>] { Self.contents(of: datasets, tasks: tasks) }

    /// The same of a result that isn't there yet.
    package static func contents(of datasets: [DatasetRecord], tasks: [TaskRecord]) -> [String: Set<String>] {
        let definitions = tasks.filter { !$0.definition.isEmpty }.map { ($0.task, Set([$0.definition])) }
        return Dictionary(datasets.map { ($0.task, [$0.sha256]) } + definitions, uniquingKeysWith: { $0.union($1) })
    }
}

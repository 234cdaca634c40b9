/// One side of a comparison: what a method's measures were made of, run by run, and where they were read.
public struct ComparedRun: Equatable, Sendable {
    public var path: String
    public var name: String
    /// For each run, which differ by the seed of their training alone, a table a task; at least one.
    public var runs: [[ItemRecord]]
    /// The metric of each task that tables show; the kind's own where it isn't said.
    public var metrics: [String: String]
    /// Of how many items of each part its scores are; nil for all.
    public var limit: Int?
    /// For each task the digests of its files and of what is made of them, where they are known.
    package var contents: [String: Set<String>] = [:]

    public init(path: String, name: String, tables: [ItemRecord], metrics: [String: String] = [:]) {
        self.init(path: path, name: name, runs: [tables], metrics: metrics)
    }

    /// - Parameter runs: at least one
    init(path: String, name: String, runs: [[ItemRecord]], metrics: [String: String]) {
        (self.path, self.name, self.runs, self.metrics) = (path, name, runs, metrics)
    }

    /// Those of the first run, of the tasks that all runs have.
    package var tables: [ItemRecord] {
        (runs.first ?? []).filter { table in
            runs.allSatisfy { tables in tables.contains { $0.task == table.task } }
        }
    }

    /// The tables of a task, one a run.
    func tables(of task: String) -> [ItemRecord] { runs.compactMap { tables in tables.first { $0.task == task } } }

    /// How messages call it.
    var label: String { "\(path):\(name)" + (runs.count > 1 ? " (\(runs.count) seeds)" : "") }
}

/// One side of a comparison: what a run's measures were made of, and where they were read.
public struct ComparedRun: Equatable, Sendable {
    public var path: String
    public var name: String
    /// A table a task.
    public var tables: [ItemRecord]
    /// The metric of each task that tables show; the kind's own where it isn't said.
    public var metrics: [String: String]

    public init(path: String, name: String, tables: [ItemRecord], metrics: [String: String] = [:]) {
        self.path = path
        self.name = name
        self.tables = tables
        self.metrics = metrics
    }

    /// How messages call it.
    var label: String { "\(path):\(name)" }
}

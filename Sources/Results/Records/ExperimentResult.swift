/// What came out of an experiment, with everything needed to trace it: one HDF5 file, schema version 2.
///
/// `docs/results-schema.md` describes the file column by column. Records are plain text and numbers, so that a
/// result can be read without the model, the data or the experiment file that made it.
public struct ExperimentResult: Equatable, Sendable {
    /// The file layout that this version writes, and the newest that it reads.
    public static let schemaVersion = 2

    /// The experiment's name.
    public var name: String
    /// What made the result: resolved YAML, digests, versions, processor; in the order of writing.
    public var provenance: [ProvenanceEntry] = []
    /// One record for each embedding method on a backbone, in the experiment's order.
    public var runs: [RunRecord] = []
    /// How tables treat the tasks.
    public var tasks: [TaskRecord] = []
    /// One record for each run, task, subset or aggregation, and metric.
    public var measures: [MeasureRecord] = []
    /// What the measures were made of, by run and task.
    public var items: [ItemRecord] = []
    /// Of the runs whose adapters were trained.
    public var training: [TrainingTable] = []
    /// The files that the tasks were read from.
    public var datasets: [DatasetRecord] = []
    /// The tasks that were asked for, or belong to the suite, and had no data.
    public var leftOut: [LeftOutTask] = []
    /// Cosines that papers give, and the runs' own.
    public var checks: [CosineCheck] = []
    /// Published scores to compare with.
    public var published: [PublishedRow] = []

    public init(name: String) {
        self.name = name
    }

    /// To how many items each part of its tasks was cut for a quick look; nil where all were scored.
    public var limit: Int? {
        (value(of: ProvenanceEntry.limitKey) ?? value(of: ProvenanceEntry.firstPairsKey)).flatMap { Int($0) }
    }

    /// The provenance of that key.
    package func value(of key: String) -> String? { provenance.first { $0.key == key }?.value }
}

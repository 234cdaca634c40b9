import Tasks

/// A run's measure: a row of the file's table `measures`.
public struct MeasureRecord: Equatable, Sendable {
    /// The run's name.
    public var run: String
    public var measure: Measure

    public init(run: String, _ measure: Measure) { (self.run, self.measure) = (run, measure) }
}

extension MeasureRecord {
    /// The interval's ends as the file has them: NaN where it was not computed.
    var low: Double {
        get { measure.interval?.lower ?? .nan }
        set { bound(newValue, \.lower) }
    }

    var high: Double {
        get { measure.interval?.upper ?? .nan }
        set { bound(newValue, \.upper) }
    }

    private mutating func bound(_ value: Double, _ end: WritableKeyPath<ConfidenceInterval, Double>) {
        guard !value.isNaN else { return }
        var interval = measure.interval ?? .undefined
        interval[keyPath: end] = value
        measure.interval = interval
    }
}

/// What a run's measures of one task were made of.
public struct ItemRecord: Equatable, Sendable {
    /// The run's name.
    public var run: String
    public var task: String
    public var table: ItemTable

    public init(run: String, task: String, _ table: ItemTable) {
        (self.run, self.task, self.table) = (run, task, table)
    }
}

/// How tables treat a task: a row of the file's table `tasks`.
public struct TaskRecord: Equatable, Sendable {
    public var task: String
    /// Its kind, by name.
    public var kind: String
    /// The metric that tables show.
    public var metric: String
    /// What the column of its suite's mean is called; empty for a task of no suite.
    public var suite = ""
    /// Its place in the suite, from 1; 0 for none.
    public var place = 0
    /// How many tasks the suite has: their mean is a column only where all are there.
    public var suiteCount = 0
    /// A digest of what a user's own task makes of its files; empty for a known task, and in files from before it was there.
    public var definition = ""
    /// What a reader of its scores must know of its data, a line each.
    public var warnings: [String] = []

    public init(task: String, kind: String, metric: String) {
        (self.task, self.kind, self.metric) = (task, kind, metric)
    }

    public init(_ task: TaskDescription, suiteCount: Int) {
        self.init(task: task.name, kind: task.kind, metric: task.shownMetric)
        definition = task.definition
        guard let suite = task.suite else { return }
        (self.suite, place, self.suiteCount) = (suite.average, suite.place, suiteCount)
    }
}

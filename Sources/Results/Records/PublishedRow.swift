/// One row of a published table, to compare a result with.
public struct PublishedRow: Equatable, Sendable {
    /// The paper's short name, such as `bellm`.
    public var paper: String
    /// The row's name in the paper's table.
    public var name: String
    /// The pretrained model that the row was measured with.
    public var backbone: String
    /// What the row was trained on, such as `NLI`; `none` for an untrained method.
    public var trained: String
    /// Where the numbers were read.
    public var source: String
    /// Which text the source's scripts feed: `senteval` or `raw`; empty where unknown.
    public var text = ""
    /// Known reasons why a measured score differs from the printed one, a sentence each.
    public var differences: [String] = []
    /// The run of the result that this row stands beside; empty where the experiment names none.
    public var run = ""
    /// Spearman x 100 as printed, in the paper's order; tasks that the paper doesn't report are absent.
    public var scores: [TaskScore]
    /// The average that the paper prints; nil where it prints none.
    public var average: Double?

    public init(
        paper: String, name: String, backbone: String = "", trained: String = "", source: String = "",
        scores: [TaskScore] = [], average: Double? = nil
    ) {
        self.paper = paper
        self.name = name
        self.backbone = backbone
        self.trained = trained
        self.source = source
        self.scores = scores
        self.average = average
    }

    /// What tables call the mean over the suite's tasks.
    package static let averageName = "Avg"

    /// A task's published score.
    public struct TaskScore: Equatable, Sendable {
        public var task: String
        /// Spearman x 100.
        public var score: Double

        public init(_ task: String, _ score: Double) {
            self.task = task
            self.score = score
        }
    }

    /// The published score of a task, x 100; nil where the paper has none.
    public func score(of task: String) -> Double? {
        scores.first { $0.task == task }?.score
    }
}

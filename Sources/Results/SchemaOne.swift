import HDF5
import Tasks

/// What files of schema version 1 hold otherwise: a row of `/scores` a run, task and subset, with a column a metric.
enum SchemaOne {
    struct Score: TableRecord {
        var run = ""
        var task = ""
        var subset = ""
        var pairs = 0
        var spearman = Double.nan
        var pearson = Double.nan
        var low = Double.nan
        var high = Double.nan
        var accuracy = Double.nan
        var f1 = Double.nan

        static var blank: Score { Score() }

        static var columns: [TableColumn<Score>] {
            [
                .text("run", \.run),
                .text("task", \.task),
                .text("subset", \.subset),
                .integer("pairs", \.pairs),
                .real("spearman", \.spearman),
                .real("pearson", \.pearson),
                .real("ci_low", \.low),
                .real("ci_high", \.high),
                .real("accuracy", \.accuracy).optional,
                .real("f1", \.f1).optional,
            ]
        }
    }

    /// The suites as that version knew them: a file of it doesn't say.
    private static let suites = [
        (average: "Avg", kind: "sts", tasks: ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"]),
        (
            average: "Avg transfer", kind: "transfer", tasks: ["MR", "CR", "SUBJ", "MPQA", "SST2", "TREC", "MRPC"]
        ),
    ]

    /// The same in long form. That version told kinds apart by which numbers were NaN.
    static func measures(of scores: [Score]) -> (tasks: [TaskRecord], measures: [MeasureRecord]) {
        var tasks: [TaskRecord] = []
        let measures = scores.flatMap { score -> [MeasureRecord] in
            let suite = suites.first { $0.tasks.contains(score.task) }
            let isTransfer = suite?.kind == "transfer" || !score.accuracy.isNaN
            if !tasks.contains(where: { $0.task == score.task }) {
                var task = TaskRecord(
                    task: score.task, kind: isTransfer ? "transfer" : "sts",
                    metric: isTransfer ? "accuracy" : "spearman")
                if let suite, let place = suite.tasks.firstIndex(of: score.task) {
                    (task.suite, task.place, task.suiteCount) = (suite.average, place + 1, suite.tasks.count)
                }
                tasks.append(task)
            }
            let measure = { (metric: String, value: Double, interval: ConfidenceInterval?) in
                MeasureRecord(
                    run: score.run,
                    Measure(
                        task: score.task, slice: score.subset, metric: metric, value: value, interval: interval,
                        count: score.pairs))
            }
            if isTransfer {
                return [measure("accuracy", score.accuracy, nil)]
                    + (score.f1.isNaN ? [] : [measure("f1", score.f1, nil)])
            }
            let interval = ConfidenceInterval(lower: score.low, upper: score.high)
            return [measure("spearman", score.spearman, interval), measure("pearson", score.pearson, nil)]
        }
        return (tasks, measures)
    }
}

import Results
import Tasks

/// Results that tests write, read and print.
enum Samples {
    static let suite = ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"]

    /// Every field set, with names that a careless writer would break.
    static var full: ExperimentResult {
        var result = ExperimentResult(name: "reproduce-bellm 🔬")
        result.provenance = [
            ProvenanceEntry("zebra_first", "order is kept"), ProvenanceEntry("config", "a: 1\nb: \"zwei\"\n"),
            ProvenanceEntry("empty", ""), ProvenanceEntry("cpu", "AMD EPYC™"),
        ]
        result.provenance.insert(
            ProvenanceEntry("experiment_yaml", String(repeating: "a: größer\n", count: 9000)), at: 2)
        for number in 0..<9 { result.provenance.append(ProvenanceEntry("library_\(number)", "\(number).0")) }
        result.runs = [mean, hostile]
        result.tasks = [sts("STS-B"), TaskRecord(task: "x/y", kind: "transfer", metric: "f1")]
        result.tasks[1].warnings = ["2 of 3 examples are \"odd\""]
        result.measures = [
            measure("mean", "STS-B", "all", 0.371), measure("mean", "STS-B", "2012", 0.25),
            measure("a/b %2F 🍎", "STS-B", "all", -1), measure("a/b %2F 🍎", "STS-B", "2012", 0.5),
            MeasureRecord(run: "mean", Measure(task: "x/y", metric: "f1", value: 0.5, count: 7)),
        ]
        result.items = [
            pairs("mean", "STS-B", [("2012", 0, 5, 0.1 + 0.2), ("größer", 7, 0, -1)]),
            pairs("mean", "A task", []),
            pairs("a/b %2F 🍎", "x/y", [("", .max, .infinity, .leastNonzeroMagnitude)]),
            ItemRecord(
                run: "mean", task: "x/y",
                ItemTable(
                    TransferTask.items,
                    [.integer([3, 9]), .integer([0, 1]), .text(["ja", "ÿ"]), .text(["ja", ""]), .integer([1, 0])])),
        ]
        result.datasets = [
            DatasetRecord(
                task: "STS-B", file: "downstream/STS/STSBenchmark/sts-test.csv", textVariant: "raw",
                sha256: String(repeating: "0f", count: 32), pairs: 1379, skipped: 3)
        ]
        result.leftOut = [LeftOutTask(task: "STS12"), LeftOutTask(task: "SICK-R", remedy: "pass --data DIR")]
        result.published = [
            PublishedRow(
                paper: "bellm", name: "BeLLM LLaMA-2-7B", backbone: "LLaMA-2-7B", trained: "NLI", source: "README.md",
                scores: [PublishedRow.TaskScore("STS-B", 88.89), PublishedRow.TaskScore("SICK-R", 83.17)],
                average: 86.29),
            PublishedRow(paper: "b", name: "no average", scores: [PublishedRow.TaskScore("STS12", 1)]),
        ]
        (result.published[0].text, result.published[0].run) = ("senteval", "mean")
        result.published[0].differences = ["padding is visible", "\"float16\""]
        return result
    }

    static var mean: RunRecord {
        var run = RunRecord(name: "mean")
        run.methodID = String(repeating: "ef", count: 32)
        run.backbone = "smollm2-135m"
        run.modelFile = "SmolLM2-135M-Instruct.Q4_1.gguf"
        run.weightsSHA256 = String(repeating: "ab", count: 32)
        run.tokenizerSHA256 = String(repeating: "cd", count: 32)
        run.precision = "float32"
        run.attentionPlan = "last 2"
        run.bidirectionalLayers = [28, 29]
        (run.layerCount, run.prependLayers, run.prompt) = (30, "1..<7", "plain")
        run.template = "{text}"
        run.normaliser = "none"
        run.pooling = "mean"
        run.hiddenLayer = -2
        (run.sentences, run.uniqueSentences, run.tokens, run.tokensComputed) = (2758, 2552, 40_000, 39_000)
        (run.truncatedSentences, run.emptySentences) = (1, 2)
        (run.seconds, run.peakBytes) = (12.5, 700_000_000)
        run.firstPrompt = "A girl is styling her hair."
        run.firstTokenIDs = [49, 3000]
        return run
    }

    /// A run whose texts are empty, long, or full of marks.
    static var hostile: RunRecord {
        var run = RunRecord(name: "a/b %2F 🍎")
        run.warnings = [String(repeating: "w", count: 100_000), "\"quoted\"\n\\ \u{1} 👩‍👩‍👧", ""]
        run.firstPrompt = "ends in a space "
        return run
    }

    /// Spearman's correlation with an interval.
    static func measure(_ run: String, _ task: String, _ slice: String, _ spearman: Double) -> MeasureRecord {
        MeasureRecord(
            run: run,
            Measure(
                task: task, slice: slice, metric: "spearman", value: spearman,
                interval: ConfidenceInterval(lower: spearman - 0.05, upper: spearman + 0.05), count: 10))
    }

    /// A task of sentence pairs, of the literature's suite where it is one of the seven.
    static func sts(_ task: String) -> TaskRecord {
        var record = TaskRecord(task: task, kind: STSTask.name, metric: "spearman")
        if let place = suite.firstIndex(of: task) {
            (record.suite, record.place, record.suiteCount) = ("Avg", place + 1, suite.count)
        }
        return record
    }

    static func pairs(
        _ run: String, _ task: String, _ rows: [(subset: String, index: Int, gold: Double, cosine: Double)]
    ) -> ItemRecord {
        ItemRecord(
            run: run, task: task,
            ItemTable(
                STSTask.items,
                [
                    .text(rows.map(\.subset)), .integer(rows.map(\.index)), .real(rows.map(\.gold)),
                    .real(rows.map(\.cosine)),
                ]))
    }
}

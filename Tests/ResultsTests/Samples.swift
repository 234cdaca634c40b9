import Results

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
        for number in 0..<9 { result.provenance.append(ProvenanceEntry("library_\(number)", "\(number).0")) }
        result.runs = [mean, hostile]
        result.scores = [
            score("mean", "STS-B", "all", 0.371), score("mean", "STS-B", "2012", 0.25),
            score("a/b %2F 🍎", "STS-B", "all", -1), score("a/b %2F 🍎", "STS-B", "2012", 0.5),
        ]
        result.pairs = [
            PairTable(
                run: "mean", task: "STS-B",
                rows: [
                    PairTable.Row(subset: "2012", index: 0, gold: 5, cosine: 0.1 + 0.2),
                    PairTable.Row(subset: "größer", index: 7, gold: 0, cosine: -1),
                ]),
            PairTable(run: "mean", task: "A task", rows: []),
            PairTable(
                run: "a/b %2F 🍎", task: "x/y",
                rows: [PairTable.Row(subset: "", index: .max, gold: .infinity, cosine: .leastNonzeroMagnitude)]),
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

    static func score(_ run: String, _ task: String, _ subset: String, _ spearman: Double) -> ScoreRecord {
        var score = ScoreRecord(run: run, task: task, subset: subset, pairs: 10, spearman: spearman, pearson: 0.125)
        (score.confidenceLow, score.confidenceHigh) = (spearman - 0.05, spearman + 0.05)
        (score.accuracy, score.f1) = (0.75, 0.5)
        return score
    }
}

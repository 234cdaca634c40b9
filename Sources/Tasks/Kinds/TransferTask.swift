import Diagnostics
import Embedding
import Numerics

/// Labelled sentences, or pairs of them: how well a classifier on the frozen embeddings does.
///
/// Read as SentEval's `binary.py`, `sst.py`, `trec.py` and `mrpc.py` read, in the files' order. Which examples are learnt
/// from and which are tested follows from the files' parts (``TransferProtocol``).
public struct TransferTask: TaskKind {
    public static let name = "transfer"
    public static let columnNames = ["text", "first", "second", "label"]
    public static let keys = ["classes"]
    public static let roles: [TextRole] = [.sentence]
    public static let unit = "examples"
    public static let metrics = ["accuracy", "f1"]
    public static let items = ItemSchema(
        group: "predictions",
        [
            ("index", .integer, true), ("fold", .integer, true), ("gold", .text, true), ("predicted", .text, false),
            ("positive", .integer, true),
        ])

    public static func caption(of metric: String) -> String {
        metric == "f1" ? "F1 x 100 of logistic regression" : "accuracy x 100 of logistic regression"
    }

    public private(set) var examples: [LabelledExample]
    /// The classes' names, in the order of their numbers.
    public let classes: [String]
    let method: TransferProtocol
    /// F1 is of the second of two classes, and measured of pairs, as SentEval does for MRPC, and where it is asked for.
    private let measuresF1: Bool

    public init(
        _ examples: [LabelledExample], classes: [String]? = nil, method: TransferProtocol? = nil, metric: String? = nil
    ) {
        self.examples = examples
        self.classes = classes ?? (0...(examples.map(\.label).max() ?? 0)).map(String.init)
        self.method = method ?? TransferProtocol(parts: Set(examples.map(\.part)))
        measuresF1 = self.classes.count == 2 && (metric == "f1" || examples.first?.sentences.count == 2)
    }

    private static func checkMetric(_ description: TaskDescription, classes: [String]) throws(Diagnostic) {
        guard description.metric != "f1" || classes.count == 2 else {
            throw Diagnostic(
                "\(description.name): F1 is of the second of two classes, found \(classes.count): "
                    + classes.shortList(), at: description.location, suggestion: "take accuracy as its metric")
        }
    }

    public static func check(_ description: TaskDescription) throws(Diagnostic) {
        let (place, columns) = (description.location, description.columns)
        let isPair = columns["first"] != nil && columns["second"] != nil
        guard columns["text"] != nil ? columns["first"] == nil && columns["second"] == nil : isPair else {
            throw Diagnostic("expected a column \"text\", or \"first\" and \"second\"", at: place)
        }
        for file in description.files {
            guard (columns["label"] == nil) == (file.label != nil) else {
                throw Diagnostic(
                    "expected the classes of \(file.path) in a column \"label\" or a `label` for the whole file, one of "
                        + "the two", at: place)
            }
            if let part = file.part, LabelledExample.Part(rawValue: part) == nil {
                throw .unknown("part", part, among: LabelledExample.Part.allCases.map(\.rawValue), at: place)
            }
            if file.scores != nil || file.subset != nil {
                throw Diagnostic("the files of a transfer task have no `scores` and no `subset`", at: place)
            }
        }
        let parts = Set(description.files.map { $0.part ?? LabelledExample.Part.training.rawValue })
        guard parts.contains(LabelledExample.Part.training.rawValue),
            parts.count == 1 || parts.contains(LabelledExample.Part.test.rawValue)
        else { throw Diagnostic("expected a part to learn from, and with several parts one to test", at: place) }
        if !description.classes.isEmpty { try checkMetric(description, classes: description.classes) }
    }

    public init(_ description: TaskDescription, from reader: inout TaskReader) throws {
        let columns = Self.columnNames.filter { description.columns[$0] != nil }
        var found: [(example: LabelledExample, label: String, place: SourceLocation)] = []
        for file in description.files {
            let rows = try reader.rows(of: file, columns: columns)
            let part = file.part.flatMap(LabelledExample.Part.init) ?? .training
            // An empty line is an example too, as in SentEval: CR has four.
            found += rows.rows.map { row in
                let texts = columns.filter { $0 != "label" }.map { rows.field($0, row) }
                return (
                    LabelledExample(texts, label: 0, part: part), file.label ?? rows.field("label", row), row.location
                )
            }
        }
        if let unnamed = found.first(where: { $0.label.isEmpty }) {
            throw Diagnostic("expected a class, found nothing", at: unnamed.place)
        }
        try NameTwins.check(found.map { ($0.label, $0.place) }, "classes")
        let classes = description.classes.isEmpty ? Set(found.map(\.label)).sorted() : description.classes
        try Self.checkMetric(description, classes: classes)
        let examples = try found.map { example, label, place throws(Diagnostic) in
            guard let number = classes.firstIndex(of: label) else {
                throw .unknown("class", label, among: classes, at: place)
            }
            return LabelledExample(example.sentences, label: number, part: example.part)
        }
        self.init(
            examples, classes: classes,
            method: TransferProtocol(
                parts: Set(description.files.map { $0.part.flatMap(LabelledExample.Part.init) ?? .training })),
            metric: description.metric)
    }

    public var count: Int { examples.count }
    public var texts: [TaskText] { examples.flatMap { $0.sentences.map { TaskText($0) } } }

    /// Tested examples of a class that none to learn from has are wrong whatever the embeddings.
    public var warnings: [String] {
        let learnt = Set(examples.filter { $0.part == .training }.map(\.label))
        let tested = examples.filter { $0.part == .test }
        let lost = tested.filter { !learnt.contains($0.label) }
        guard !lost.isEmpty else { return [] }
        let names = Set(lost.map(\.label)).sorted().map { classes.indices.contains($0) ? classes[$0] : String($0) }
        return [
            "\(lost.count) of \(tested.count) tested examples have a class that no example to learn from has, and count as "
                + "wrong: \(names.shortList())"
        ]
    }

    /// So many of each part, with the classes' shares: what is tested is as many as asked for.
    public func limited(to limit: Int) -> TransferTask {
        let members = Dictionary(grouping: examples.indices) { examples[$0].part }
        let kept = members.values.flatMap { part in
            QuickLook.kept(limit, of: part.map { examples[$0].label }, least: 1).map { part[$0] }
        }
        var task = self
        task.examples = kept.sorted().map { examples[$0] }
        return task
    }
}

extension TransferTask {
    /// Sorted by words and class, part by part. First and second sentences go in batches of their own.
    ///
    /// Source: `senteval/binary.py`, `sst.py`, `trec.py` and `mrpc.py`.
    public func batches(of size: Int, padsWordLists: Bool) -> [[Int]] {
        let keys = examples.map { $0.sortingKey.map(Double.init) }
        return LabelledExample.Part.allCases.flatMap { part in
            let members = examples.indices.filter { examples[$0].part == part }
            return SentEvalBatches.cut(
                SentEvalBatches.sorted(members, by: keys), into: size, textsEach: sentencesEach)
        }
    }

    private var sentencesEach: Int { examples.first?.sentences.count ?? 1 }

    public func forecastSeconds(dimensions: Int) -> Double {
        TransferEvaluation.forecastSeconds(
            labels: examples.map(\.label), method: method, features: dimensions * sentencesEach)
    }

    public func measure(_ embeddings: TaskEmbeddings) async throws -> TaskOutcome {
        let places = embeddings.places
        let members = examples.indices.map { index in
            (
                index: index, key: examples[index].sortingKey,
                rows: places[(index * sentencesEach)..<((index + 1) * sentencesEach)]
            )
        }
        // The sort is stable, as Python's: examples of one key stay in the files' order.
        let sorted = members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let features = Self.features(sorted.map(\.rows), of: embeddings.rows)
        guard Kernels.squaredNorm(features).isFinite else {
            throw Diagnostic(
                "\(embeddings.task): the products of two sentences' embeddings are beyond float32: no classifier can be fitted"
            )
        }
        let evaluation = TransferEvaluation(
            features: features,
            labels: sorted.map { examples[$0.index].label }, parts: sorted.map { examples[$0.index].part },
            method: method, workers: embeddings.workers)
        let outcome = try await evaluation.run()
        let items = table(of: outcome.predictions, order: sorted.map(\.index))
        let metrics = Self.metrics.filter { $0 == "accuracy" || measuresF1 }
        let measures = metrics.map { metric in
            let value = metric == "f1" ? outcome.f1 : outcome.accuracy
            let resampled = Self.resample(
                metric, of: [items], bootstrap: embeddings.bootstrap, stream: embeddings.task)
            return Measure(
                task: embeddings.task, metric: metric, value: value,
                interval: resampled.first.map { ConfidenceInterval(percentilesOf: $0.resampled) },
                count: outcome.tested)
        }
        return TaskOutcome(measures: measures, items: items)
    }

    /// - Parameter order: for each of the evaluation's examples, its own place.
    private func table(of predictions: [TransferEvaluation.Prediction], order: [Int]) -> ItemTable {
        let rows = predictions.map { (index: order[$0.example], $0) }.sorted { $0.index < $1.index }
        let name = { (label: Int) in self.classes.indices.contains(label) ? self.classes[label] : String(label) }
        return ItemTable(
            Self.items,
            [
                .integer(rows.map(\.index)), .integer(rows.map(\.1.fold)),
                .text(rows.map { name(examples[$0.index].label) }), .text(rows.map { name($0.1.predicted) }),
                .integer(rows.map { classes.count == 2 && examples[$0.index].label == 1 ? 1 : 0 }),
            ])
    }

    /// A sentence's embedding; of two sentences u and v, |u - v| and u v, element by element (InferSent, SentEval).
    private static func features(_ rows: [ArraySlice<Int>], of embeddings: FrozenMatrix) -> Matrix {
        let parts = rows.first?.count ?? 1
        let features = Matrix(rows: rows.count, columns: parts * embeddings.columns)
        for (index, sentences) in rows.enumerated() {
            let vectors = sentences.map { embeddings.array(row: $0) }
            let feature =
                vectors.count == 2
                ? zip(vectors[0], vectors[1]).map { abs($0 - $1) } + zip(vectors[0], vectors[1]).map(*) : vectors[0]
            features.assign(row: index, from: feature)
        }
        return features
    }

    public static func reasonUndefined(_ items: ItemTable) -> String? {
        items.count == 0
            ? "it needs two classes to learn from, one of them with more than ten examples, and examples to test" : nil
    }

    /// The tested examples are drawn anew, the classifiers stay as they are: an interval of the test, not of the training.
    public static func resample(
        _ metric: String, of tables: [ItemTable], bootstrap: Bootstrap, stream: String
    ) -> [(observed: Double, resampled: [Double])] {
        let predictions = tables.map(FoldedPredictions.init)
        let count = tables.first?.count ?? 0
        let once = [Int](repeating: 1, count: count)
        var found = predictions.map { (observed: $0.value(of: metric, counts: once), resampled: [Double]()) }
        bootstrap.resample(count, stream: stream) { counts in
            for index in found.indices {
                found[index].resampled.append(predictions[index].value(of: metric, counts: counts))
            }
        }
        return found
    }
}

/// Whether each tested example was classified rightly, fold by fold: what accuracy and F1 of resamples need.
private struct FoldedPredictions {
    private let folds: [Int]
    private let isRight: [Bool]
    private let isPositive: [Bool]
    private let isTakenForPositive: [Bool]
    private let foldCount: Int

    init(_ table: ItemTable) {
        let (gold, predicted) = (table.texts("gold"), table.texts("predicted"))
        folds = table.integers("fold")
        isRight = zip(gold, predicted).map(==)
        isPositive = table.integers("positive").map { $0 == 1 }
        let positive = zip(gold, isPositive).first { $0.1 }?.0
        isTakenForPositive = predicted.map { $0 == positive }
        foldCount = (folds.max() ?? 0) + 1
    }

    /// The mean of the folds' shares, as SentEval takes it; folds of which nothing was drawn don't count. NaN where
    /// nothing was drawn at all.
    func value(of metric: String, counts: [Int]) -> Double {
        var above = [Int](repeating: 0, count: foldCount)
        var below = [Int](repeating: 0, count: foldCount)
        var drawn = [Int](repeating: 0, count: foldCount)
        for index in folds.indices where counts[index] > 0 {
            // F1 is of all folds together, accuracy the mean of theirs.
            let (fold, count) = (metric == "f1" ? 0 : folds[index], counts[index])
            drawn[fold] += count
            if metric == "f1" {
                if isPositive[index] { below[fold] += count }
                if isTakenForPositive[index] { below[fold] += count }
                if isPositive[index], isTakenForPositive[index] { above[fold] += 2 * count }
            } else {
                below[fold] += count
                if isRight[index] { above[fold] += count }
            }
        }
        let shares = drawn.indices.filter { drawn[$0] > 0 }.map { fold in
            below[fold] == 0 ? 0 : Double(above[fold]) / Double(below[fold])
        }
        return shares.isEmpty ? .nan : shares.reduce(0, +) / Double(shares.count)
    }
}

import Diagnostics
import Embedding
import Files

/// Semantic textual similarity: how well cosines agree with gold scores.
///
/// Read as SentEval's `sts.py` and `sick.py` read, but silent about nothing.
public struct STSTask: TaskKind {
    public static let name = "sts"
    public static let columnNames = ["first", "second", "score", "subset", "year", "source"]
    public static let keys = ["range"]
    public static let roles: [TextRole] = [.sentence]
    public static let unit = "pairs"
    public static let metrics = ["spearman", "pearson"]
    public static let aggregates = true
    public static let hasScoredPairs = true
    public static let items = ItemSchema(
        group: "pairs",
        [
            ("subset", .text, true), ("index", .integer, true), ("gold", .real, true), ("cosine", .real, false),
        ])

    public static func caption(of metric: String) -> String {
        let name = metric.prefix(1).uppercased() + metric.dropFirst()
        return "\(name) x 100 of cosine and gold score"
    }

    public private(set) var pairs: [SentencePair]
    /// The parts that have pairs: files in their order, years ascending; empty in a task without parts.
    public let subsets: [String]
    /// Whether each subset is a file of its own, which SentEval sorts.
    private let isSortedByFile: Bool
    /// How subsets become one score: in more ways than one where they aren't years, as SentEval has it.
    private let aggregations: [Aggregation]
    /// For each subset in a file of its own, the words of the file's longest sentence, rows without a gold score
    /// included. BeLLM's SentEval fork pads the others to it.
    public private(set) var longestSentences: [String: Int]

    public init(
        _ pairs: [SentencePair], by description: TaskDescription, longestSentences: [String: Int] = [:]
    ) {
        (self.pairs, self.longestSentences) = (pairs, longestSentences)
        isSortedByFile = description.files.contains { $0.subset != nil }
        let hasYears = description.columns["year"] != nil
        aggregations =
            isSortedByFile || description.columns["subset"] != nil ? Aggregation.allCases : [.all]
        var seen = Set<String>()
        let found = pairs.map(\.subset).filter { $0 != Aggregation.all.rawValue && seen.insert($0).inserted }
        subsets = hasYears ? found.sorted() : found
    }

    public static func check(_ description: TaskDescription) throws(Diagnostic) {
        for name in ["first", "second"] where description.columns[name] == nil {
            throw Diagnostic("the task \(description.name) lacks the column \"\(name)\"", at: description.location)
        }
        for file in description.files {
            guard (description.columns["score"] == nil) == (file.scores != nil) else {
                throw Diagnostic(
                    "expected the gold scores of \(file.path) in a column \"score\" or in a file `scores`, one of the two",
                    at: description.location)
            }
            if file.label != nil || file.part != nil {
                throw Diagnostic("the files of an STS task have no `label` and no `part`", at: description.location)
            }
        }
        let subsets = [
            description.columns["subset"] != nil, description.columns["year"] != nil,
            description.files.contains { $0.subset != nil },
        ]
        guard subsets.count(where: \.self) < 2 else {
            throw Diagnostic(
                "the task \(description.name) says more than once what a pair's subset is", at: description.location)
        }
    }

    public init(_ description: TaskDescription, from reader: inout TaskReader) throws {
        var pairs: [SentencePair] = []
        var longest: [String: Int] = [:]
        for file in description.files {
            let rows = try reader.rows(of: file, columns: Self.columnNames.filter { description.columns[$0] != nil })
            let scores = try file.scores.map { try Self.scores($0, beside: rows, &reader) }
            for (index, row) in rows.rows.enumerated() {
                let sentences = [rows.field("first", row), rows.field("second", row)]
                if let subset = file.subset {
                    let words = sentences.map { TextFile.words(in: $0).count }.max() ?? 0
                    longest[subset] = max(words, longest[subset] ?? 0)
                }
                let place = scores.map { $0.rows[index].location } ?? row.location
                let text = scores.map { $0.field("line", $0.rows[index]) } ?? rows.field("score", row)
                if scores != nil, text.isEmpty {
                    reader.skipped += 1
                    continue
                }
                pairs.append(
                    SentencePair(
                        first: sentences[0], second: sentences[1],
                        gold: try FieldText.score(text, in: description.range, at: place),
                        subset: try Self.subset(of: row, rows, file, description),
                        source: description.columns["source"] == nil ? nil : rows.field("source", row)))
            }
        }
        try NameTwins.check(pairs.map { ($0.subset, description.location) }, "subsets")
        self.init(pairs, by: description, longestSentences: longest)
    }

    /// A score or nothing a line, for each row of the file of sentences.
    private static func scores(
        _ scores: TaskFile.Scores, beside rows: TaskRows, _ reader: inout TaskReader
    ) throws -> TaskRows {
        let lines = try reader.lines(of: scores)
        reader.note(scores.path, lines.sha256, among: scores.digests)
        guard lines.rows.count == rows.rows.count else {
            let line = min(lines.rows.count, rows.rows.count) + 1
            throw Diagnostic(
                "expected \(rows.rows.count) lines as in \(rows.path), found \(lines.rows.count)",
                at: SourceLocation(file: lines.path, line: line))
        }
        return lines
    }

    private static func subset(
        of row: TaskRows.Row, _ rows: TaskRows, _ file: TaskFile, _ description: TaskDescription
    ) throws -> String {
        if let subset = file.subset { return subset }
        if description.columns["year"] != nil {
            return try FieldText.year(rows.field("year", row), at: row.location)
        }
        guard description.columns["subset"] != nil else { return Aggregation.all.rawValue }
        let subset = rows.field("subset", row)
        guard !subset.isEmpty, Aggregation(rawValue: subset) == nil else {
            throw Diagnostic(
                "expected a subset's name other than all, mean and wmean, found \"\(subset)\"", at: row.location)
        }
        return subset
    }

    public var count: Int { pairs.count }
    public var scoredPairs: [SentencePair] { pairs }
    public var texts: [TaskText] { pairs.flatMap { [TaskText($0.first), TaskText($0.second)] } }

    /// The files of the subsets with all word lists of a file padded to the longest; joined as Python does.
    public var paddedTexts: [TaskText] {
        pairs.flatMap { pair in
            let length = longestSentences[pair.subset] ?? 0
            return [pair.first, pair.second].map { sentence in
                let words = TextFile.words(in: sentence)
                let padding = String(repeating: " ", count: max(0, length - words.count))
                return TaskText(words.joined(separator: " ") + padding)
            }
        }
    }

    /// Of each subset its share, and at least two pairs, which a correlation needs.
    public func limited(to limit: Int) -> STSTask {
        var task = self
        task.pairs = QuickLook.kept(limit, of: pairs.map(\.subset), least: 2).map { pairs[$0] }
        return task.withSubsetsOfPairs
    }

    private var withSubsetsOfPairs: STSTask { STSTask(keeping: self) }

    /// The same task, its subsets those that still have pairs.
    private init(keeping task: STSTask) {
        let present = Set(task.pairs.map(\.subset))
        (pairs, longestSentences) = (task.pairs, task.longestSentences)
        (isSortedByFile, aggregations) = (task.isSortedByFile, task.aggregations)
        subsets = task.subsets.filter(present.contains)
    }
}

extension STSTask {
    /// Each file of STS12 to STS16 is sorted by words of the first sentence, words of the second and gold score; STS-B
    /// and SICK-R stay in their files' order. First and second sentences go in batches of their own. In BeLLM's fork,
    /// where all word lists of a file have the same length, the gold score alone decides the order.
    ///
    /// Source: `senteval/sts.py` as SimCSE's, PromptEOL's and BeLLM's forks have it.
    public func batches(of size: Int, padsWordLists: Bool) -> [[Int]] {
        guard isSortedByFile else { return SentEvalBatches.cut(Array(pairs.indices), into: size, textsEach: 2) }
        let order = pairs.map { pair in
            let words = padsWordLists ? [] : [pair.first, pair.second].map(LabelledExample.words)
            return words.map(Double.init) + [pair.gold]
        }
        let members = Dictionary(grouping: pairs.indices) { pairs[$0].subset }
        return subsets.flatMap { subset in
            SentEvalBatches.cut(SentEvalBatches.sorted(members[subset] ?? [], by: order), into: size, textsEach: 2)
        }
    }

    public func measure(_ embeddings: TaskEmbeddings) async throws -> TaskOutcome {
        let places = embeddings.places
        let cosines = pairs.indices.map { pair in
            cosine(
                embeddings.rows.array(row: places[2 * pair]), embeddings.rows.array(row: places[2 * pair + 1]))
        }
        return TaskOutcome(
            measures: measures(cosines: cosines, task: embeddings.task, bootstrap: embeddings.bootstrap),
            items: ItemTable(
                Self.items,
                [
                    .text(pairs.map(\.subset)), .integer(Array(pairs.indices)), .real(pairs.map(\.gold)),
                    .real(cosines),
                ]))
    }

    /// Measures the subsets in their order, then the aggregations that the task defines, `all` first; of each part both
    /// metrics.
    ///
    /// - Parameters:
    ///   - cosines: one for each pair.
    ///   - task: its name, which the resamples depend on.
    public func measures(cosines: [Double], task: String, bootstrap: Bootstrap = .standard) -> [Measure] {
        precondition(cosines.count == pairs.count, "one cosine a pair")
        let members = Dictionary(grouping: pairs.indices) { pairs[$0].subset }
        let part = { (slice: String, members: [Int]) -> [Measure] in
            let found = members.map { cosines[$0] }
            let gold = members.map { pairs[$0].gold }
            let resampled = bootstrap.correlations(of: [found], with: gold, stream: task)[0]
            return [
                Measure(
                    task: task, slice: slice, metric: "spearman", value: spearman(found, gold),
                    interval: ConfidenceInterval(percentilesOf: resampled.spearman), count: members.count),
                Measure(
                    task: task, slice: slice, metric: "pearson", value: pearson(found, gold),
                    interval: ConfidenceInterval(percentilesOf: resampled.pearson), count: members.count),
            ]
        }
        return subsets.flatMap { part($0, members[$0] ?? []) }
            + (aggregations.contains(.all) ? part(Aggregation.all.rawValue, Array(pairs.indices)) : [])
            + means(cosines: cosines, members: members, task: task, bootstrap)
    }

    /// The means over subsets, in whose resamples each subset draws its own pairs independently of the others.
    private func means(
        cosines: [Double], members: [String: [Int]], task: String, _ bootstrap: Bootstrap
    ) -> [Measure] {
        let aggregations = aggregations.filter { $0 != .all }
        guard !aggregations.isEmpty else { return [] }
        let parts = subsets.map { subset in
            let own = members[subset] ?? []
            let (found, gold) = (own.map { cosines[$0] }, own.map { pairs[$0].gold })
            let stream = bootstrap.stream(of: subset, in: task)
            return (
                count: own.count, spearman: spearman(found, gold), pearson: pearson(found, gold),
                resampled: bootstrap.correlations(of: [found], with: gold, stream: stream)[0]
            )
        }
        return aggregations.flatMap { aggregation in
            Self.metrics.map { metric in
                let isPearson = metric == "pearson"
                let resampled = (0..<bootstrap.resamples).map { number in
                    aggregation.combine(
                        parts.map {
                            ((isPearson ? $0.resampled.pearson : $0.resampled.spearman)[number], $0.count)
                        })
                }
                return Measure(
                    task: task, slice: aggregation.rawValue, metric: metric,
                    value: aggregation.combine(parts.map { (isPearson ? $0.pearson : $0.spearman, $0.count) }),
                    interval: ConfidenceInterval(percentilesOf: resampled), count: pairs.count)
            }
        }
    }

    public static func reasonUndefined(_ items: ItemTable) -> String? {
        guard items.count > 1 else { return "a correlation takes two pairs or more, found \(items.count)" }
        for (name, column) in [("cosines", "cosine"), ("gold scores", "gold")] {
            let values = items.reals(column)
            if !values.allSatisfy(\.isFinite) { return "\(name) are NaN or infinite" }
            if values.allSatisfy({ $0 == values[0] }) { return "all \(name) are equal" }
        }
        return nil
    }

    public static func resample(
        _ metric: String, of tables: [ItemTable], bootstrap: Bootstrap, stream: String
    ) -> [(observed: Double, resampled: [Double])] {
        guard let gold = tables.first?.reals("gold") else { return [] }
        let cosines = tables.map { $0.reals("cosine") }
        let isPearson = metric == "pearson"
        return zip(cosines, bootstrap.correlations(of: cosines, with: gold, stream: stream)).map { found, resampled in
            isPearson ? (pearson(found, gold), resampled.pearson) : (spearman(found, gold), resampled.spearman)
        }
    }
}

import Tasks
import Diagnostics
import Objectives

/// Examples of one kind and where they come from.
public struct TrainingData: Sendable {
    public var kind: ExampleKind
    public var examples: [TrainingExample]
    /// Every file read, with its digest.
    public var files: [LoadedFile]
    /// What a source holds that is not among the examples, by reason: nothing is left out in silence.
    public var leftOut: [LeftOutExamples] = []

    public init(kind: ExampleKind, examples: [TrainingExample], files: [LoadedFile]) {
        self.kind = kind
        self.examples = examples
        self.files = files
    }

    /// Reads a file of examples: `.csv` with a header, or `.jsonl`.
    ///
    /// Which columns or keys make an example is listed in `ExampleForm`; others are ignored.
    ///
    /// - Parameter teacher: where it says what a teacher thinks; nil where nothing does
    /// - Throws: a diagnostic with file, line, what was expected and what was found; one for a file without examples.
    public init(path: String, teacher: TeacherColumn? = nil) throws {
        switch path.split(separator: ".").last?.lowercased() {
        case "csv": try self.init(csv: path, teacher: teacher)
        case "jsonl": try self.init(jsonLines: path, teacher: teacher)
        default:
            throw Diagnostic(
                "expected a file of examples that ends in .csv or .jsonl", at: SourceLocation(file: path))
        }
        guard !examples.isEmpty else {
            throw Diagnostic("expected examples, found none", at: SourceLocation(file: path))
        }
    }

    /// Of examples, where there is one.
    init(form: ExampleForm?, examples: [TrainingExample], files: [LoadedFile]) {
        self.init(kind: examples.first?.kind ?? form?.kind ?? .pair, examples: examples, files: files)
    }

    /// The scored pairs of a task such as `STS-B-train`; their scores are the gold scores.
    ///
    /// - Throws: a diagnostic for a task without pairs.
    public init(_ task: LoadedTask) throws {
        guard !task.pairs.isEmpty else {
            throw Diagnostic("expected a task of scored sentence pairs to train on, found \(task.name)")
        }
        self.init(
            kind: .scoredPair,
            examples: task.pairs.map { .scoredPair(first: $0.first, second: $0.second, score: $0.gold) },
            files: task.files)
        if task.skipped > 0 { leftOut = [LeftOutExamples(reason: "no gold score", count: task.skipped)] }
    }
}

/// How many examples were not taken, and why.
public struct LeftOutExamples: Hashable, Codable, Sendable {
    public var reason: String
    public var count: Int

    public init(reason: String, count: Int) {
        self.reason = reason
        self.count = count
    }
}

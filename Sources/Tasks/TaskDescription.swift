import Diagnostics
import Files

/// What a task is, before any of its data is read: a file of `configs/tasks`, or an entry of an experiment's `tasks`.
///
/// A plain value: who reads it from YAML says in ``location`` where it stood. What a kind makes of it is the kind's
/// (``TaskKind``).
public struct TaskDescription: Hashable, Sendable {
    /// The name in tables and experiment files, such as `STS12`.
    public var name: String
    /// Which kind of task it is, by its name in ``TaskKinds``.
    public var kind: String
    /// In the order in which they are read.
    public var files: [TaskFile]
    /// What each column that the kind asks for is in the files: a name of the header, or a number from 1.
    public var columns: [String: ColumnReference] = [:]
    /// How the files are written; nil for what their names end in.
    public var format: RowFormat?
    /// The gold scores that are possible; nil for any number.
    public var range: ClosedRange<Double>?
    /// The classes in their order, of a task that has some; empty for those that the files hold, sorted.
    public var classes: [String] = []
    /// The metric that tables show; nil for the kind's own.
    public var metric: String?
    /// The tasks whose mean is a column; nil for a task that stands alone.
    public var suite: SuitePlace?
    /// The pairs with a gold score, or the examples, in the official files; nil where nobody says.
    public var count: Int?
    public var summary = ""
    public var source = ""
    public var language = ""
    public var licence = ""
    /// What a user does to have the files, besides naming a folder that has them; empty for nothing.
    public var obtain = ""
    /// Tasks whose test pairs are among this one's: a model that is trained on it has seen them.
    public var sharesPairsWith: [String] = []
    /// Whether a user names the files, rather than a catalogue that knows their digests. Their paths are as they are;
    /// the catalogue's start at `downstream/` of the data folder.
    public var isUsersOwn = false
    /// Where it is written.
    public var location: SourceLocation?

    public init(name: String, kind: String, files: [TaskFile] = []) {
        (self.name, self.kind, self.files) = (name, kind, files)
    }

    /// The paths of all files, in the order in which they are read.
    public var paths: [String] { files.flatMap { [$0.path] + ($0.scores.map { [$0.path] } ?? []) } }

    /// What a user's own task makes of its files, whatever they are called: the same columns, parts and classes of the same files
    /// are the same task. Empty for a catalogue's.
    public var definition: String {
        guard isUsersOwn else { return "" }
        let columns = columns.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let files = files.map { file in
            let said = [file.subset, file.label, file.part].map { $0 ?? "" } + [file.scores == nil ? "" : "scores"]
            return said.joined(separator: "\u{1F}")
        }
        let lines = [[kind, format?.rawValue ?? ""], columns, files, classes]
        return SHA256Digest(of: lines.map { $0.joined(separator: "\u{1E}") }.joined(separator: "\u{1D}")).description
    }

    /// The kind, looked up.
    ///
    /// - Throws: a diagnostic with the nearest kind.
    public func lookUpKind() throws(Diagnostic) -> any TaskKind.Type { try TaskKinds.named(kind, at: location) }

    /// The metric that tables show.
    public var shownMetric: String {
        metric ?? TaskKinds.all.first { $0.name == kind }?.metrics.first ?? ""
    }
}

/// A task's place in a suite: tasks whose mean the literature's tables have as a column.
public struct SuitePlace: Hashable, Sendable {
    /// What the column is called, which names the suite too: `Avg`.
    public var average: String
    /// From 1.
    public var place: Int

    public init(average: String, place: Int) { (self.average, self.place) = (average, place) }
}

/// A file of a task.
public struct TaskFile: Hashable, Sendable {
    public var path: String
    /// The SHA-256 of the official copy for each text, 64 hexadecimal digits; empty where none is known.
    public var digests: [TextVariant: String] = [:]
    /// The subset that all rows belong to; nil where the rows say it, or the task has none.
    public var subset: String?
    /// The class of all rows; nil where the rows say it.
    public var label: String?
    /// What the rows are for: `training`, `development` or `test`; nil where it isn't told apart.
    public var part: String?
    /// A file with a gold score, or nothing, on each line.
    public var scores: Scores?

    public struct Scores: Hashable, Sendable {
        public var path: String
        public var digests: [TextVariant: String]

        public init(path: String, digests: [TextVariant: String] = [:]) {
            (self.path, self.digests) = (path, digests)
        }
    }

    public init(_ path: String) { self.path = path }
}

/// A column of a file: by the name in its header, or by its number from 1 in a file without one.
public enum ColumnReference: Hashable, Sendable {
    case name(String)
    case number(Int)
}

/// How a file's rows are written.
public enum RowFormat: String, CaseIterable, Sendable {
    /// Fields between tabs, quotes literal.
    case tsv
    /// RFC 4180.
    case csv
    /// A JSON object a line.
    case jsonl
    /// A whole line is the only field.
    case lines
    /// `ENTY:animal What …`, in Latin-1: a class, one that is ignored, and a question (TREC).
    case questions

    /// What a file's name ends in, where that says it.
    public init?(ending path: String) {
        let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        switch ending {
        case "tsv", "tab": self = .tsv
        case "csv": self = .csv
        case "jsonl", "ndjson": self = .jsonl
        default: return nil
        }
    }
}

import Diagnostics
import Embedding
import Numerics

/// A kind of task: which texts it needs, and what embeddings of them are worth. A value holds one task's data.
///
/// A new kind is a file beside ``STSTask`` with a type of this protocol, and its line in ``TaskKinds``. Nothing else
/// tells kinds apart.
public protocol TaskKind: Sendable {
    /// As `kind:` names it.
    static var name: String { get }
    /// The columns that a description may give.
    static var columnNames: [String] { get }
    /// The keys of a description that this kind reads and not every one does: `range`, `classes`. Others refuse them.
    static var keys: [String] { get }
    /// What its texts are: a method needs a template for each.
    static var roles: [TextRole] { get }
    /// What ``count`` counts, such as `pairs`.
    static var unit: String { get }
    /// The metrics that it may measure, the one that tables show first.
    static var metrics: [String] { get }
    /// What a table's head says of a metric: `Spearman x 100 of cosine and gold score`.
    static func caption(of metric: String) -> String
    /// Whether scores of subsets are put together in more ways than one.
    static var aggregates: Bool { get }
    /// Whether it has pairs with a gold score, which a training can learn from and be chosen by.
    static var hasScoredPairs: Bool { get }
    /// What a row of its item table holds.
    static var items: ItemSchema { get }

    /// Checks what needs no file: the columns that are given, the files' parts.
    static func check(_ description: TaskDescription) throws(Diagnostic)
    /// Reads a task.
    init(_ description: TaskDescription, from reader: inout TaskReader) throws

    /// Pairs, or examples.
    var count: Int { get }
    /// Every text in order, with repetitions.
    var texts: [TaskText] { get }
    /// The texts in the same order as BeLLM's fork of SentEval hands them over, word lists padded to one length.
    var paddedTexts: [TaskText] { get }
    /// Pairs with a gold score, for training and development; none in tasks without.
    var scoredPairs: [SentencePair] { get }
    /// What a reader of its scores must know of its data, a line each.
    var warnings: [String] { get }
    /// What is left of it for a quick look: at most so many items of each part, and of each class and subset some.
    func limited(to limit: Int) -> Self
    /// The batches in which SentEval's scripts hand the texts to an encoder: indices of the texts.
    ///
    /// - Parameters:
    ///   - size: texts of a batch, at least 1
    ///   - padsWordLists: as BeLLM's fork does
    func batches(of size: Int, padsWordLists: Bool) -> [[Int]]
    /// One processor's time to measure embeddings, as far as it is worth a forecast, in seconds.
    func forecastSeconds(dimensions: Int) -> Double
    /// What embeddings are worth.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func measure(_ embeddings: TaskEmbeddings) async throws -> TaskOutcome

    /// Why items have no score; nil where they have one.
    static func reasonUndefined(_ items: ItemTable) -> String?

    /// A metric of some runs, from their item tables alone: as observed, and in resamples that all of them share.
    ///
    /// - Parameters:
    ///   - tables: of one task, with the same items.
    ///   - stream: the task's name.
    static func resample(
        _ metric: String, of tables: [ItemTable], bootstrap: Bootstrap, stream: String
    ) -> [(observed: Double, resampled: [Double])]
}

extension TaskKind {
    public var paddedTexts: [TaskText] { texts }
    public var scoredPairs: [SentencePair] { [] }
    public var warnings: [String] { [] }
    public static var aggregates: Bool { false }
    public static var hasScoredPairs: Bool { false }
    public func forecastSeconds(dimensions: Int) -> Double { 0 }
}

/// The kinds that there are.
public enum TaskKinds {
    public static let all: [any TaskKind.Type] = [STSTask.self, TransferTask.self]

    /// - Throws: a diagnostic with the nearest kind.
    public static func named(
        _ name: String, at location: SourceLocation? = nil
    ) throws(Diagnostic) -> any TaskKind.Type {
        guard let kind = all.first(where: { $0.name == name }) else {
            throw .unknown("kind of task", name, among: all.map { $0.name }, at: location)
        }
        return kind
    }
}

/// A text of a task, and what it is there: templates may differ by it.
public struct TaskText: Hashable, Sendable {
    public var text: String
    public var role: TextRole

    public init(_ text: String, role: TextRole = .sentence) { (self.text, self.role) = (text, role) }
}

/// What a task is measured by.
public struct TaskEmbeddings: Sendable {
    /// [unique texts, dimensions]
    public var rows: FrozenMatrix
    /// For each of the task's texts, its row.
    public var places: [Int]
    /// Names the task's resamples.
    public var task: String
    public var bootstrap = Bootstrap.standard
    /// Threads that compute at the same time.
    public var workers: Int

    public init(rows: FrozenMatrix, places: [Int], task: String, workers: Int) {
        (self.rows, self.places, self.task, self.workers) = (rows, places, task, workers)
    }
}

/// What came out of a task.
public struct TaskOutcome: Equatable, Sendable {
    public var measures: [Measure]
    /// What the measures were made of, an item a row.
    public var items: ItemTable
}

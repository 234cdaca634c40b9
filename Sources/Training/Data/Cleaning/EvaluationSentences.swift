import Tasks

/// The sentences that models are measured on, which training must not see.
///
/// Compared without case, white space and punctuation, so that SentEval's tokenised text matches the raw text and the
/// other way round. A sentence without letters or digits matches nothing.
public struct EvaluationSentences: Sendable {
    private var tasksByKey: [SentenceKey: [String]] = [:]

    public init() {}

    public init(_ tasks: [LoadedTask]) {
        for task in tasks { add(task.content.texts.map(\.text), of: task.name) }
    }

    /// Adds sentences of one task.
    public mutating func add(_ sentences: some Sequence<String>, of task: String) {
        for sentence in sentences {
            let key = SentenceKey(sentence)
            guard !key.isEmpty, tasksByKey[key]?.contains(task) != true else { continue }
            tasksByKey[key, default: []].append(task)
        }
    }

    /// Sentences that differ.
    public var count: Int { tasksByKey.count }

    /// The tasks that have this sentence, in the order in which they were added.
    public func tasks(with sentence: String) -> [String] { tasksByKey[SentenceKey(sentence)] ?? [] }
}

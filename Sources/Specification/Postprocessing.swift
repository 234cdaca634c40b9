import Tasks
import Diagnostics
import Embedding

/// What a run does to finished embeddings: a transform that is fitted to named sentences, then the first dimensions of
/// the result.
public struct Postprocessing: Hashable, Sendable {
    /// Whose sentences a transform is fitted to, without their scores or classes.
    public enum FittingData: Hashable, Sendable {
        /// Those of the task that is scored, task by task: "target" in arXiv 2103.15316.
        case target
        case task(String)
    }

    /// A transform and what it is fitted to.
    public struct Fit: Hashable, Sendable, CustomStringConvertible {
        public let transform: EmbeddingTransform
        public let data: FittingData

        /// Reads `centre DATA` or `whiten DATA`, where DATA is `target` or one of the tasks.
        public init(parsing text: String, tasks: [String]) throws(Diagnostic) {
            let words = text.split(separator: " ").map(String.init)
            let names = EmbeddingTransform.allCases.map(\.rawValue)
            guard let transform = words.first.flatMap(EmbeddingTransform.init) else {
                throw .unknown("post-processing", words.first ?? "", among: ["none"] + names)
            }
            guard words.count == 2 else {
                throw Diagnostic(
                    "expected \(transform.rawValue) and the task to fit to, such as \"\(transform.rawValue) "
                        + "STS-B-train\" or \"\(transform.rawValue) \(Self.target)\", found \"\(text)\"")
            }
            guard words[1] == Self.target || tasks.contains(words[1]) else {
                throw .unknown("task", words[1], among: [Self.target] + tasks)
            }
            self.transform = transform
            data = words[1] == Self.target ? .target : .task(words[1])
        }

        private static let target = "target"

        private init(_ transform: EmbeddingTransform, _ data: FittingData) {
            (self.transform, self.data) = (transform, data)
        }

        /// The same fitted to a task by no name, where that is one of these.
        func withoutName(of own: Set<String>) -> Fit {
            if case .task(let name) = data, own.contains(name) { Fit(transform, .task("")) } else { self }
        }

        public var description: String {
            switch data {
            case .target: "\(transform.rawValue) \(Self.target)"
            case .task(let name): "\(transform.rawValue) \(name)"
            }
        }
    }

    /// Nil for the embeddings as they are.
    public var fit: Fit?
    /// How many dimensions are kept, from the first; empty for all. Several stand for as many runs.
    public var dimensions: [Int] = []

    public init() {}

    /// In words, for a plan; empty where nothing is done.
    package var summary: String {
        let kept = dimensions.map { "the first \($0) dimensions" }
        return ((fit.map { ["\($0)"] } ?? []) + kept).map { ", " + $0 }.joined()
    }
}

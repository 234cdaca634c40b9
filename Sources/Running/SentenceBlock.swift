import Embedding

/// Some prompts of one of a run's passes: the smallest piece of work that is kept, and that a run is split by.
package struct SentenceBlock: Hashable, Sendable {
    /// Which of the run's passes.
    var pass: Int
    /// Which of the pass's prompts.
    var prompts: Range<Int>

    /// As a file name.
    var name: String { "\(pass)-\(prompts.lowerBound)-\(prompts.upperBound)" }
}

extension ExperimentPlan {
    /// Minutes of a few cores: what a stopped element loses at most.
    private static let blockOperations = 1e14

    /// How the plan of one run is cut. It depends on the run and on what was asked for alone, never on the machine: all
    /// who work on the run cut it alike.
    ///
    /// - Parameter sentences: distinct ones of a block; nil for about 10¹⁴ floating-point operations
    package func blocks(sentences: Int?) -> [SentenceBlock] {
        passes.enumerated().flatMap { index, pass in
            let count = pass.prompts.tokens.count
            let operations = pass.workload.operations / Double(max(count, 1))
            let size = max(sentences ?? Int(Self.blockOperations / max(operations, 1)), 1)
            return stride(from: 0, to: count, by: size).map { start in
                SentenceBlock(pass: index, prompts: start..<min(start + size, count))
            }
        }
    }
}

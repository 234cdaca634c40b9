import Diagnostics
import Files
import Foundation

/// Computes a submission's parts in processes of this machine, several at a time: the way of a cluster, without one.
public struct LocalLauncher: Sendable {
    private let submission: Submission
    private let folder: String
    private let jobs: Int
    private let threads: Int

    /// What happens while it runs.
    public enum Event: Sendable {
        case ended(number: Int, of: Int, ArrayElement, status: Int32, log: String)
    }

    /// - Parameters:
    ///   - folder: the submission's
    ///   - jobs: processes at the same time
    ///   - threads: of each
    public init(_ submission: Submission, folder: String, jobs: Int, threads: Int) {
        (self.submission, self.folder, self.jobs, self.threads) = (submission, folder, jobs, threads)
    }

    /// Runs what is missing. An element that fails doesn't stop the others; merging says what is missing.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, after the processes have stopped.
    public func run(observe: @escaping @Sendable (Event) -> Void) async throws {
        let work = submission.work
        let waiting = submission.elements.enumerated().filter { !work.has($0.element.part) }
        try await withThrowingTaskGroup(of: (Int, Int32).self) { group in
            var next = waiting.makeIterator()
            func start() {
                guard let (number, _) = next.next() else { return }
                group.addTask { (number, try await run(number)) }
            }
            for _ in 0..<max(jobs, 1) { start() }
            var ended = 0
            while let (number, status) = try await group.next() {
                ended += 1
                observe(
                    .ended(
                        number: ended, of: waiting.count, submission.elements[number], status: status,
                        log: log(number)))
                if !Task.isCancelled { start() }
            }
        }
        try Task.checkCancellation()
    }

    private func log(_ number: Int) -> String { "\(folder)/logs/element-\(number).log" }

    private func run(_ number: Int) async throws -> Int32 {
        let child = ChildProcess(
            program: ChildProcess.ownProgram,
            arguments: [
                "run-part", folder, "--element", String(number), "--threads", String(threads), "--ends-with-input",
            ])
        return try await child.run(log: log(number))
    }
}

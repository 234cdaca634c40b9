import Foundation

extension SlurmLauncher {
    /// How far a submission is.
    public struct Progress: Hashable, Sendable {
        /// Runs whose parts are there, of all.
        public var finished: Int
        public var runs: Int
        public var running: Int
        public var waiting: Int
    }

    /// Waits until Slurm has none of the jobs any more.
    ///
    /// - Parameter observe: gets the state now and then
    /// - Throws: `CancellationError` when the task is cancelled; the jobs go on.
    public func wait(for jobs: Jobs, observe: @Sendable (Progress) -> Void) async throws {
        let runs = Set(submission.elements.map(\.part)).count
        var failures = 0
        while true {
            let states: [String]
            do {
                states = try jobs.arrays.flatMap { try queue.elements(ofArray: $0).values }
                failures = 0
            } catch {
                // A busy controller answers late, or after a while.
                failures += 1
                guard failures < 20 else { throw error }
                try await Task.sleep(for: .seconds(15))
                continue
            }
            let running = states.count { ["RUNNING", "COMPLETING"].contains($0) }
            observe(
                Progress(
                    finished: runs - submission.missingRuns.count, runs: runs, running: running,
                    waiting: states.count - running))
            let isMerging = jobs.merge.map { queue.isQueued(job: $0) ?? true } ?? false
            if states.isEmpty, !isMerging { return }
            try await Task.sleep(for: .seconds(isMerging && states.isEmpty ? 1 : 5))
        }
    }
}

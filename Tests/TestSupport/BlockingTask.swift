import Foundation

/// A task on a thread of its own, for what blocks until it is cancelled: two such on a pool of two threads would keep the tests
/// that are to cancel them from running.
public func blockingTask<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) -> Task<Result, any Error> {
    Task(executorPreference: ThreadExecutor()) { try body() }
}

private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

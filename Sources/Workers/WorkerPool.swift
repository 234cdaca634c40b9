import Dispatch
import Foundation
import Synchronization

/// Threads for loops that compute: each item of a loop goes to whichever worker is free.
///
/// Swift's own tasks share as many threads as there are processors, and a task that computes for minutes keeps everything
/// else that awaits from going on: a timer, a signal, the end of a child process. Here a loop has threads of its own. In the
/// asynchronous forms the caller is suspended meanwhile; in the synchronous one it is a worker itself. A body may run
/// another loop: there is always a thread for it, so loops in loops never wait for each other.
///
///     let norms = try await WorkerPool.shared.map(rows.count, workers: 4) { index in norm(rows[index]) }
///
/// What a loop gives doesn't depend on the number of workers, nor on which of them was first: results are in the order of
/// the items, ``forEach(_:workers:makeState:_:deliver:)`` hands them over in that order, and the error that is thrown is
/// that of the lowest item that fails.
///
/// A body runs outside of any task, without the caller's task-local values: it asks ``isCancelled`` or ``checkCancellation()``
/// where it takes long, not `Task`.
public final class WorkerPool: Sendable {
    /// The pool of this process.
    public static let shared = WorkerPool()

    /// As many workers as this process may use processors.
    public static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// Whether the loop that this thread works for was cancelled, or the task that it runs.
    public static var isCancelled: Bool { Loop.current?.isCancelled ?? false || Task.isCancelled }

    /// - Throws: `CancellationError` where the loop that this thread works for, or the task that it runs, was cancelled.
    public static func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }

    private let threads = ThreadCache()

    public init() {}

    /// The results of `body` for 0 ..< count, from the caller's thread and `workers` - 1 others.
    ///
    /// - Throws: the error of the lowest index that fails; `CancellationError` where the task, or the loop around this one, is
    ///   cancelled before the last item is begun.
    public func map<T: Sendable>(
        _ count: Int, workers: Int = WorkerPool.processors, _ body: @escaping @Sendable (_ index: Int) throws -> T
    ) throws -> [T] {
        let loop = Loop(count: count)
        let results = Results<T>(count)
        let work: @Sendable () -> Void = {
            loop.work(makeState: {}) { _, index in
                results[index] = try body(index)
                if Task.isCancelled { loop.cancel() }
            }
        }
        let others = DispatchGroup()
        for _ in 1..<max(1, min(workers, count)) {
            others.enter()
            threads.start {
                work()
                others.leave()
            }
        }
        if Task.isCancelled { loop.cancel() }
        work()
        others.wait()
        try loop.finish()
        return results.all
    }

    /// The results of `body` for 0 ..< count. The caller is suspended meanwhile.
    ///
    /// - Throws: the error of the lowest index that fails; `CancellationError` where the task is cancelled before the last
    ///   item is begun.
    public func map<T: Sendable>(
        _ count: Int, workers: Int = WorkerPool.processors, _ body: @escaping @Sendable (_ index: Int) throws -> T
    ) async throws -> [T] {
        try await map(count, workers: workers, makeState: { _ in }) { _, index in try body(index) }
    }

    /// The results of `body` for 0 ..< count, where each worker has memory of its own.
    ///
    /// - Parameters:
    ///   - makeState: called with the worker's number, from 0, on the worker's thread. The state stays there, and is
    ///     let go before this returns.
    ///   - body: gets the state of its worker
    /// - Throws: as the form without state.
    public func map<State, T: Sendable>(
        _ count: Int, workers: Int, makeState: @escaping @Sendable (_ worker: Int) throws -> State,
        _ body: @escaping @Sendable (inout State, _ index: Int) throws -> T
    ) async throws -> [T] {
        let results = Results<T>(count)
        try await run(Loop(count: count), workers: workers, makeState: makeState) { state, index in
            results[index] = try body(&state, index)
        }
        return results.all
    }

    /// Hands over the results of `body` for 0 ..< count in the order of the items, each as soon as those before it were:
    /// for sums of floating-point numbers that are the same for any number of workers.
    ///
    /// A worker that is far ahead of the slowest waits, so that at most four results a worker are kept.
    ///
    /// - Parameter deliver: called by one worker at a time, the items' indices ascending; not behind one that fails
    /// - Throws: the error of the lowest index whose body, or delivery, fails; else as the other forms.
    public func forEach<State, T: Sendable>(
        _ count: Int, workers: Int, makeState: @escaping @Sendable (_ worker: Int) throws -> State,
        _ body: @escaping @Sendable (inout State, _ index: Int) throws -> T,
        deliver: @escaping @Sendable (_ index: Int, T) throws -> Void
    ) async throws {
        let loop = Loop(count: count)
        let delivery = OrderedDelivery(ahead: 4 * max(1, workers), deliver)
        try await run(loop, workers: workers) { worker in
            try delivery.lettingGo { try makeState(worker) }
        } _: { state, index in
            guard delivery.waitUntilNear(index) else { return }
            let result = try delivery.lettingGo { try body(&state, index) }
            delivery.take(result, of: index) { loop.fail($0, at: $1) }
        }
    }

    /// Has workers take the loop's items until none is left.
    private func run<State>(
        _ loop: Loop, workers: Int, makeState: @escaping @Sendable (Int) throws -> State,
        _ body: @escaping @Sendable (inout State, Int) throws -> Void
    ) async throws {
        let workers = max(0, min(max(1, workers), loop.count))
        if workers > 0 {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    loop.enter(workers)
                    for worker in 0..<workers {
                        threads.start {
                            loop.work(makeState: { try makeState(worker) }, body)
                            if loop.leave() { continuation.resume() }
                        }
                    }
                }
            } onCancel: {
                loop.cancel()
            }
        }
        try loop.finish()
    }
}

/// Results by their index.
private final class Results<T: Sendable>: Sendable {
    private let values: Mutex<[T?]>

    init(_ count: Int) { values = Mutex(Array(repeating: nil, count: count)) }

    subscript(index: Int) -> T? {
        get { values.withLock { $0[index] } }
        set { values.withLock { $0[index] = newValue } }
    }

    /// All, in order, once each is there.
    var all: [T] { values.withLock { $0.compactMap(\.self) } }
}

import Synchronization

/// What the workers of one loop share: which item is next, and whether there is to be one.
final class Loop: Sendable {
    private struct State {
        var next = 0
        var workers = 0
        var isCancelled = false
        /// Of the lowest index so far.
        var failure: (index: Int, error: any Error)?
    }

    let count: Int
    /// The loop whose body started this one: its cancellation is this one's too.
    private let enclosing: Loop?
    private let state = Mutex(State())

    /// The loop that this thread works for.
    @TaskLocal static var current: Loop?

    init(count: Int) {
        self.count = count
        enclosing = Self.current
    }

    var isCancelled: Bool { state.withLock(\.isCancelled) || enclosing?.isCancelled ?? false }

    func cancel() { state.withLock { $0.isCancelled = true } }

    /// The next item; nil where there is none, or one failed, or the loop was cancelled.
    ///
    /// Items are given out in order. So all below one that failed are taken, and end: which error is thrown doesn't depend
    /// on who was first.
    func take() -> Int? {
        if enclosing?.isCancelled ?? false { cancel() }
        return state.withLock { state in
            guard state.next < count, state.failure == nil, !state.isCancelled else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func fail(_ error: any Error, at index: Int) {
        state.withLock { state in
            if index < state.failure?.index ?? .max { state.failure = (index, error) }
        }
    }

    /// So many workers begin.
    func enter(_ workers: Int) { state.withLock { $0.workers = workers } }

    /// One of them ends.
    ///
    /// - Returns: whether it is the last.
    func leave() -> Bool {
        state.withLock { state in
            state.workers -= 1
            return state.workers == 0
        }
    }

    /// - Throws: the error of the lowest index; `CancellationError` where items are left.
    func finish() throws {
        try state.withLock { state in
            if let failure = state.failure { throw failure.error }
            if state.next < count { throw CancellationError() }
        }
    }

    /// One worker's part.
    ///
    /// - Parameters:
    ///   - makeState: called once, on the thread that the state stays on; not at all where no item is left
    ///   - body: does an item
    func work<State>(
        makeState: () throws -> State, _ body: (inout State, _ index: Int) throws -> Void
    ) {
        Self.$current.withValue(self) {
            guard let first = take() else { return }
            var index = first
            do {
                var state = try makeState()
                while true {
                    try body(&state, index)
                    guard let next = take() else { return }
                    index = next
                }
            } catch {
                fail(error, at: index)
            }
        }
    }
}

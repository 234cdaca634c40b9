import Dispatch
import Foundation
import Synchronization

/// Threads that are kept for the next work. One more is made where all are busy, so work that waits for other work never
/// waits for a thread.
final class ThreadCache: Sendable {
    private struct State {
        /// Threads that wait, less those that were promised work.
        var idle = 0
        var promised: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Has a thread do the work, at once.
    func start(_ work: @escaping @Sendable () -> Void) {
        let isPromised = state.withLock { state in
            guard state.idle > 0 else { return false }
            state.idle -= 1
            state.promised.append(work)
            return true
        }
        if isPromised {
            wake.signal()
        } else {
            Thread.detachNewThread { [self] in live(work) }
        }
    }

    private func live(_ first: @Sendable () -> Void) {
        first()
        while true {
            state.withLock { $0.idle += 1 }
            wake.wait()
            // A signal a piece of work: whoever wakes finds one.
            let work = state.withLock { $0.promised.removeFirst() }
            work()
        }
    }
}

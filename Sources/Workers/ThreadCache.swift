import Dispatch
import Foundation
import Synchronization

/// Threads that are kept for the next work. One more is made where all are busy, so work that waits for other work never
/// waits for a thread.
final class ThreadCache: Sendable {
    private struct State {
        /// Threads that wait, less those that are woken.
        var idle = 0
        /// What threads that are woken or made will do, whichever comes first.
        var promised: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Has a thread do the work, at once.
    func start(_ work: @escaping @Sendable () -> Void) {
        let isAnyIdle = state.withLock { state in
            state.promised.append(work)
            guard state.idle > 0 else { return false }
            state.idle -= 1
            return true
        }
        if isAnyIdle {
            wake.signal()
        } else {
            // Without the work: a thread holds what it was made with as long as it lives.
            Thread.detachNewThread { [self] in live() }
        }
    }

    private func live() {
        while true {
            workOnce()
            state.withLock { $0.idle += 1 }
            wake.wait()
        }
    }

    /// Does a piece of work, and lets go of all that it held. There is one for each signal and each new thread.
    private func workOnce() { state.withLock { $0.promised.removeFirst() }() }
}

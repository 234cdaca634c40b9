import Dispatch
import Synchronization

/// Takes results in any order and hands them over in the order of their indices.
final class OrderedDelivery<T: Sendable>: Sendable {
    private struct State {
        /// What is handed over next.
        var next = 0
        var results: [Int: T] = [:]
        /// Whether a worker is handing something over.
        var isBusy = false
        /// Whether nobody waits any more, because an item failed.
        var isLetGo = false
        var waiting: [Int: DispatchSemaphore] = [:]
    }

    private let state = Mutex(State())
    private let ahead: Int
    private let deliver: @Sendable (Int, T) throws -> Void

    /// - Parameter ahead: how far behind the next one a result may be begun
    init(ahead: Int, _ deliver: @escaping @Sendable (Int, T) throws -> Void) {
        (self.ahead, self.deliver) = (ahead, deliver)
    }

    /// Waits until an item is near enough to the next one.
    ///
    /// - Returns: false where an item before it failed, so that it isn't needed.
    func waitUntilNear(_ index: Int) -> Bool {
        let semaphore = state.withLock { state -> DispatchSemaphore? in
            guard index >= state.next + ahead, !state.isLetGo else { return nil }
            let semaphore = DispatchSemaphore(value: 0)
            state.waiting[index] = semaphore
            return semaphore
        }
        semaphore?.wait()
        // Items within reach of the next one go on: one of them may be the first that fails.
        return state.withLock { index < $0.next + ahead }
    }

    /// Does a part of a worker's work. One that fails leaves a gap, behind which nothing is handed over: nobody waits for that.
    func lettingGo<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch {
            letGo()
            throw error
        }
    }

    private func letGo() {
        state.withLock { state in
            state.isLetGo = true
            for semaphore in state.waiting.values { semaphore.signal() }
            state.waiting = [:]
        }
    }

    /// Keeps a result, and hands over what is next, unless another worker does.
    ///
    /// - Parameter failed: gets what handing over an item throws; nothing is handed over behind it
    func take(_ result: T, of index: Int, failed: (_ error: any Error, _ index: Int) -> Void) {
        let isBusy = state.withLock { state in
            state.results[index] = result
            defer { state.isBusy = true }
            return state.isBusy
        }
        guard !isBusy else { return }
        while let (index, result) = next() {
            do {
                try deliver(index, result)
            } catch {
                failed(error, index)
                letGo()
                return
            }
            advance()
        }
    }

    private func next() -> (Int, T)? {
        state.withLock { state in
            guard let result = state.results.removeValue(forKey: state.next) else {
                state.isBusy = false
                return nil
            }
            return (state.next, result)
        }
    }

    private func advance() {
        state.withLock { state in
            state.next += 1
            for (index, semaphore) in state.waiting where index < state.next + ahead {
                semaphore.signal()
                state.waiting[index] = nil
            }
        }
    }
}

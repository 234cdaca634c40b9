import Foundation
import Synchronization
import Testing
import Workers

@Suite("Loops on threads of their own")
struct WorkerPoolTests {
    private let pool = WorkerPool.shared

    private struct Failure: Error, Equatable {
        var index: Int
    }

    /// Fails at some indices, the higher ones sooner.
    private static func failing(at indices: Set<Int>) -> @Sendable (Int) throws -> Int {
        { index in
            guard indices.contains(index) else {
                usleep(100)
                return index
            }
            usleep(UInt32(max(0, 20_000 - 1000 * index)))
            throw Failure(index: index)
        }
    }

    @Test("Results are in the order of the items, for any number of items and workers", arguments: [1, 2, 3, 9])
    func order(workers: Int) async throws {
        for count in [0, 1, 2, 5, 100] {
            let squares = (0..<count).map { $0 * $0 }
            let found = try await pool.map(count, workers: workers) { index -> Int in
                usleep(UInt32(index % 3 * 300))
                return index * index
            }
            #expect(found == squares)
            #expect(try synchronous(count, workers: workers) { $0 * $0 } == squares)
        }
    }

    @Test("No worker is one worker")
    func noWorkers() async throws {
        #expect(try await pool.map(3, workers: 0) { $0 } == [0, 1, 2])
        #expect(try synchronous(3, workers: -1) { $0 } == [0, 1, 2])
    }

    @Test("A result may be nil")
    func optional() async throws {
        #expect(try await pool.map(3, workers: 2) { $0 == 1 ? nil : $0 } == [0, nil, 2])
    }

    @Test("The error is that of the lowest item that fails, and what follows is left out", arguments: [1, 2, 4])
    func errors(workers: Int) async throws {
        let done = Tally()
        let body = Self.failing(at: [4, 6, 7])
        await #expect(throws: Failure(index: 4)) {
            try await pool.map(1000, workers: workers) { index -> Int in
                done.add(1)
                return try body(index)
            }
        }
        #expect(done.value < 1000)
        #expect(throws: Failure(index: 4)) { try synchronous(1000, workers: workers, body) }
    }

    @Test("A worker's state is made on its thread, stays there, and is gone in the end")
    func states() async throws {
        final class Own {
            let thread = ObjectIdentifier(Thread.current)
            let gone: Tally
            init(_ gone: Tally) { self.gone = gone }
            deinit { gone.add(1) }
        }
        let (made, gone) = (Tally(), Tally())
        let isOwn = try await pool.map(50, workers: 3) { worker in
            #expect((0..<3).contains(worker))
            made.add(1)
            return Own(gone)
        } _: { own, _ in
            usleep(200)
            return own.thread == ObjectIdentifier(Thread.current)
        }
        #expect(isOwn.allSatisfy { $0 })
        #expect((1...3).contains(made.value))
        #expect(made.value == gone.value)
    }

    @Test("A state that can't be made is the loop's error; none is made for no items")
    func failingState() async throws {
        await #expect(throws: Failure(index: -1)) {
            try await pool.map(5, workers: 2, makeState: { _ in throw Failure(index: -1) }) { (_: inout Int, _) in 1 }
        }
        let none = try await pool.map(0, workers: 2, makeState: { _ in throw Failure(index: -1) }) {
            (_: inout Int, _) in 1
        }
        #expect(none.isEmpty)
    }

    @Test("Cancelling ends a loop between two items, and loops inside it")
    func cancellation() async throws {
        let (begun, inner) = (Tally(), Tally())
        let pool = pool
        let task = Task {
            try await pool.map(1_000_000, workers: 2) { _ -> Int in
                begun.add(1)
                return try pool.map(1_000_000, workers: 2) { index -> Int in
                    inner.add(1)
                    usleep(500)
                    return index
                }.count
            }
        }
        while begun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(begun.value <= 2)
        // How soon depends on the machine; that it wasn't gone through to the end doesn't.
        #expect(inner.value < 1_000_000)
    }

    @Test("A task that was cancelled before begins no item; one that is cancelled in the last loses nothing")
    func cancelledTask() async throws {
        let pool = pool
        let cancelled = Task { () -> [Int] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await pool.map(5, workers: 2) { $0 }
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let last = Task { () -> [Int] in
            try synchronous(1, workers: 2) { index in
                withUnsafeCurrentTask { $0?.cancel() }
                return index
            }
        }
        #expect(try await last.value == [0])
    }

    @Test("A body learns that its loop was cancelled")
    func asking() async throws {
        let begun = Tally()
        let pool = pool
        let task = Task {
            try await pool.map(1, workers: 1) { _ -> Bool in
                begun.add(1)
                for _ in 0..<10_000 where !WorkerPool.isCancelled { usleep(1000) }
                return WorkerPool.isCancelled
            }
        }
        while begun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        #expect(try await task.value == [true])
        #expect(!WorkerPool.isCancelled)
    }

    @Test("Loops in loops in loops end, though more of them wait than there are processors")
    func nesting() throws {
        let pool = pool
        let sums = try synchronous(8, workers: 8) { outer -> Int in
            try pool.map(8, workers: 8) { middle -> Int in
                try pool.map(8, workers: 8) { outer + middle + $0 }.reduce(0, +)
            }.reduce(0, +)
        }
        #expect(sums == (0..<8).map { 64 * $0 + 2 * 8 * 28 })
    }

    @Test("While loops compute, other tasks go on")
    func otherTasks() async throws {
        let pool = pool
        let flag = Tally()
        async let waiting = pool.map(64, workers: 64) { index -> Int in
            for _ in 0..<10_000 where flag.value == 0 { usleep(1000) }
            return index
        }
        try await Task.sleep(for: .milliseconds(1))
        flag.add(1)
        #expect(try await waiting.count == 64)
    }

    /// In a function that isn't asynchronous, where Swift chooses the synchronous form.
    private func synchronous<T: Sendable>(
        _ count: Int, workers: Int, _ body: @escaping @Sendable (Int) throws -> T
    ) throws -> [T] {
        try pool.map(count, workers: workers, body)
    }

    @Test("A loop's threads hold nothing of it when it has ended, not even those that were made for it")
    func lettingGo() async throws {
        final class Held: Sendable { let number = 1 }
        let fresh = WorkerPool()
        weak var held: Held?
        do {
            let own = Held()
            held = own
            _ = try await fresh.map(8, workers: 3) { _ in own.number }
        }
        // A worker lets go just behind what resumes the caller.
        for _ in 0..<200 where held != nil { usleep(10_000) }
        #expect(held == nil)
    }
}

@Suite("Loops that hand over in order")
struct OrderedDeliveryTests {
    private struct Failure: Error, Equatable {
        var index: Int
    }

    private func deliver(
        _ count: Int, workers: Int, _ body: @escaping @Sendable (Int) throws -> Int,
        refusing refused: Int? = nil
    ) async throws -> [Int] {
        let delivered = Mutex<[Int]>([])
        let failure = await Result {
            try await WorkerPool.shared.forEach(count, workers: workers) { _ in
            } _: { (_: inout Void, index) in
                try body(index)
            } deliver: { index, value in
                if index == refused { throw Failure(index: index) }
                delivered.withLock { $0.append(value) }
            }
        }
        let all = delivered.withLock { $0 }
        #expect(all == Array(0..<all.count))
        try failure.get()
        return all
    }

    @Test("Whoever is first, items are handed over in their order, once each", arguments: [1, 2, 3, 16])
    func order(workers: Int) async throws {
        for count in [0, 1, 7, 200] {
            let found = try await deliver(count, workers: workers) { index in
                usleep(index.isMultiple(of: 5) ? 2000 : 100)
                return index
            }
            #expect(found.count == count)
        }
    }

    @Test("Workers stay near the slowest, so that few results are kept")
    func bounded() async throws {
        let reached = Tally()
        _ = try await deliver(300, workers: 2) { index in
            if index == 0 {
                usleep(50_000)
                #expect(reached.value < 8)
            }
            reached.raise(to: index)
            return index
        }
    }

    @Test("The lowest failure is thrown, be it of an item or of its delivery; all before it is handed over")
    func failures() async throws {
        await #expect(throws: Failure(index: 20)) {
            try await deliver(400, workers: 3) { index in
                if index == 20 { usleep(3000) }
                if index == 20 || index == 22 { throw Failure(index: index) }
                return index
            }
        }
        await #expect(throws: Failure(index: 11)) {
            try await deliver(
                400, workers: 3,
                { index in
                    if index == 11 { usleep(3000) }
                    if index == 12 { throw Failure(index: index) }
                    return index
                }, refusing: 11)
        }
    }

    @Test("A state that can't be made keeps nobody waiting")
    func failingState() async throws {
        await #expect(throws: Failure(index: 1)) {
            try await WorkerPool.shared.forEach(100, workers: 4) { worker -> Int in
                if worker == 1 {
                    usleep(20_000)
                    throw Failure(index: 1)
                }
                return worker
            } _: { _, index in
                usleep(500)
                return index
            } deliver: { _, _ in
            }
        }
    }
}

/// A number that workers share.
private final class Tally: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }
    func add(_ more: Int) { number.withLock { $0 += more } }
    func raise(to least: Int) { number.withLock { $0 = max($0, least) } }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

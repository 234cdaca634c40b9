import Files
import Foundation
import Synchronization
import TestSupport
import Testing

struct OutputLockTests {
    @Test("The second waits for the first, learns its process number, and leaves no file behind")
    func waiting() throws {
        try Fixtures.withTemporaryFolder { folder in
            let output = folder + "/results/x.h5"
            let first = try OutputLock(for: OutputDestination(output)) { _ in Issue.record("nobody has it") }
            let holder = Mutex<Int?>(nil)
            let isReleased = Atomic(false)
            let (waits, entered) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            Thread.detachNewThread {
                let second = try? OutputLock(for: OutputDestination(output)) { process in
                    holder.withLock { $0 = process }
                    waits.signal()
                }
                let wasReleased = isReleased.load(ordering: .acquiring)
                #expect(wasReleased)
                second?.release()
                entered.signal()
            }
            waits.wait()
            // Time enough to be seen entering, if it did not wait.
            #expect(entered.wait(timeout: .now() + 0.1) == .timedOut)
            #expect(holder.withLock(\.self) == Int(ProcessInfo.processInfo.processIdentifier))
            isReleased.store(true, ordering: .releasing)
            first.release()
            entered.wait()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/results").isEmpty)
        }
    }

    @Test("Who waits for another to let go stops when it is cancelled")
    func cancelled() async throws {
        try await Fixtures.withTemporaryFolder { folder in
            let first = try OutputLock(for: OutputDestination(folder + "/x.h5")) { _ in }
            let (waits, began) = AsyncStream<Void>.makeStream()
            let second = blockingTask {
                let lock = try OutputLock(for: OutputDestination(folder + "/x.h5")) { _ in began.finish() }
                lock.release()
            }
            for await _ in waits {}
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            first.release()
        }
    }

    @Test("What a killed process left behind is in nobody's way")
    func stale() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("123456\n".utf8).write(to: URL(fileURLWithPath: folder + "/.x.h5.lock"))
            let lock = try OutputLock(for: OutputDestination(folder + "/x.h5")) { _ in Issue.record("nobody has it") }
            lock.release()
        }
    }
}

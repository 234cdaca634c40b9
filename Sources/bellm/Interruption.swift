import ArgumentParser
import Files
import Foundation
import Synchronization

/// Runs work that Ctrl-C, SIGTERM or SIGHUP cancels: a worker finishes its chunk, temporary files go, the exit code is
/// the signal's as a shell counts it. A second signal ends the program and what it started
/// at once, whatever they do.
///
/// - Parameter keepsWork: whether what was computed is in the cache
func interruptible<R: Sendable>(
    keepsWork: Bool = false, _ work: @escaping @Sendable () async throws -> R
) async throws -> R {
    let task = Task { try await work() }
    StopSignals.receive { task.cancel() }
    defer { StopSignals.ignore() }
    do {
        return try await task.value
    } catch  where StopSignals.isStop(error) {
        if Console.isTerminal { Console.status("") }
        Console.message(
            "interrupted: no file was written"
                + (keepsWork ? "; what was computed is kept, and running again goes on from there" : ""))
        throw ExitCode(128 + (StopSignals.received ?? SIGINT))
    }
}

/// The signals that ask the program to stop.
///
/// The handler runs in the middle of anything, also of a library's call that takes minutes: it stores a number, writes a
/// byte, or ends the process, all of which may be done there. A thread that waits for the byte does the rest.
enum StopSignals {
    private static let first = Atomic<Int32>(0)
    private static let isHandled = Atomic(false)
    /// The end that the handler writes to.
    private static let alarm = Atomic<Int32>(-1)

    /// The signal that came; nil for none.
    static var received: Int32? {
        let number = first.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    /// Whether an error is that of work that a signal has cancelled, or of a write that nobody read when it came.
    static func isStop(_ error: any Error) -> Bool {
        error is CancellationError || received.map { (error as? ExitCode)?.rawValue == 128 + $0 } ?? false
    }

    /// Calls `stop` on a thread of its own when the first signal comes, also where it has come already.
    static func receive(_ stop: @escaping @Sendable () -> Void) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reading, writing) = (ends[0], ends[1])
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(reading, &byte, 1) < 0, errno == EINTR {}
            close(reading)
            if byte != 0 { stop() }
        }
        // Also makes the variables, before a handler reads them.
        let before = alarm.exchange(writing, ordering: .acquiringAndReleasing)
        if before >= 0 { close(before) }
        StartedPrograms.prepare()
        isHandled.store(true, ordering: .releasing)
        if received != nil { wake() }
        for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnoredHangUp(number) { signal(number, handle) }
    }

    /// The work is done: what comes until the program ends must not stop it from saying so, unless it comes twice.
    static func ignore() {
        let writing = alarm.exchange(-1, ordering: .acquiringAndReleasing)
        if writing >= 0 { close(writing) }
    }

    /// Stops this process when its standard input ends, and at once a minute later.
    ///
    /// Linux can send a signal when a parent ends, but means the thread that started the child, which may end long before.
    static func sendAtEndOfInput() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
            sleep(60)
            _exit(128 + SIGTERM)
        }
    }

    /// `nohup` asks for that.
    private static func isIgnoredHangUp(_ number: Int32) -> Bool {
        var action = sigaction()
        guard number == SIGHUP, sigaction(SIGHUP, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    private static let handle: @convention(c) (Int32) -> Void = { number in
        let (isFirst, _) = first.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing)
        guard isFirst else {
            StartedPrograms.end()
            _exit(128 + number)
        }
        wake()
    }

    private static func wake() {
        var byte: UInt8 = 1
        let writing = alarm.load(ordering: .acquiring)
        if writing >= 0 { _ = write(writing, &byte, 1) }
    }
}

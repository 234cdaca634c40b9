import Hub
import Synchronization

/// Shows how far a download is: one line that is rewritten on a terminal, a line now and then elsewhere.
final class DownloadReporter: Sendable {
    private struct State {
        var start: ContinuousClock.Instant?
        var lastShown: ContinuousClock.Instant?
        /// Of the files before the one on its way, what wasn't downloaded now.
        var resumedBytes = 0
        var file = 0
        var fileResumed = 0
        var hasStatus = false
    }

    private let label: String
    private let state = Mutex(State())

    init(_ label: String) { self.label = label }

    func observe(_ event: HubEvent) {
        switch event {
        case .progress(let progress): show(progress)
        case .waiting(let file): message("\(label): waiting for another process, which downloads \(file)")
        case .retrying(let reason, let delay):
            let seconds = delay / .seconds(1)
            message("\(reason)" + (seconds < 0.5 ? "" : "; again in \(Int(seconds.rounded())) s"))
        case .unreachable(let reason):
            finish()
            Console.warning("the hub doesn't answer (\(reason)); taking \(label) as the cache has it")
        }
    }

    /// Leaves an empty line for what comes next.
    func finish() {
        if state.withLock({ state in
            defer { state.hasStatus = false }
            return state.hasStatus
        }) {
            Console.status("")
        }
    }

    private func message(_ text: String) {
        finish()
        Console.message(text)
    }

    private func show(_ progress: HubProgress) {
        state.withLock { state in
            let now = ContinuousClock.now
            let start = state.start ?? now
            state.start = start
            if state.file != progress.number {
                state.resumedBytes += state.fileResumed
                state.file = progress.number
            }
            state.fileResumed = progress.resumedBytes
            let interval: Duration = Console.isTerminal ? .milliseconds(200) : .seconds(10)
            guard now - (state.lastShown ?? start) >= interval else { return }
            state.lastShown = now
            let received = progress.bytes - state.resumedBytes - state.fileResumed
            let line = line(progress, received: received, seconds: (now - start) / .seconds(1))
            state.hasStatus = Console.isTerminal
            if Console.isTerminal { Console.status(line) } else { Console.message(line) }
        }
    }

    private func line(_ progress: HubProgress, received: Int, seconds: Double) -> String {
        let rate = Double(received) / max(seconds, 1e-9)
        var line =
            "\(label): \(progress.file), file \(progress.number) of \(progress.count), \(ByteCount(progress.bytes))"
        if let total = progress.totalBytes { line += " of \(ByteCount(total))" }
        line += ", \(ByteCount(Int(rate)))/s"
        if let total = progress.totalBytes, rate > 0 {
            line += ", ETA \(ProgressReporter.duration(Double(total - progress.bytes) / rate))"
        }
        return line
    }
}

import Foundation
import Launching
import Synchronization

/// Shows how far a job array is: one line that is rewritten on a terminal, a line for each change elsewhere.
final class ArrayReporter: Sendable {
    private struct State {
        var start = ContinuousClock.now
        var finishedAtStart: Int?
        var last: SlurmLauncher.Progress?
    }

    private let state = Mutex(State())

    func update(_ progress: SlurmLauncher.Progress) {
        state.withLock { state in
            let first = state.finishedAtStart ?? progress.finished
            state.finishedAtStart = first
            guard progress != state.last else { return }
            state.last = progress
            var line = "\(progress.finished)/\(progress.runs) runs finished; elements: \(progress.running) running, "
            line += "\(progress.waiting) waiting"
            let done = progress.finished - first
            if done > 0, progress.finished < progress.runs {
                let elapsed = (ContinuousClock.now - state.start) / .seconds(1)
                let remaining = elapsed / Double(done) * Double(progress.runs - progress.finished)
                line += ", ETA \(ProgressReporter.duration(remaining))"
            }
            let isDone = progress.running + progress.waiting == 0
            if Console.isTerminal { Console.status(isDone ? "" : line) } else { Console.message(line) }
        }
    }
}

import Foundation
import Synchronization
import Training

/// Shows how far a training is: one line that is rewritten on a terminal, a line now and then elsewhere.
final class TrainingReporter: Sendable {
    private struct State {
        var seconds = 0.0
        var tokens = 0
        var counted = 0
        var lastShown: ContinuousClock.Instant?
    }

    private let label: String
    private let steps: Int
    private let state = Mutex(State())

    init(_ label: String, steps: Int) { (self.label, self.steps) = (label, steps) }

    func observe(_ event: Trainer.Event) {
        switch event {
        case .resumed(let done): Console.message("\(label) goes on behind step \(done)")
        case .saved: break
        case .step(let step): show(step)
        }
    }

    private func show(_ step: TrainingStep) {
        let (line, isDue) = state.withLock { state in
            state.seconds += step.seconds
            state.tokens += step.tokens
            state.counted += 1
            let remaining = Double(steps - step.number) * state.seconds / Double(state.counted)
            var line = "\(label) step \(step.number)/\(steps), loss \(String(format: "%.4f", step.loss)), "
            line += "learning rate \(String(format: "%.2e", step.learningRate)), "
            line += "\(Int(Double(state.tokens) / max(state.seconds, 1e-9))) tokens/s, "
            line += "ETA \(ProgressReporter.duration(remaining))"
            if let score = step.developmentScore { line += ", development \(String(format: "%.2f", score))" }
            let now = ContinuousClock.now
            let isDue = state.lastShown.map { now - $0 > .seconds(10) } ?? true
            if isDue || Console.isTerminal { state.lastShown = now }
            return (line, isDue)
        }
        // Scores stay to be read; steps pass.
        if step.developmentScore != nil || step.number == steps {
            if Console.isTerminal { Console.status("") }
            Console.message(line)
        } else if Console.isTerminal {
            Console.status(line)
        } else if isDue {
            Console.message(line)
        }
    }
}

import Embedding
import Foundation
import Synchronization
import Training

/// Shows how far a training is: one line that is rewritten on a terminal, a line now and then elsewhere.
final class TrainingReporter: Sendable {
    private struct State {
        var seconds = 0.0
        var tokens = 0
        var counted = 0
        /// Of the evaluations that are done, and when the one that goes on began.
        var evaluations = (count: 0, seconds: 0.0)
        var evaluationStart: ContinuousClock.Instant?
        var lastShown: ContinuousClock.Instant?
    }

    private let label: String
    private let recipe: TrainingRecipe
    private var steps: Int { recipe.steps }
    private let clock: CommandClock?
    private let state = Mutex(State())

    init(_ label: String, _ recipe: TrainingRecipe, _ clock: CommandClock?) {
        (self.label, self.recipe, self.clock) = (label, recipe, clock)
    }

    func observe(_ event: Trainer.Event) {
        switch event {
        case .resumed(let done):
            clock?.reduce(to: Double(steps - done) / Double(max(steps, 1)))
            Console.message("\(label) goes on behind step \(done)")
        case .saved: break
        case .step(let step): show(step)
        case .evaluating(let step, let progress): show(progress, behind: step)
        }
    }

    /// A teacher's embeddings come before the first step.
    func observe(teaching progress: EncodingProgress) {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            let isDue = state.lastShown.map { now - $0 > .seconds(10) } ?? true
            if isDue || Console.isTerminal { state.lastShown = now }
            return isDue
        }
        let line = "\(label) teacher: \(progress.prompts) of \(progress.totalPrompts) prompts"
        if Console.isTerminal { Console.status(line) } else if isDue { Console.message(line) }
    }

    private func show(_ progress: EncodingProgress, behind step: Int) {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            if state.evaluationStart == nil { state.evaluationStart = now }
            let isDue = state.lastShown.map { now - $0 > .seconds(10) } ?? false
            if isDue || Console.isTerminal { state.lastShown = now }
            return isDue
        }
        let line =
            "\(label) step \(step)/\(steps), development \(progress.prompts) of \(progress.totalPrompts) prompts"
        if Console.isTerminal { Console.status(line) } else if isDue { Console.message(line) }
    }

    private func show(_ step: TrainingStep) {
        let (line, isDue) = state.withLock { state in
            state.seconds += step.seconds
            state.tokens += step.tokens
            state.counted += 1
            if let start = state.evaluationStart {
                state.evaluations.count += 1
                state.evaluations.seconds += (ContinuousClock.now - start) / .seconds(1)
                state.evaluationStart = nil
            }
            let evaluation = state.evaluations.seconds / Double(max(state.evaluations.count, 1))
            let remaining =
                Double(steps - step.number) * state.seconds / Double(state.counted)
                + Double(recipe.evaluationCount(behind: step.number)) * evaluation
            var line = "\(label) step \(step.number)/\(steps), loss \(String(format: "%.4f", step.loss)), "
            line += "learning rate \(String(format: "%.2e", step.learningRate)), "
            line += "\(Int(Double(state.tokens) / max(state.seconds, 1e-9))) tokens/s, "
            line += "ETA \(ProgressReporter.duration(remaining))"
            let share = Double(state.counted) / Double(max(state.counted + steps - step.number, 1))
            line += clock?.text(doneOfStage: share) ?? ""
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

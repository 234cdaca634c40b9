import Experiments
import Synchronization
import Training

/// Reports what a runner does.
final class RunObserver: Sendable {
    private let progress = Mutex<ProgressReporter?>(nil)
    private let training = Mutex<TrainingReporter?>(nil)

    func observe(_ event: ExperimentRunner.Event) {
        switch event {
        case .trainingStarted(let number, let total, let plan):
            let label = "[training \(number)/\(total)]"
            Console.message("\(label) \(plan.title)")
            training.withLock { $0 = TrainingReporter(label, steps: plan.spec.recipe.steps) }
        case .trainingWaits: Console.message("waiting for another process, which trains the same adapter")
        case .training(let event): training.withLock(\.self)?.observe(event)
        case .passStarted(let number, let total, let runs):
            Console.message("[\(number)/\(total)] \(runs.joined(separator: ", "))")
            progress.withLock { $0 = ProgressReporter("[\(number)/\(total)]") }
        case .progress(let update):
            progress.withLock(\.self)?.update(update)
        case .passEnded(let seconds, let encoding):
            if let line = encoding.cacheLine { Console.message(line) }
            let speed = Int(Double(encoding.tokensComputed) / seconds)
            Console.message("[done] \(ProgressReporter.duration(seconds)), \(speed) tokens/s computed")
        }
    }
}

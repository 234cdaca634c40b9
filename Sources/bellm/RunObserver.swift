import Running
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
            training.withLock { $0 = TrainingReporter(label, plan.spec.recipe) }
        case .trainingWaits: Console.message("waiting for another process, which trains the same adapter")
        case .training(let event): training.withLock(\.self)?.observe(event)
        case .passStarted(let number, let total, let runs):
            Console.message(Console.cut("[\(number)/\(total)] \(Self.list(runs))"))
            progress.withLock { $0 = ProgressReporter("[\(number)/\(total)]") }
        case .checked(let checks): checks.lines.forEach { Console.message($0) }
        case .progress(let update):
            progress.withLock(\.self)?.update(update)
        case .passEnded(let seconds, let encoding):
            if let line = encoding.cacheLine { Console.message(line) }
            let speed = Int(Double(encoding.tokensComputed) / seconds)
            Console.message("[done] \(ProgressReporter.duration(seconds)), \(speed) tokens/s computed")
        case .classifying(let run, let task, let seconds):
            if seconds > 2 {
                Console.message("[\(task)] fitting classifiers on \(run), about \(ProgressReporter.duration(seconds))")
            }
        }
    }

    /// The first runs by name: an ablation has a hundred.
    private static func list(_ runs: [String]) -> String {
        let most = 4
        guard runs.count > most else { return runs.joined(separator: ", ") }
        return runs.prefix(most - 1).joined(separator: ", ") + " and \(runs.count - most + 1) more"
    }
}

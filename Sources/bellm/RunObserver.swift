import Diagnostics
import Results
import Running
import Synchronization
import Tasks
import Training

/// Reports what a runner does.
final class RunObserver: Sendable {
    private let progress = Mutex<ProgressReporter?>(nil)
    private let training = Mutex<TrainingReporter?>(nil)
    private let clock: CommandClock?
    /// How many stages come before the first pass.
    private let trainings: Int
    /// For each pass, the tokens that it computes where the cache has nothing.
    private let tokens: [Int]
    /// The pass that is yet to say how much of it is to be computed.
    private let uncounted = Mutex<Int?>(nil)

    /// Of what is a part of something else.
    init() { (clock, trainings, tokens) = (nil, 0, []) }

    /// - Parameters:
    ///   - plan: what is done, from its first training to its last pass
    ///   - anew: whether adapters that are there are trained anew
    ///   - trainsOnly: whether it ends behind the last training
    init(_ plan: ExperimentPlan, anew: Bool, trainsOnly: Bool = false) {
        clock = CommandClock(RemainingTime(plan, anew: anew, trainsOnly: trainsOnly))
        (trainings, tokens) = (plan.trainings.count, plan.passes.map(\.workload.tokensComputed))
    }

    /// Rows that are shown of one pass: one of every layer has many.
    private static let mostRows = 8

    /// Such as `STS12 53.10, STS-B 66.66`.
    private static func row(_ measures: [Measure]) -> String {
        measures.map { "\($0.task) \(ResultTable.cellText(100 * $0.value))" }.joined(separator: ", ")
    }

    func observe(_ event: ExperimentRunner.Event) {
        switch event {
        case .trainingStarted(let number, let total, let plan):
            let label = "[training \(number)/\(total)]"
            Console.message("\(label) \(plan.title)")
            clock?.begin(number - 1)
            training.withLock { $0 = TrainingReporter(label, plan.spec.recipe, clock) }
        case .trainingWaits: Console.message("waiting for another process, which trains the same adapter")
        case .teaching(let progress): training.withLock(\.self)?.observe(teaching: progress)
        case .training(let event): training.withLock(\.self)?.observe(event)
        case .passStarted(let number, let total, let runs):
            Console.message(Console.cut("[\(number)/\(total)] \(runs.shortList())"))
            clock?.begin(trainings + number - 1)
            uncounted.withLock { $0 = number - 1 }
            progress.withLock { $0 = ProgressReporter("[\(number)/\(total)]", clock) }
        case .checked(let checks): checks.lines.forEach { Console.message($0) }
        case .progress(let update):
            if let pass = uncounted.withLock({ $0.take() }), tokens.indices.contains(pass) {
                clock?.reduce(to: Double(update.totalTokens) / Double(max(tokens[pass], 1)))
            }
            progress.withLock(\.self)?.update(update)
        case .passEnded(let seconds, let encoding):
            if let line = encoding.cacheLine { Console.message(line) }
            let speed = Int(Double(encoding.tokensComputed) / seconds)
            Console.message("[done] \(ProgressReporter.duration(seconds)), \(speed) tokens/s computed")
        case .scored(let runs):
            for run in runs.prefix(Self.mostRows) {
                Console.message(Console.cut("  \(run.run): \(Self.row(run.measures))"))
            }
            if runs.count > Self.mostRows { Console.message("  and \(runs.count - Self.mostRows) more runs") }
        case .classifying(let run, let task, let seconds):
            if seconds > 2 {
                Console.message("[\(task)] fitting classifiers on \(run), about \(ProgressReporter.duration(seconds))")
            }
        }
    }
}

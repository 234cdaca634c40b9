import Running
import Synchronization

/// How long the whole command takes yet: what stands behind a stage's own ETA.
final class CommandClock: Sendable {
    private struct State {
        var time: RemainingTime
        var start: ContinuousClock.Instant?
        var stage = 0
    }

    private let state: Mutex<State>

    init(_ time: RemainingTime) { state = Mutex(State(time: time)) }

    /// - Parameter stage: from 0, trainings before passes
    func begin(_ stage: Int) {
        state.withLock { state in
            if state.start == nil { state.start = .now }
            state.stage = stage
            state.time.begin(stage)
        }
    }

    /// Says how much of the stage under way is to be computed at all.
    func reduce(to share: Double) { state.withLock { $0.time.reduce($0.stage, to: share) } }

    /// Such as ` (all: 12:30)`; nothing where there is no other stage, or nothing to tell by.
    ///
    /// - Parameter share: what is done of the stage under way
    func text(doneOfStage share: Double) -> String {
        state.withLock { state in
            guard state.time.hasOthers(than: state.stage), let start = state.start,
                let seconds = state.time.seconds(
                    doneOfStage: share, elapsed: (ContinuousClock.now - start) / .seconds(1))
            else { return "" }
            return " (all: \(ProgressReporter.duration(seconds)))"
        }
    }
}

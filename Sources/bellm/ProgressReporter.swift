import Embedding
import Foundation
import Running
import Synchronization

/// Shows how far an encoding is: one line that is rewritten on a terminal, a line now and then elsewhere.
final class ProgressReporter: Sendable {
    private struct State {
        var start = ContinuousClock.now
        var lastShown: ContinuousClock.Instant?
    }

    private let label: String
    private let clock: CommandClock?
    private let state = Mutex(State())

    /// - Parameter clock: of the whole command, of which this is a stage
    init(_ label: String, _ clock: CommandClock? = nil) { (self.label, self.clock) = (label, clock) }

    func update(_ progress: EncodingProgress) {
        show(isDone: progress.tokens == progress.totalTokens) { line(progress, elapsed: $0) }
    }

    func update(_ progress: StreamEmbedder.Progress) {
        show(isDone: false) { line(progress, elapsed: $0) }
    }

    /// Takes the line off a terminal.
    func finish() {
        if Console.isTerminal, state.withLock({ $0.lastShown != nil }) { Console.status("") }
    }

    private func show(isDone: Bool, _ line: (_ elapsed: Double) -> String) {
        state.withLock { state in
            let now = ContinuousClock.now
            let interval: Duration = Console.isTerminal ? .milliseconds(200) : .seconds(10)
            guard isDone || now - (state.lastShown ?? state.start) >= interval else { return }
            guard !isDone || Console.isTerminal || state.lastShown != nil else { return }
            state.lastShown = now
            let line = line((now - state.start) / .seconds(1))
            if Console.isTerminal { Console.status(isDone ? "" : line) } else { Console.message(line) }
        }
    }

    private func line(_ progress: EncodingProgress, elapsed: Double) -> String {
        let tokensPerSecond = Double(progress.tokens) / max(elapsed, 1e-9)
        let sentencesPerSecond = Double(progress.prompts) / max(elapsed, 1e-9)
        let remaining = Double(progress.totalTokens - progress.tokens) / max(tokensPerSecond, 1e-9)
        return "\(label): \(progress.prompts)/\(progress.totalPrompts) sentences, "
            + "\(Self.rate(sentencesPerSecond)) sentences/s, \(Self.rate(tokensPerSecond)) tokens/s, ETA \(Self.duration(remaining))"
            + (clock?.text(doneOfStage: Double(progress.tokens) / Double(max(progress.totalTokens, 1))) ?? "")
    }

    private func line(_ progress: StreamEmbedder.Progress, elapsed: Double) -> String {
        let perSecond = Double(progress.sentences) / max(elapsed, 1e-9)
        let rates =
            "\(Self.rate(perSecond)) sentences/s, \(Self.rate(Double(progress.tokens) / max(elapsed, 1e-9))) tokens/s"
        guard let total = progress.totalSentences else {
            return "\(label): \(progress.sentences) sentences, \(rates)"
        }
        let remaining = Self.duration(Double(total - progress.sentences) / max(perSecond, 1e-9))
        return "\(label): \(progress.sentences)/\(total) sentences, \(rates), ETA \(remaining)"
    }

    /// Whole, with a decimal below ten: a long text takes seconds.
    private static func rate(_ perSecond: Double) -> String {
        perSecond < 10 ? String(format: "%.1f", perSecond) : String(Int(perSecond))
    }

    /// `m:ss`, or `h:mm:ss` from an hour on.
    static func duration(_ seconds: Double) -> String {
        let total = Int(seconds.rounded(.up))
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        let tail = (rest < 10 ? "0" : "") + String(rest)
        guard hours > 0 else { return "\(minutes):\(tail)" }
        return "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):\(tail)"
    }
}

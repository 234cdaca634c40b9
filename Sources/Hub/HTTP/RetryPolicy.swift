import Diagnostics
import Foundation

/// How often a request that failed for a passing reason is sent again, and when.
public struct RetryPolicy: Sendable {
    /// How many failures in a row end it; what brings a file further starts the count anew.
    public var attempts = 6
    public var firstDelay = Duration.seconds(1)
    public var longestDelay = Duration.seconds(60)
    /// A server that asks to wait for longer isn't waited for.
    public var longestRetryAfter = Duration.seconds(300)
    /// Waits; cut short by cancellation.
    public var sleep: @Sendable (Duration) throws -> Void = RetryPolicy.sleep

    public init() {}

    /// The delay behind the failure of that number, from 1: doubled each time, and up to a quarter longer, so that many
    /// clients don't come back at once.
    func delay(after failure: Int) -> Duration {
        let doubled = firstDelay * Int(pow(2, Double(min(failure, 16) - 1)))
        return min(doubled, longestDelay) * Double.random(in: 1...1.25)
    }

    private static func sleep(_ duration: Duration) throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            if Task.isCancelled { throw CancellationError() }
            Thread.sleep(forTimeInterval: min(0.1, max(0, (end - ContinuousClock.now) / .seconds(1))))
        }
    }
}

/// A failure that may pass.
struct PassingFailure: Error {
    let message: String
    /// When the server wants to be asked again.
    var retryAfter: Duration?
    /// Whether the attempt came further than all before.
    var hasProgress = false
    /// Nobody answers: half as many attempts tell as much.
    var isUnreachable = false
}

extension RetryPolicy {
    /// Tries until it works, fails for good, or has failed too often.
    ///
    /// - Parameters:
    ///   - willWait: told of each failure that is followed by another attempt.
    ///   - attempt: throws `PassingFailure` where another attempt may help.
    func run<R>(
        willWait: (_ reason: String, _ delay: Duration) -> Void, _ attempt: () throws -> R
    ) throws -> R {
        var failures = 0
        while true {
            do {
                return try attempt()
            } catch let failure as PassingFailure {
                failures = failure.hasProgress ? 1 : failures + 1
                guard failures < (failure.isUnreachable ? (attempts + 1) / 2 : attempts) else {
                    throw RetriesExhausted(message: failure.message, attempts: failures, last: failure)
                }
                let pause = max(delay(after: failures), failure.retryAfter ?? .zero)
                guard pause <= max(longestRetryAfter, longestDelay * 1.25) else {
                    let minutes = Int((pause / .seconds(60)).rounded(.up))
                    throw Diagnostic(
                        "\(failure.message), and asks to come back in \(minutes) minutes"
                            + (pause >= HTTPResponse.longestWait ? " or more" : ""),
                        suggestion:
                            "run again then: at most \(Int(longestRetryAfter / .seconds(60))) minutes are waited")
                }
                willWait(failure.message, pause)
                try sleep(pause)
            }
        }
    }

}

/// The end of all attempts.
struct RetriesExhausted: Error {
    let message: String
    let attempts: Int
    let last: PassingFailure
}

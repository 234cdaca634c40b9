import Foundation
import Running

/// What an experiment costs as a job array.
public struct ArrayForecast: Hashable, Sendable {
    public var elements: Int
    public var runs: Int
    /// Processors of an element.
    public var cpus: Int
    /// Of all elements together.
    public var coreHours: Double
    public var longestSeconds: Double
    /// Of the largest element, in whole gigabytes: a third more than the plan's forecast, or a sixth more than what was
    /// measured.
    public var gigabytes: Int
    /// How many runs an earlier result has the memory of.
    public var measuredRuns = 0

    /// - Parameters:
    ///   - elements: of the plan
    ///   - recorded: what an earlier result says of the runs' memory
    public init(_ plan: ExperimentPlan, elements: [ArrayElement], recorded: RecordedPeaks = RecordedPeaks()) throws {
        cpus = plan.spec.launcher.cpus
        self.elements = elements.count
        runs = plan.spec.runs.count
        (coreHours, longestSeconds) = (0, 0)
        var peak = 0.0
        var speeds = MeasuredSpeeds(workers: cpus)
        for (run, own) in Dictionary(grouping: elements, by: \.run) {
            let forecast = try plan.restricted(to: run).forecast(by: &speeds)
            coreHours += forecast.seconds * Double(cpus) / 3600
            longestSeconds = max(longestSeconds, forecast.seconds / Double(own.count))
            if let bytes = recorded.bytes(ofRun: run) {
                measuredRuns += 1
                peak = max(peak, Double(bytes) * 7 / 6)
            } else {
                peak = max(peak, forecast.peakBytes * 4 / 3)
            }
        }
        gigabytes = max(1, Int((peak / 1e9).rounded(.up)))
    }
}

extension ExperimentPlan {
    /// What `bellm plan --launcher slurm` says besides the plan.
    ///
    /// - Parameter recorded: what an earlier result says of the runs' memory
    public func arraySummary(_ recorded: RecordedPeaks = RecordedPeaks()) throws -> String {
        let elements = try elements(spec.launcher)
        let forecast = try ArrayForecast(self, elements: elements, recorded: recorded)
        let measured = forecast.measuredRuns > 0 ? ", as an earlier result measured \(forecast.measuredRuns) runs" : ""
        let limit = spec.launcher.arrayLimit.map { ", at most \($0) at the same time" } ?? ""
        var lines = [
            "",
            "as a job array: \(forecast.elements) elements for \(forecast.runs) runs, \(forecast.cpus) processors each\(limit)",
            "  \(String(format: "%.2f", forecast.coreHours)) core-hours at this machine's speed; the longest element takes "
                + "\(Int(forecast.longestSeconds.rounded(.up))) s; \(spec.launcher.memory ?? "\(forecast.gigabytes)G") of memory each\(measured)",
        ]
        if let seconds = spec.launcher.timeSeconds, forecast.longestSeconds > seconds {
            lines.append(
                "  longer than the time limit of \(spec.launcher.time ?? ""): such elements are stopped, queued again, and go on"
            )
        }
        return lines.joined(separator: "\n")
    }
}

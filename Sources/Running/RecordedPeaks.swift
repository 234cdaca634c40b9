import Files
import Results
import Specification

/// The memory that an earlier result recorded of a plan's runs.
public struct RecordedPeaks: Hashable, Sendable {
    /// Of declared runs, in bytes.
    private var bytes: [String: Int] = [:]

    /// Nothing was recorded.
    public init() {}

    /// What a result at the destination says of runs that the plan has with the same settings, on the same data, by as many
    /// threads or more; nothing where there is no result.
    public init(_ plan: ExperimentPlan, at destination: OutputDestination, configs: ConfigFolder) {
        self.init()
        guard let found = destination.existingBytes, found > 0,
            let result = try? ExperimentResult(contentsOf: destination.path)
        else { return }
        take(result, of: plan, configs: configs)
    }

    private mutating func take(_ result: ExperimentResult, of plan: ExperimentPlan, configs: ConfigFolder) {
        guard let threads = result.value(of: "threads").flatMap({ Int($0) }), threads >= plan.spec.launcher.cpus else {
            return
        }
        let (wanted, known) = (ResultScope(plan), ResultScope(result, configs: configs))
        for (declared, rows) in plan.rowsOfRun where wanted.hasSame(declared: declared, as: known) {
            let recorded = rows.map { row -> Int? in
                guard let record = result.runs.first(where: { $0.name == row }), record.peakBytes > 0 else {
                    return nil
                }
                let isTrained =
                    plan.runs.first { $0.name == row }.map { plan.stages(of: $0).allSatisfy(\.isDone) } ?? true
                guard !isTrained else { return record.peakBytes }
                let training = result.training.first { $0.run == row }?.rows.map(\.peakBytes).max() ?? 0
                return training > 0 ? max(training, record.peakBytes) : nil
            }
            guard !recorded.contains(nil) else { continue }
            bytes[declared] = recorded.compactMap(\.self).max()
        }
    }

    /// The most memory of a declared run; nil where nobody knows.
    public func bytes(ofRun name: String) -> Int? { bytes[name] }
}

import Numerics
import Running
import Specification

/// What one element of a job array computes: a run, or some blocks of a large one.
public struct ArrayElement: Codable, Hashable, Sendable {
    /// The declared run.
    public var run: String
    /// The name of the run's part.
    public var part: String
    /// Which of the run's blocks; nil for all of it.
    public var blocks: Range<Int>?

    /// What distinguishes it from all other work, whichever submission it is in.
    var unit: String { part + (blocks.map { "-\($0.lowerBound)-\($0.upperBound)" } ?? "") }

    /// For messages.
    public var title: String {
        run + (blocks.map { ", blocks \($0.lowerBound + 1) to \($0.upperBound)" } ?? "")
    }
}

extension ExperimentPlan {
    /// The experiment as array elements, in its order.
    ///
    /// A run that trains its adapter isn't split: its elements would wait for the one that trains.
    public func elements(_ launcher: LauncherSpec) throws -> [ArrayElement] {
        try partIDs(by: Arithmetic.description).flatMap { run, id -> [ArrayElement] in
            let plan = try restricted(to: run)
            let count = plan.blocks(sentences: launcher.blockSentences).count
            let size = launcher.elementBlocks
            guard count > size, plan.trainings.isEmpty else { return [ArrayElement(run: run, part: id)] }
            return stride(from: 0, to: count, by: size).map { start in
                ArrayElement(run: run, part: id, blocks: start..<min(start + size, count))
            }
        }
    }
}

/// How long the rest of an experiment takes, by how fast it went so far: its stages are trainings, then passes, and each
/// counts by its matrix products.
public struct RemainingTime: Sendable {
    /// For each stage, its operations; of one that is done, those that were really computed.
    private var operations: [Double]
    private var current: Int?
    private var done: Set<Int> = []

    public init(operations: [Double]) { self.operations = operations }

    /// - Parameters:
    ///   - anew: whether adapters that are there are trained anew
    ///   - trainsOnly: whether it ends behind the last training
    public init(_ plan: ExperimentPlan, anew: Bool, trainsOnly: Bool) {
        self.init(
            operations: plan.trainings.map { $0.isDone && !anew ? 0 : $0.operations }
                + (trainsOnly ? [] : plan.passes.map(\.workload.operations)))
    }

    /// Whether another stage than this one has anything to do: else its own remaining time says all.
    public func hasOthers(than stage: Int) -> Bool {
        operations.enumerated().contains { $0.offset != stage && $0.element > 0 }
    }

    /// Begins a stage; the one before it is done. They come in any order.
    public mutating func begin(_ stage: Int) {
        if let current { done.insert(current) }
        current = stage
    }

    /// Says that only a share of the stage under way is to be computed: the cache has the rest, or an earlier process did it.
    public mutating func reduce(_ stage: Int, to share: Double) {
        guard operations.indices.contains(stage) else { return }
        operations[stage] *= min(max(share, 0), 1)
    }

    /// The seconds to go of all stages.
    ///
    /// - Parameters:
    ///   - share: what is done of the stage under way
    ///   - elapsed: seconds since the first stage began
    /// - Returns: nil as long as nothing is done.
    public func seconds(doneOfStage share: Double, elapsed: Double) -> Double? {
        guard let current, operations.indices.contains(current) else { return nil }
        let done = operations.indices.filter(self.done.contains).reduce(operations[current] * share) {
            $0 + operations[$1]
        }
        let total = operations.reduce(0, +)
        return done > 0 ? elapsed * max(0, total - done) / done : nil
    }
}

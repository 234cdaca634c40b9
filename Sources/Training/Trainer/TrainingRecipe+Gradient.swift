import Diagnostics
import Files
import Objectives

/// Trainings that would change nothing, known before any work.
extension TrainingRecipe {
    /// How much of a training is looked at, and of a batch: beyond it only the steps themselves can tell.
    private static let (probedBatches, probedExamples) = (64, 8)

    /// Checks that batches give the objective a gradient: one pair has no other's positive to be told from, and equal scores
    /// have no order.
    ///
    /// - Parameter step: with the sizes of the model
    /// - Throws: where no batch can have one, whatever the embeddings are.
    package func checkGradient(of examples: [TrainingExample], _ step: ObjectiveStep) throws {
        try AddressSpace.check()
        let order = try batches(of: examples)
        let areAlike = Set(examples.map(\.values)).count == 1
        let count = areAlike ? 1 : min(batchCount, order.batchesPerEpoch)
        for number in 0..<min(count, Self.probedBatches) {
            let batch = Self.spread(try order.batch(number).map { examples[$0] })
            if try objective.base.hasGradient(of: ExampleBatch(batch), count: batch.count, step) { return }
        }
        guard count <= Self.probedBatches, let kind = examples.first?.kind else { return }
        throw withoutGradient(kind, areAlike: areAlike)
    }

    /// The same where only the kind of the examples is known.
    package func checkGradient(of kind: ExampleKind, _ step: ObjectiveStep) throws {
        try AddressSpace.check()
        let count = min(batchSize, Self.probedExamples)
        let values = (0..<count).map { [Double($0)] }
        let batch = ExampleBatch(kind, values: Dictionary(uniqueKeysWithValues: kind.values.map { ($0, values) }))
        guard try !objective.base.hasGradient(of: batch, count: count, step) else { return }
        throw withoutGradient(kind, areAlike: false)
    }

    /// Some examples of a batch, from those of the least values to those of the greatest.
    private static func spread(_ batch: [TrainingExample]) -> [TrainingExample] {
        guard batch.count > probedExamples else { return batch }
        let sorted = batch.sorted { $0.values.joined().lexicographicallyPrecedes($1.values.joined()) }
        return (0..<probedExamples).map { sorted[$0 * (batch.count - 1) / (probedExamples - 1)] }
    }

    private func withoutGradient(_ kind: ExampleKind, areAlike: Bool) -> Diagnostic {
        let isOfEqualValues = areAlike && batchSize > 1 && !kind.values.isEmpty
        let reason = isOfEqualValues ? ", for every \(kind.values.joined(separator: " and every ")) is the same" : ""
        return Diagnostic(
            "nothing to learn: with batch_size \(batchSize), \(kind.plural) give the objective "
                + "\(type(of: objective.base).name) no gradient\(reason)",
            suggestion: batchSize == 1 ? "set a larger batch_size" : nil,
            subject: batchSize == 1 ? "batch_size" : "objective")
    }
}

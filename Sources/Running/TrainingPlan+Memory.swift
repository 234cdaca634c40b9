import Embedding
import Models
import Training

extension TrainingPlan {
    /// What recorded passes may fill: a quarter of memory, though 2 GiB at least. What has no place there is computed
    /// again, a forward pass beside the 2.4 that a step costs otherwise.
    static let activationBytes = max(DifferentiableEncoder.defaultActivationBytes, ProcessFacts.memory / 4)

    /// Batches whose size stands for all.
    private static let sampledBatches = 32
    /// Vectors as long as the parameters that are there at the same time: values, two moments, the optimiser's copies of
    /// them and the state's, the adapter, the sum of gradients and its copies; beside a gradient a worker.
    private static let parameterVectors = 10

    /// Memory for weights in both directions, kept activations, and adapter and head with what their optimiser remembers,
    /// in bytes: what the training takes beside what the process has before it.
    func bytes(workers: Int) -> Double {
        let shape = model.shape
        let layout = (try? model.modules?.parameterLayout(of: spec.recipe.adapter)) ?? ParameterLayout()
        let head = spec.recipe.head?.shape(inputs: shape.hiddenSize).parameterCount ?? 0
        let parameters = layout.count + head
        let passes = RecordedBatches(
            method, shape: shape, layout: layout, workers: workers, activationBytes: Self.activationBytes)
        let batches = (try? sampledPrompts()) ?? []
        let recorded = passes.bytes(of: batches, sharesBeginnings: spec.recipe.adapter.dropout == 0)
        return Double(model.residentBytes(linear)) + model.touchedBytes + recorded
            + Double(4 * parameters * (Self.parameterVectors + workers))
    }

    /// The prompts of batches that are spread evenly over the training.
    private func sampledPrompts() throws -> [Prompts] {
        let order = try spec.recipe.batches(of: examples)
        let count = spec.recipe.batchCount
        let sampled = min(count, Self.sampledBatches)
        return try (0..<sampled).map { index in
            try Trainer.prompts(
                of: order.batch(index * count / sampled).map { examples[$0] }, methods: [method] + spec.furtherMethods,
                model: model)
        }
    }
}

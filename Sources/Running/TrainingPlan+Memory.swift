import Embedding
import Models
import Objectives
import Training

extension TrainingPlan {
    /// What recorded passes may fill: a quarter of memory, though 2 GiB at least. What has no place there is computed
    /// again, a forward pass beside the 2.4 that a step costs otherwise.
    static let activationBytes = max(DifferentiableEncoder.defaultActivationBytes, ProcessFacts.memory / 4)

    /// Batches whose size stands for all.
    private static let sampledBatches = 32
    /// Vectors as long as the parameters that are there at the same time: values, two moments, the optimiser's copies of
    /// them and the state's, the adapter, the sum of gradients and its copies; beside a gradient a worker. Measured: from rank 1
    /// to 256 the peak grows by 11.9 of them, with one worker.
    private static let parameterVectors = 11
    /// More of them for maps of layers that are trained whole, whose weights are packed anew for both directions while the old
    /// ones are there. Measured with `targets: full` and with one kind of map.
    private static let vectorsOfWholeMaps = 2.3

    /// Memory for weights in both directions, kept activations, and adapter and head with what their optimiser remembers,
    /// in bytes: what the training takes beside what the process has before it.
    func bytes(workers: Int) -> Double {
        let shape = model.shape
        let layout = (try? model.modules?.parameterLayout(of: spec.recipe.adapter)) ?? ParameterLayout()
        let head = spec.recipe.head?.shape(inputs: shape.hiddenSize).parameterCount ?? 0
        let own = spec.recipe.objective.base as? any ParametricObjective
        let parameters = layout.count + head + (own?.layers(spec.firstStep(on: shape)).parameterCount ?? 0)
        var passes = RecordedBatches(
            method, shape: shape, layout: layout, workers: workers, activationBytes: Self.activationBytes)
        passes.viewedLayers = viewedLayers
        let batches = (try? sampledPrompts()) ?? []
        let recorded = passes.bytes(of: batches, sharesBeginnings: spec.recipe.adapter.dropout == 0)
        let touched = Double(model.touchedBytes(by: Set(batches.flatMap { $0.tokens.joined() })) ?? 0)
        // Packed for both directions, with gaps: as in a pass.
        return 1.02 * Double(model.residentBytes(linear)) + Double(4 * shape.positionFloats) + touched + recorded
            + Double(4 * parameters * (Self.parameterVectors + workers)) + measuredBytes(workers: workers)
            + Self.vectorsOfWholeMaps * Double(4 * layout.wholeMapCount)
    }

    /// Of what a probe measures: the sum of each adapter, an adapter's zeros, a gradient a worker, and their sum and its copy.
    private func measuredBytes(workers: Int) -> Double {
        guard let measuring else { return 0 }
        return Double(4 * measuring.measuredCount * (measuring.adapters.count + workers + 3))
    }

    /// The hidden layers that a step of those sampled reads at most.
    private var viewedLayers: Int {
        let recipe = spec.recipe
        let count = recipe.batchCount
        return (0..<min(count, Self.sampledBatches)).compactMap { index -> Int? in
            let step = ObjectiveStep(
                number: index * count / Self.sampledBatches, seed: recipe.seed, layerCount: model.shape.layerCount,
                dimensions: model.shape.hiddenSize, layer: method.layer)
            return try? ViewPlan(recipe.objective.base, step).layers.count
        }.max() ?? 1
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

extension ParameterLayout {
    /// The numbers of layers' maps that are trained whole.
    fileprivate var wholeMapCount: Int {
        names.filter { Adapter.layer(ofTensor: $0) != nil && !$0.contains(".lora_") }.compactMap { self[$0]?.count }
            .reduce(0, +)
    }
}

import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import Objectives

/// Trains an adapter under an embedding method: BeLLM's third step, arXiv 2311.05296, section 3.
public struct Trainer: Sendable {
    public let recipe: TrainingRecipe
    public let method: EmbeddingMethod
    public let workers: Int
    /// Those of further prompts, whose embeddings are averaged with the first's.
    public var furtherMethods: [EmbeddingMethod] = []
    public var activationBytes = DifferentiableEncoder.defaultActivationBytes
    /// Where the state is kept, so that a training that was stopped goes on; nil for nowhere.
    public var checkpoint: (path: String, fingerprint: String)?
    public var development: DevelopmentSet?
    /// What an earlier stage made of the same parameters, with the head that belongs to the embedding: training begins with
    /// their values, and with a fresh optimiser; nil for values as PEFT draws them.
    public var start: (adapter: Adapter, head: Head?)?
    /// The position between two adapters that is trained, by plain gradient descent, in place of an adapter's parameters, without a
    /// head; nil for those.
    public var positioning: Positioning?
    /// What the log says of memory behind each step: the most that was resident since the training began; nil where
    /// nobody knows.
    public var peakBytes: @Sendable () -> Int? = { nil }

    public init(_ recipe: TrainingRecipe, method: EmbeddingMethod, workers: Int) throws {
        try recipe.validate()
        self.recipe = recipe
        self.method = method
        self.workers = workers
    }

    /// What happens while it trains.
    public enum Event: Sendable {
        /// From a checkpoint behind so many steps.
        case resumed(steps: Int)
        case step(TrainingStep)
        /// The development set is on its way through the model, behind that step.
        case evaluating(step: Int, EncodingProgress)
        case saved(path: String)
    }

    /// Trains, from the checkpoint where there is one.
    ///
    /// - Parameters:
    ///   - model: its tokenizer and context
    ///   - backbone: of the model, with differentiable linear maps
    ///   - examples: of one kind
    /// - Returns: the adapter with the best development score, or the last where there is no development set.
    /// - Throws: `CancellationError` when the task is cancelled, with a checkpoint written first.
    public func train(
        _ model: PretrainedModel, backbone: any AdaptableBackbone, examples: [TrainingExample],
        observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws -> TrainedAdapter {
        guard !examples.isEmpty else { throw Diagnostic("there are no examples to train on") }
        try recipe.check(examples)
        let order = try recipe.batches(of: examples)
        let rates = try recipe.rates()
        guard positioning == nil || (recipe.head == nil && start == nil && !recipe.hasObjectiveLayers) else {
            throw Diagnostic(
                "a position between adapters is trained by itself, without a head, an earlier stage and an objective's own layers"
            )
        }
        let trained = try TrainedParameters(recipe, backbone, positioning: positioning)
        var state = try initialState(trained, backbone)
        if !state.log.isEmpty { observe(.resumed(steps: state.log.count)) }
        var optimiser = try AdamW(recipe.optimiser, counts: [trained.count], resuming: state.optimiser)
        let encoder = DifferentiableEncoder(
            method, adapter: trained.adapter(state.parameters), workers: workers, activationBytes: activationBytes,
            normsExits: recipe.normsExits)

        while state.log.count < recipe.steps, !isPatienceOver(state.log) {
            let number = state.log.count
            do {
                let start = ContinuousClock.now
                let adapted = try backbone.adapted(by: trained.adapter(state.parameters))
                let batches = try (0..<recipe.accumulation).map { part in
                    try order.batch(number * recipe.accumulation + part).map { examples[$0] }
                }
                let gradient = try await gradient(
                    of: batches, step: number, encoder: encoder,
                    model: StepModel(
                        model: model, backbone: adapted, head: trained.head(state.parameters),
                        objectiveHead: trained.objectiveHead(state.parameters)))
                let (loss, own) = trained.gradient((gradient.loss, gradient.parameters), at: state.parameters)
                let norm = try GradientClipping.clip([own], to: recipe.clipping)
                let parameters = Matrix(rows: 1, columns: trained.count, state.parameters)
                if let positioning {
                    try positioning.step(parameters, gradient: own, learningRate: rates.rate(at: number))
                } else {
                    optimiser.step([parameters], gradients: [own], learningRate: rates.rate(at: number))
                }
                try Self.checkFinite(loss: loss, parameters, optimiser.state)
                var step = TrainingStep(
                    number: number + 1, loss: loss, learningRate: rates.rate(at: number), gradientNorm: norm,
                    tokens: gradient.tokens, seconds: (ContinuousClock.now - start) / .seconds(1))
                let values = parameters.array(row: 0)
                let score = try await developmentScore(
                    values, trained, backbone: backbone, step: step.number, observe: observe)
                step.developmentScore = score
                step.peakBytes = peakBytes()
                if let score, score > bestScore(state.log) ?? -.infinity { state.best = values }
                if score == nil, step.number == recipe.steps {
                    try await checkEmbeddings(of: batches, values, trained, backbone: backbone, model: model)
                }
                (state.parameters, state.optimiser) = (values, optimiser.state)
                state.log.append(step)
                observe(.step(step))
            } catch {
                // Nothing of the step that failed is in the state: what came before it stays.
                if error is CancellationError {
                    try save(state, observe)
                } else if !state.log.isEmpty {
                    try? save(state, observe)
                }
                throw (error as? Diagnostic)?.of(step: number + 1) ?? error
            }
            if state.log.count % recipe.checkpointInterval == 0 { try save(state, observe) }
        }
        try save(state, { _ in })
        guard state.log.contains(where: { $0.gradientNorm > 0 }) else {
            throw Diagnostic(
                "nothing was learnt: the gradient of each of the \(state.log.count) steps was 0",
                suggestion: "look at the scores, the batch size and the scales of the objective")
        }
        let values = state.best ?? state.parameters
        return TrainedAdapter(
            adapter: trained.adapter(values), head: kept(trained.head(values)), log: state.log,
            position: positioning?.position(values))
    }

    /// What a step changes, as the steps before left it.
    struct StepModel {
        let model: PretrainedModel
        /// With the adapter.
        let backbone: any AdaptableBackbone
        let head: Head?
        /// The objective's own layers.
        let objectiveHead: Head?

        var dimensions: Int { head?.shape.outputs ?? backbone.hiddenSize }
    }

    /// - Throws: where a step has led to a NaN or an infinity; its gradient was finite.
    private static func checkFinite(loss: Double, _ parameters: Matrix, _ state: AdamWState) throws(Diagnostic) {
        let moments = state.firstMoments + state.secondMoments
        let parts: [(name: String, isFinite: Bool)] = [
            ("loss", loss.isFinite), ("parameters", Kernels.squaredNorm(parameters).isFinite),
            ("moments of the optimiser", moments.allSatisfy { $0.allSatisfy(\.isFinite) }),
        ]
        guard let bad = parts.first(where: { !$0.isFinite }) else { return }
        throw Diagnostic(
            "expected finite \(bad.name), found NaN or infinity",
            suggestion: "lower the learning rate, or lengthen the warm-up")
    }

    /// The mean loss of some batches, and its gradient.
    func gradient(
        of batches: [[TrainingExample]], step: Int, encoder: DifferentiableEncoder, model: StepModel
    ) async throws -> (loss: Double, parameters: Matrix, tokens: Int) {
        var (total, tokens) = (0.0, 0)
        var sum: Matrix?
        let share = 1 / Float(batches.count)
        for (part, batch) in batches.enumerated() {
            let targets = try ExampleBatch(batch)
            let number = step * recipe.accumulation + part
            let reading = ObjectiveStep(
                number: number, seed: recipe.seed, layerCount: model.backbone.layerCount,
                dimensions: model.dimensions, layer: method.layer)
            let views = try ViewPlan(recipe.objective.base, reading)
            let sentences = try BatchPrompts(batch, methods: [method] + furtherMethods, model: model.model)
            let head = model.head.map(HeadGradient.init)
            let own = model.objectiveHead.map { Matrix(rows: 1, columns: $0.shape.parameterCount) }
            let found = try await encoder.gradient(
                of: sentences.prompts, through: model.backbone, layers: views.layers,
                dropout: dropout(ofBatch: number)
            ) { layers in
                func gradients(of layers: [Matrix]) throws -> [Matrix] {
                    let embeddings = layers.map(sentences.mean)
                    let value = try objectiveValue(
                        of: views.cut(embeddings), targets, reading, (model.objectiveHead, own))
                    total += value.value / Double(batches.count)
                    return views.join(value.gradients, of: embeddings).map(sentences.spread)
                }
                return try head?(layers, gradients) ?? gradients(of: layers)
            }
            tokens += found.tokens
            let parameters = [head?.parameters, own].compactMap(\.self).reduce(found.parameters) { $0.followed(by: $1) }
            if batches.count == 1 { return (total, parameters, tokens) }
            let mean = sum ?? Matrix(rows: 1, columns: parameters.columns)
            Kernels.add(parameters, row: 0, scale: share, to: mean, row: 0)
            sum = mean
        }
        return (total, sum ?? Matrix(rows: 1, columns: 0), tokens)
    }

    /// - Parameter own: the objective's own layers and their gradient, which is added to; nil where it has none
    private func objectiveValue(
        of views: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep, _ own: (head: Head?, gradient: Matrix?)
    ) throws -> ObjectiveValue {
        guard let objective = recipe.objective.base as? any ParametricObjective, let head = own.head,
            let gradient = own.gradient
        else { return try recipe.objective.base.value(of: views, batch, step) }
        return try objective.value(of: views, batch, step, through: head, into: gradient)
    }

    private func dropout(ofBatch number: Int) -> Dropout? {
        guard recipe.adapter.dropout > 0 else { return nil }
        var random = RandomGenerator(seed: recipe.seed, for: .dropout, part: UInt64(number))
        return Dropout(rate: Float(recipe.adapter.dropout), seed: random.next())
    }

    /// The head as a part of the embedding; nil where it is only there for the training.
    private func kept(_ head: Head?) -> Head? { recipe.head?.isForTrainingOnly == true ? nil : head }

    /// The checkpoint's state, or a fresh one.
    private func initialState(
        _ trained: TrainedParameters, _ backbone: any AdaptableBackbone
    ) throws -> TrainingCheckpoint {
        if let checkpoint,
            let state = try TrainingCheckpoint.read(
                checkpoint.path, fingerprint: checkpoint.fingerprint, count: trained.count)
        {
            return state
        }
        let zeros = [Float](repeating: 0, count: trained.count)
        return TrainingCheckpoint(
            fingerprint: checkpoint?.fingerprint ?? "",
            parameters: try trained.firstValues(seed: recipe.seed, behind: start, backbone),
            optimiser: AdamWState(steps: 0, firstMoments: [zeros], secondMoments: [zeros]))
    }

    private func save(_ state: TrainingCheckpoint, _ observe: (Event) -> Void) throws {
        guard let checkpoint else { return }
        try state.write(to: checkpoint.path)
        observe(.saved(path: checkpoint.path))
    }

    private func developmentScore(
        _ values: [Float], _ trained: TrainedParameters, backbone: any AdaptableBackbone, step: Int,
        observe: @escaping @Sendable (Event) -> Void
    ) async throws -> Double? {
        guard let development, recipe.evaluates(behind: step) else { return nil }
        let adapted = try backbone.adapted(by: trained.adapter(values))
        return try await development.score(adapted, head: kept(trained.head(values)), workers: workers) {
            observe(.evaluating(step: step, $0))
        }
    }

    /// Finite parameters can still be beyond what the model can compute with, and no step follows that would notice.
    ///
    /// - Throws: where the embedding of one of the examples isn't finite.
    private func checkEmbeddings(
        of batches: [[TrainingExample]], _ values: [Float], _ trained: TrainedParameters,
        backbone: any AdaptableBackbone, model: PretrainedModel
    ) async throws {
        var encoder = Encoder(backbone: try backbone.adapted(by: trained.adapter(values)), workers: workers)
        encoder.head = trained.head(values)
        let sentences = batches.flatMap { $0 }.flatMap(\.sentences)
        let prompts = try BatchPrompts(
            batches.flatMap { $0 }, methods: [method] + furtherMethods, model: model
        ).prompts
        do {
            _ = try await encoder.encode(prompts, methods: [method])
        } catch let error as NotFinite {
            let text = NotFinite.quoted(sentences[error.prompt % sentences.count])
            var diagnostic = error.diagnostic(of: "\(text), by what was trained,")
            diagnostic.suggestion = "lower the learning rate, or lengthen the warm-up"
            throw diagnostic
        }
    }

    private func bestScore(_ log: [TrainingStep]) -> Double? { log.compactMap(\.developmentScore).max() }

    /// Whether the last evaluations, as many as patience allows, found nothing better.
    private func isPatienceOver(_ log: [TrainingStep]) -> Bool {
        guard let patience = recipe.patience else { return false }
        let scores = log.compactMap(\.developmentScore)
        guard let best = scores.max(), let index = scores.firstIndex(of: best) else { return false }
        return scores.count - 1 - index >= patience
    }
}

extension Diagnostic {
    /// With the number of the step that failed, from 1.
    fileprivate func of(step number: Int) -> Diagnostic {
        Diagnostic("step \(number): \(message)", at: location, suggestion: suggestion)
    }
}

/// What training made.
public struct TrainedAdapter: Sendable {
    public let adapter: Adapter
    /// What belongs to the embedding beside it; nil where nothing does.
    public let head: Head?
    /// Every step, those before a resumption among them.
    public let log: [TrainingStep]
    /// Where between two adapters it is; nil where its own parameters were trained.
    public let position: AdapterArc.Position?
}

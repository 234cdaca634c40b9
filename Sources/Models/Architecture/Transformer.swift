import Diagnostics
import Numerics
import Workers

/// A transformer of any family: what its blueprint says, computed by `TransformerBlock`s.
struct Transformer: AdaptableBackbone {
    private let design: TransformerDesign
    private var checkpoint: TransformerCheckpoint
    let modules: BackboneModules
    private var embeddings: EmbeddingLayer
    private var finalNorm: Norm?
    private let latentAttention: LatentAttention?
    /// Of each layer; layers with equal ones share the table.
    private let rotaries: [RotaryEmbedding?]
    private var scoreBias: ScoreBias?
    /// The layers in memory; none where they are read when asked for.
    private var residentLayers: [TransformerBlock.Weights]
    /// What is added on the fly; none where nothing is trained, or where the layers have the trained weights.
    private var training: TransformerCheckpoint?
    /// What is added to each resident layer.
    private var adaptedLayers: [TransformerBlock.Weights] = []

    /// How a backbone is made of a checkpoint.
    struct Loading: Sendable {
        /// The precision of the linear maps.
        let linear: LinearMaker
        /// Whether all layers are decoded now, or each when it is asked for.
        let isResident: Bool
        /// Merged into the weights.
        let adapter: Adapter?
    }

    init(_ source: Checkpoint, blueprint: TransformerBlueprint, loading: Loading) throws {
        let design = blueprint.design
        let checkpoint = try TransformerCheckpoint(source, blueprint: blueprint, loading: loading)
        (self.design, self.checkpoint, modules) = (design, checkpoint, blueprint.modules)
        embeddings = try checkpoint.embeddings()
        finalNorm = try checkpoint.norm(blueprint.tensors.finalNorm)
        latentAttention = try design.latentAttention.map {
            try LatentAttention(checkpoint, $0, hiddenSize: design.sizes.hiddenSize, linear: loading.linear)
        }
        scoreBias = try checkpoint.scoreBias()
        let kinds = Array(Set(design.rotaries.compactMap(\.self)))
        let tables = try WorkerPool.shared.map(kinds.count) { kinds[$0].table(for: design.sizes) }
        rotaries = design.rotaries.map { rotary in
            rotary.flatMap { kinds.firstIndex(of: $0) }.map { tables[$0] }
        }
        residentLayers =
            loading.isResident ? try WorkerPool.shared.map(design.sizes.layerCount) { try checkpoint.layer($0) } : []
    }

    var shape: BackboneShape { design.shape }
    var recordedColumns: Int { design.recordedColumns }

    func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        try embeddings.apply(tokens, at: positions, into: out)
    }

    func embedBackward(
        _ gradient: Matrix, tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, gradients: Gradients
    ) {
        embeddings.applyBackward(gradient, tokens: tokens, at: positions, gradients)
    }

    func layer(_ index: Int) throws -> any TransformerLayer {
        let sizes = design.sizes
        return TransformerBlock(
            weights: try weights(ofLayer: index), design: design,
            attention: Attention(
                heads: sizes.heads, keyValueHeads: sizes.keyValueHeads, headDimension: sizes.headDimension,
                scale: design.queryScale, scoreCap: design.scoreCap, distanceBias: scoreBias?.values),
            window: design.windows[index], rotary: rotaries[index], biasPlace: scoreBias?.place)
    }

    private func weights(ofLayer index: Int) throws -> TransformerBlock.Weights {
        if adaptedLayers.indices.contains(index) { return adaptedLayers[index] }
        if residentLayers.indices.contains(index) { return residentLayers[index] }
        let weights = try checkpoint.layer(index)
        return try training.map { try $0.adapted(weights, ofLayer: index) } ?? weights
    }

    func applyFinalNorm(to rows: Matrix, into out: Matrix) {
        if let finalNorm {
            finalNorm.apply(rows, into: out)
        } else {
            out.assign(rows)
        }
        latentAttention?.apply(to: out)
    }

    func applyFinalNormBackward(to rows: Matrix, gradient: Matrix, into rowsGradient: Matrix, gradients: Gradients) {
        if let finalNorm {
            finalNorm.applyBackward(rows, gradient: gradient, into: rowsGradient, gradients)
        } else {
            Kernels.add(gradient, to: rowsGradient)
        }
    }

    func fillWhole(_ values: Matrix, _ layout: ParameterLayout) throws { try checkpoint.fillWhole(values, layout) }

    func adapted(by adapter: Adapter) throws -> any AdaptableBackbone {
        try modules.checkTrainable()
        var adapted = self
        var training = checkpoint
        (training.adapter, training.isTraining) = (adapter, true)
        adapted.embeddings = try training.embeddings()
        adapted.finalNorm = try training.norm(training.blueprint.tensors.finalNorm)
        if design.linearBias == nil { adapted.scoreBias = try training.scoreBias() }
        let (resident, source, count) = (residentLayers, training, design.sizes.layerCount)
        if adapter.configuration.targets == .full {
            // All weights are new: they are packed anew rather than multiplied beside the old ones.
            adapted.checkpoint = training
            (adapted.training, adapted.residentLayers) = (nil, [])
            adapted.adaptedLayers = try WorkerPool.shared.map(count) { try source.layer($0) }
        } else {
            adapted.training = training
            adapted.adaptedLayers = try resident.enumerated().map { try source.adapted($1, ofLayer: $0) }
        }
        return adapted
    }
}

extension TransformerCheckpoint {
    /// A layer's weights with what the adapter adds to them.
    fileprivate func adapted(
        _ weights: TransformerBlock.Weights, ofLayer index: Int
    ) throws -> TransformerBlock.Weights {
        var weights = weights
        weights.query.changes = try changes(of: .query, ofLayer: index, hasTrainedWeights: false)
        weights.keysValues.changes = try changes(of: .keysValues, ofLayer: index, hasTrainedWeights: false)
        weights.output.changes = try changes(of: .output, ofLayer: index, hasTrainedWeights: false)
        weights.up.changes = try changes(of: .up, ofLayer: index, hasTrainedWeights: false)
        weights.down.changes = try changes(of: .down, ofLayer: index, hasTrainedWeights: false)
        return try adaptedNorms(weights, ofLayer: index)
    }

    private func adaptedNorms(
        _ weights: TransformerBlock.Weights, ofLayer index: Int
    ) throws -> TransformerBlock.Weights {
        var weights = weights
        let names = blueprint.tensors.layer
        func replace(_ norm: inout Norm?, _ path: String?) throws {
            guard let own = norm, let path, hasTrained(path, ofLayer: index) else { return }
            norm = try self.norm(path, layer: index, columns: own.weight.columns)
        }
        func replace(_ norm: inout Norm, _ path: String) throws {
            var optional: Norm? = norm
            try replace(&optional, path)
            norm = optional ?? norm
        }
        try replace(&weights.attentionNorm, names.attentionNorm)
        try replace(&weights.attentionOutputNorm, names.attentionOutputNorm)
        try replace(&weights.queryNorm, names.queryNorm)
        try replace(&weights.keyNorm, names.keyNorm)
        try replace(&weights.mlpNorm, names.mlpNorm)
        try replace(&weights.mlpOutputNorm, names.mlpOutputNorm)
        return weights
    }

    private func hasTrained(_ path: String, ofLayer index: Int) -> Bool {
        adapter?.parameter(blueprint.modules.name(of: blueprint.tensors.path(path, layer: index)) + ".weight") != nil
    }
}

extension RotaryPositions {
    fileprivate func table(for sizes: TransformerDesign.Sizes) -> RotaryEmbedding {
        scaling.embedding(
            positions: sizes.contextLength, headDimension: sizes.headDimension, components: components, base: base)
    }
}

import Diagnostics
import Numerics
import Weights

/// Reads a backbone's weights as its blueprint says, changed by an adapter where there is one.
struct TransformerCheckpoint: Sendable {
    let source: any TensorSource
    let blueprint: TransformerBlueprint
    let linear: LinearMaker
    /// Merged into the weights when they are decoded.
    var adapter: Adapter?
    /// Whether gradients of what the adapter has whole are asked for.
    var isTraining = false

    /// Checks all tensors' names and shapes, also of layers that are read later.
    init(_ checkpoint: Checkpoint, blueprint: TransformerBlueprint, loading: Transformer.Loading) throws {
        (source, self.blueprint, linear) = (checkpoint.tensors, blueprint, loading.linear)
        try blueprint.expectations().check(source)
        do {
            adapter = try loading.adapter?.fitted(to: blueprint.modules)
        } catch {
            throw error.placed(at: SourceLocation(file: source.path))
        }
    }

    private var tensors: TransformerTensors { blueprint.tensors }
    private var hiddenSize: Int { blueprint.design.sizes.hiddenSize }

    /// The name that adapters give a module.
    private func name(_ path: String, _ layer: Int? = nil) -> String {
        blueprint.modules.name(of: tensors.path(path, layer: layer))
    }

    /// What the adapter has in the place of a module's parameter.
    private func trained(_ path: String, _ layer: Int?, _ suffix: String) -> (
        values: FrozenMatrix, place: ParameterPlace
    )? {
        adapter?.parameter(name(path, layer) + suffix)
    }

    // MARK: Embeddings

    func embeddings() throws -> EmbeddingLayer {
        let own = trained(tensors.tokens, nil, ".weight")
        let tokens =
            try own.map { EmbeddingLayer.Tokens.trained($0.values) }
            ?? .stored(
                source.tensor(named: tensors.storedName(tensors.tokens, layer: nil) + ".weight"))
        var layer = EmbeddingLayer(
            tokens: tokens, scale: blueprint.design.embeddingScale, positions: try positions(),
            firstPosition: tensors.firstPosition, uncountedToken: blueprint.design.uncountedToken,
            norm: try norm(tensors.embeddingNorm))
        if isTraining {
            layer.places = .init(
                tokens: own?.place, positions: tensors.positions.flatMap { trained($0.path, nil, ".weight")?.place },
                tokenTypes: tensors.tokenTypes.flatMap { trained($0.path, nil, ".weight")?.place })
        }
        return layer
    }

    /// What is added to the embedding of a token at each position: its position's vector and the first token type's.
    ///
    /// - Returns: [positions, hidden]; nil where there is nothing to add
    private func positions() throws -> FrozenMatrix? {
        let type = try tensors.tokenTypes.map { FrozenMatrix(freezing: try table($0)[rows: 0..<1]) }
        guard let learned = tensors.positions else {
            guard let type else { return nil }
            // Positions are turned in the layers: each has the first token type's vector alone.
            let positions = Matrix(rows: blueprint.design.sizes.contextLength, columns: hiddenSize)
            positions.fill(0)
            Kernels.addToEachRow(type, of: positions)
            return FrozenMatrix(freezing: positions)
        }
        let positions = try table(learned)[rows: tensors.firstPosition..<learned.rows]
        if let type { Kernels.addToEachRow(type, of: positions) }
        return FrozenMatrix(freezing: positions)
    }

    private func table(_ table: TransformerTensors.Table) throws -> Matrix {
        if let trained = trained(table.path, nil, ".weight") { return trained.values.copy() }
        return try storedTable(table.path, rows: table.rows, columns: table.columns ?? hiddenSize)
    }

    /// What all layers add to attention's scores by distance; nil for nothing.
    func scoreBias() throws -> ScoreBias? {
        let sizes = blueprint.design.sizes
        if let linear = blueprint.design.linearBias {
            return ScoreBias(values: linear.bias(heads: sizes.heads, contextLength: sizes.contextLength))
        }
        guard let positions = blueprint.design.relativePositions, let table = tensors.relativePositions else {
            return nil
        }
        let numbers = FrozenMatrix(freezing: try self.table(table))
        return ScoreBias(
            values: positions.bias(numbers, contextLength: sizes.contextLength),
            place: isTraining ? trained(table.path, nil, ".weight")?.place : nil)
    }

    // MARK: Norms

    /// - Parameter path: nil for none
    func norm(_ path: String?, layer: Int? = nil, columns: Int? = nil) throws -> Norm? {
        guard let path else { return nil }
        let weight = try parameter(path, layer, ".weight", columns: columns ?? hiddenSize)
        let bias: FrozenMatrix
        if blueprint.design.norm.hasBias {
            bias = try parameter(path, layer, ".bias", columns: columns ?? hiddenSize)
        } else {
            bias = FrozenMatrix(freezing: Matrix(rows: 1, columns: columns ?? hiddenSize))
        }
        var norm = Norm(kind: blueprint.design.norm, weight: weight, bias: bias)
        if isTraining, let place = trained(path, layer, ".weight")?.place {
            norm.places = .init(weight: place, bias: trained(path, layer, ".bias")?.place)
        }
        return norm
    }

    private func required(_ path: String, layer: Int) throws -> Norm {
        guard let norm = try norm(path, layer: layer) else { throw Diagnostic("expected the norm \"\(path)\"") }
        return norm
    }

    /// A norm's weight, as it is multiplied by, or its bias.
    private func parameter(_ path: String, _ layer: Int?, _ suffix: String, columns: Int) throws -> FrozenMatrix {
        let isWeight = suffix == ".weight"
        if let trained = trained(path, layer, suffix) {
            return FrozenMatrix(freezing: trained.values.copy().adding(isWeight ? tensors.normOffset : 0))
        }
        let stored = isWeight ? tensors.storage.normSuffixes.weight : tensors.storage.normSuffixes.bias
        let vector = try matrix(tensors.storedName(path, layer: layer) + stored, rows: 1, columns: columns)
        return FrozenMatrix(freezing: vector.adding(isWeight ? tensors.storedNormOffset : 0))
    }

    // MARK: Layers

    func layer(_ index: Int) throws -> TransformerBlock.Weights {
        let names = tensors.layer
        let headDimension = blueprint.design.sizes.headDimension
        return TransformerBlock.Weights(
            attentionNorm: try index < tensors.firstAttentionNorm
                ? .identity(columns: hiddenSize) : required(names.attentionNorm, layer: index),
            attentionOutputNorm: try norm(names.attentionOutputNorm, layer: index),
            query: try stack(.query, ofLayer: index), keysValues: try stack(.keysValues, ofLayer: index),
            queryNorm: try norm(names.queryNorm, layer: index, columns: headDimension),
            keyNorm: try norm(names.keyNorm, layer: index, columns: headDimension),
            output: try stack(.output, ofLayer: index), mlpNorm: try required(names.mlpNorm, layer: index),
            mlpOutputNorm: try norm(names.mlpOutputNorm, layer: index), up: try stack(.up, ofLayer: index),
            down: try stack(.down, ofLayer: index))
    }

    /// The parts' outputs under one another, as one linear map.
    private func stack(_ stack: MapStack, ofLayer index: Int) throws -> StackedLinear {
        let parts = tensors.layer.parts(of: stack)
        let outputs = parts.flatMap(\.rows).map(\.count).reduce(0, +)
        let weight = Matrix(rows: outputs, columns: parts[0].map.inputs)
        let bias = parts.contains { $0.map.hasBias } ? Matrix(rows: 1, columns: outputs) : nil
        var start = 0
        for part in parts {
            let isWhole = part.rows == [0..<part.map.outputs]
            let whole =
                isWhole
                ? weight[rows: start..<start + part.map.outputs]
                : Matrix(rows: part.map.outputs, columns: part.map.inputs)
            try decode(part.map, ofLayer: index, into: whole)
            let biases = part.map.hasBias ? try self.bias(of: part.map, layer: index) : nil
            for rows in part.rows {
                if !isWhole { weight[rows: start..<start + rows.count].assign(whole[rows: rows]) }
                if let bias, let biases {
                    bias[columns: start..<start + rows.count].assign(biases[columns: rows])
                }
                start += rows.count
            }
        }
        return StackedLinear(
            linear: linear.linear(weight), bias: bias.map { FrozenMatrix(freezing: $0) },
            changes: isTraining ? try changes(of: stack, ofLayer: index, hasTrainedWeights: true) : [])
    }

    /// A map's weights with the adapter's changes: [outputs, inputs].
    private func decode(_ map: TransformerTensors.Map, ofLayer index: Int, into weight: Matrix) throws {
        if let whole = trained(map.path, index, ".weight") {
            if map.isTransposed {
                weight.assign(whole.values.copy().transposedCopy())
            } else {
                for row in 0..<map.outputs { weight.assign(row: row, from: whole.values, row: row) }
            }
        } else {
            try decodeStored(map, layer: index, into: weight)
        }
        adapter?.mergeLowRank(name(map.path, index), into: weight)
    }

    private func bias(of map: TransformerTensors.Map, layer index: Int) throws -> Matrix {
        if let trained = trained(map.path, index, ".bias") { return trained.values.copy() }
        return try storedBias(map, layer: index)
    }
}

extension Matrix {
    /// With a number added to each element, in place.
    fileprivate func adding(_ number: Float) -> Matrix {
        guard number != 0 else { return self }
        let numbers = Matrix(rows: rows, columns: columns)
        numbers.fill(number)
        Kernels.add(numbers, to: self)
        return self
    }
}

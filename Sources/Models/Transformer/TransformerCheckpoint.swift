import Diagnostics
import Numerics
import Weights

/// Reads a backbone's weights as its blueprint says.
struct TransformerCheckpoint: Sendable {
    private let source: any TensorSource
    private let blueprint: TransformerBlueprint
    private let loading: BackboneFamily.Loading

    /// Checks all tensors' names and shapes, also of layers that are read later.
    init(_ checkpoint: Checkpoint, blueprint: TransformerBlueprint, loading: BackboneFamily.Loading) throws {
        (source, self.blueprint, self.loading) = (checkpoint.tensors, blueprint, loading)
        try expectations().check(source)
        try checkAdapter()
    }

    private var hiddenSize: Int { blueprint.design.sizes.hiddenSize }

    private func expectations() -> TensorExpectations {
        let tensors = blueprint.tensors
        var expected = TensorExpectations(of: blueprint.design.family)
        func requireNorm(_ name: String?, _ width: Int) {
            guard let name else { return }
            expected.require(name + tensors.normSuffixes.weight, [width])
            if case .layer = blueprint.design.norm { expected.require(name + tensors.normSuffixes.bias, [width]) }
        }
        expected.require(tensors.tokens, [blueprint.design.sizes.vocabularySize, hiddenSize])
        for table in [tensors.positions, tensors.tokenTypes].compactMap(\.self) {
            expected.require(table.name, [table.rows, hiddenSize])
        }
        requireNorm(tensors.embeddingNorm, hiddenSize)
        requireNorm(tensors.finalNorm, hiddenSize)
        for layer in tensors.layers {
            let norms = [layer.attentionNorm, layer.attentionOutputNorm, layer.mlpNorm, layer.mlpOutputNorm]
            for norm in norms { requireNorm(norm, hiddenSize) }
            for norm in [layer.queryNorm, layer.keyNorm] { requireNorm(norm, blueprint.design.sizes.headDimension) }
            var seen: Set<String> = []
            for map in layer.maps.map(\.map) where seen.insert(map.name).inserted {
                let shape = [map.outputs, map.inputs]
                expected.require(map.name + ".weight", map.isTransposed ? shape.reversed() : shape)
                if map.hasBias { expected.require(map.name + ".bias", [map.outputs]) }
            }
        }
        tensors.unread.forEach { expected.ignore($0) }
        return expected
    }

    private func checkAdapter() throws {
        guard let adapter = loading.adapter, let layer = blueprint.tensors.layers.first else { return }
        let maps = layer.maps.reduce(into: [Projection: TransformerTensors.Map]()) { maps, part in
            if let projection = part.projection { maps[projection] = part.map }
        }
        for target in adapter.configuration.targets where maps[target] == nil {
            throw Diagnostic(
                "the adapter changes \(target.rawValue), which a \(blueprint.design.family) model doesn't have "
                    + "as a linear map of its own", at: SourceLocation(file: source.path))
        }
        try adapter.check(layerCount: blueprint.tensors.layers.count) { projection in
            maps[projection].map { ($0.inputs, $0.outputs) } ?? (0, 0)
        }
    }

    /// The embedding matrix: [vocabulary, hidden], decoded row by row when asked for.
    func tokens() throws -> StoredTensor { try source.tensor(named: blueprint.tensors.tokens) }

    /// What is added to the embedding of a token at each position: its position's vector and the first token type's.
    ///
    /// - Returns: [positions, hidden]; nil where there is nothing to add
    func positions() throws -> FrozenMatrix? {
        guard let table = blueprint.tensors.positions else { return nil }
        let first = blueprint.tensors.firstPosition
        let all = try matrix(table.name, rows: table.rows, columns: hiddenSize)
        let positions = all[rows: first..<table.rows]
        if let types = blueprint.tensors.tokenTypes {
            let type = try matrix(types.name, rows: types.rows, columns: hiddenSize)[rows: 0..<1]
            Kernels.addToEachRow(FrozenMatrix(freezing: type), of: positions)
        }
        return FrozenMatrix(freezing: positions)
    }

    /// - Parameter name: without suffix; nil for none
    func norm(_ name: String?, columns: Int? = nil) throws -> Norm? {
        guard let name else { return nil }
        let (columns, suffixes) = (columns ?? hiddenSize, blueprint.tensors.normSuffixes)
        let weight = try matrix(name + suffixes.weight, rows: 1, columns: columns)
        let offset = blueprint.tensors.normOffset
        if offset != 0 {
            let ones = Matrix(rows: 1, columns: columns)
            ones.fill(offset)
            Kernels.add(ones, to: weight)
        }
        let bias: Matrix
        if case .layer = blueprint.design.norm {
            bias = try matrix(name + suffixes.bias, rows: 1, columns: columns)
        } else {
            bias = Matrix(rows: 1, columns: columns)
        }
        return Norm(
            kind: blueprint.design.norm, weight: FrozenMatrix(freezing: weight), bias: FrozenMatrix(freezing: bias))
    }

    func layer(_ index: Int) throws -> TransformerBlock.Weights {
        let names = blueprint.tensors.layers[index]
        let headDimension = blueprint.design.sizes.headDimension
        return TransformerBlock.Weights(
            attentionNorm: try required(names.attentionNorm),
            attentionOutputNorm: try norm(names.attentionOutputNorm),
            query: try map(names.query, ofLayer: index), keysValues: try map(names.keysValues, ofLayer: index),
            queryNorm: try norm(names.queryNorm, columns: headDimension),
            keyNorm: try norm(names.keyNorm, columns: headDimension),
            output: try map(names.output, ofLayer: index), mlpNorm: try required(names.mlpNorm),
            mlpOutputNorm: try norm(names.mlpOutputNorm), up: try map(names.up, ofLayer: index),
            down: try map(names.down, ofLayer: index))
    }

    private func required(_ name: String) throws -> Norm {
        guard let norm = try norm(name) else { throw Diagnostic("expected the norm \"\(name)\"") }
        return norm
    }

    /// The parts' outputs under one another, as one linear map.
    private func map(_ parts: [TransformerTensors.Part], ofLayer index: Int) throws -> BiasedLinear {
        let outputs = parts.flatMap(\.rows).map(\.count).reduce(0, +)
        let weight = Matrix(rows: outputs, columns: parts[0].map.inputs)
        let bias = parts.contains { $0.map.hasBias } ? Matrix(rows: 1, columns: outputs) : nil
        var start = 0
        for part in parts {
            let stored = try weights(of: part.map)
            let biases =
                part.map.hasBias ? try matrix(part.map.name + ".bias", rows: 1, columns: part.map.outputs) : nil
            let first = start
            for rows in part.rows {
                weight[rows: start..<start + rows.count].assign(stored[rows: rows])
                if let bias, let biases {
                    bias[columns: start..<start + rows.count].assign(biases[columns: rows])
                }
                start += rows.count
            }
            if let projection = part.projection {
                loading.adapter?.merge(layer: index, projection, into: weight[rows: first..<start])
            }
        }
        return BiasedLinear(linear: loading.linear.linear(weight), bias: bias.map { FrozenMatrix(freezing: $0) })
    }

    /// [outputs, inputs]
    private func weights(of map: TransformerTensors.Map) throws -> Matrix {
        let name = map.name + ".weight"
        guard map.isTransposed else { return try matrix(name, rows: map.outputs, columns: map.inputs) }
        return try matrix(name, rows: map.inputs, columns: map.outputs).transposedCopy()
    }

    private func matrix(_ name: String, rows: Int, columns: Int) throws -> Matrix {
        let tensor = try source.tensor(named: name)
        let matrix = Matrix(rows: rows, columns: columns)
        try matrix.withUnsafeMutableElements(rows: 0..<rows) { elements in
            try tensor.decode(rows: 0..<tensor.rows, into: elements)
        }
        tensor.forget()
        return matrix
    }
}

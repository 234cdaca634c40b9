import Numerics

/// What stands between a sentence's pooled states and its embedding, or its loss: a projection to other dimensions, with
/// parameters of its own. SimCSE's `MLPLayer` (arXiv 2104.08821, section 6.3), sentence-transformers' `Dense`.
///
/// A row of zeros, which stands for no vector, stays zeros and gives nothing to learn. A row's result doesn't depend on its
/// neighbours by a bit.
public struct Head: Sendable {
    public let shape: HeadShape
    /// [1, parameters]
    public let values: FrozenMatrix

    public init(_ shape: HeadShape, values: FrozenMatrix) {
        precondition(values.rows == 1 && values.columns == shape.parameterCount)
        (self.shape, self.values) = (shape, values)
    }

    /// A fresh head: weights and biases between ± 1/√inputs, as PyTorch's `nn.Linear` draws them (Kaiming uniform with slope
    /// √5: He et al., arXiv 1502.01852).
    public init(_ shape: HeadShape, seed: UInt64) {
        let values = Matrix(rows: 1, columns: shape.parameterCount)
        for (index, (layer, offset)) in zip(shape.layers, shape.offsets).enumerated() {
            var random = RandomGenerator(seed: seed, for: .head, part: UInt64(index))
            random.fillKaimingUniform(values.view(from: offset, rows: layer.outputs, columns: layer.inputs))
            guard layer.hasBias else { continue }
            // In rows as long as the weight's: the bound follows from their length.
            let drawn = Matrix(rows: (layer.outputs - 1) / layer.inputs + 1, columns: layer.inputs)
            random.fillKaimingUniform(drawn)
            let numbers = (0..<drawn.rows).flatMap { drawn.array(row: $0) }.prefix(layer.outputs)
            values.view(from: offset + layer.weightCount, rows: 1, columns: layer.outputs).assign(row: 0, from: numbers)
        }
        self.init(shape, values: FrozenMatrix(freezing: values))
    }

    /// - Parameter rows: [rows, inputs]
    /// - Returns: [rows, outputs]
    public func callAsFunction(_ rows: FrozenMatrix) -> FrozenMatrix {
        let out = Matrix(rows: rows.rows, columns: shape.outputs)
        for start in stride(from: 0, to: rows.rows, by: Self.block) {
            let range = start..<min(start + Self.block, rows.rows)
            out[rows: range].assign(record(rows[rows: range].copy()).output)
        }
        return FrozenMatrix(freezing: out)
    }

    /// Rows that are mapped together, for what lies between the layers to stay small.
    private static let block = 1024

    /// What a batch's gradient needs of the way forward.
    public struct Recording {
        /// What each layer got, [rows, inputs].
        fileprivate var inputs: [Matrix] = []
        /// What each layer gave, before its activation and behind it: [rows, outputs].
        fileprivate var mapped: [Matrix] = []
        fileprivate var outputs: [Matrix] = []
        fileprivate let isVector: [Bool]
        /// [rows, outputs]
        public var output: Matrix { outputs[outputs.count - 1] }
    }

    /// The way forward, with what `backward` needs: y = activation(x Wᵀ + b), layer by layer.
    ///
    /// - Parameter rows: [rows, inputs]; must not be written before `backward`
    public func record(_ rows: Matrix) -> Recording {
        precondition(rows.columns == shape.inputs)
        var recording = Recording(isVector: (0..<rows.rows).map { rows.array(row: $0).contains { $0 != 0 } })
        var x = rows
        for (layer, offset) in zip(shape.layers, shape.offsets) {
            let y = Matrix(rows: x.rows, columns: layer.outputs)
            // The library that gives a row the same result among any others.
            LinearMaker().linear(weight(layer, offset).copy()).apply(
                x, into: y, accumulating: false, scratch: LinearScratch())
            if layer.hasBias {
                Kernels.addToEachRow(
                    values.view(from: offset + layer.weightCount, rows: 1, columns: layer.outputs), of: y)
            }
            let out = layer.activation.apply(y)
            recording.inputs.append(x)
            recording.mapped.append(y)
            recording.outputs.append(out)
            x = out
        }
        for (row, isVector) in recording.isVector.enumerated() where !isVector { x[rows: row..<row + 1].fill(0) }
        return recording
    }

    /// The gradient of the rows that were recorded, and of the parameters.
    ///
    /// - Parameters:
    ///   - gradient: of the recording's output, of its shape
    ///   - parameters: [1, parameters], added to
    /// - Returns: [rows, inputs]
    public func backward(_ recording: Recording, gradient: Matrix, into parameters: Matrix) -> Matrix {
        precondition(parameters.rows == 1 && parameters.columns == shape.parameterCount)
        var gradient = gradient.copy()
        for (row, isVector) in recording.isVector.enumerated() where !isVector { gradient[rows: row..<row + 1].fill(0) }
        for index in shape.layers.indices.reversed() {
            let (layer, offset, x) = (shape.layers[index], shape.offsets[index], recording.inputs[index])
            gradient = layer.activation.applyBackward(
                recording.mapped[index], out: recording.outputs[index], gradient: gradient)
            MatrixProduct.multiply(
                gradient.transposed, x.factor,
                into: parameters.view(from: offset, rows: layer.outputs, columns: layer.inputs), accumulating: true)
            if layer.hasBias {
                Kernels.addRows(
                    of: gradient,
                    to: parameters.view(from: offset + layer.weightCount, rows: 1, columns: layer.outputs))
            }
            let xGradient = Matrix(rows: x.rows, columns: layer.inputs)
            MatrixProduct.multiply(gradient.factor, weight(layer, offset).factor, into: xGradient)
            gradient = xGradient
        }
        return gradient
    }

    /// [outputs, inputs]
    private func weight(_ layer: DenseLayer, _ offset: Int) -> FrozenMatrix {
        values.view(from: offset, rows: layer.outputs, columns: layer.inputs)
    }
}

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
    public init(_ shape: HeadShape, seed: UInt64) { self.init(shape, seed: seed, for: .head) }

    /// - Parameter purpose: what the numbers are drawn for, so that a training's head and its objective's layers have other ones
    package init(_ shape: HeadShape, seed: UInt64, for purpose: RandomGenerator.Purpose) {
        let values = Matrix(rows: 1, columns: shape.parameterCount)
        for (index, (step, offset)) in zip(shape.layers, shape.offsets).enumerated() {
            if case .norm(let width) = step {
                values.view(from: offset, rows: 1, columns: width).fill(1)
            }
            guard case .dense(let layer) = step else { continue }
            var random = RandomGenerator(seed: seed, for: purpose, part: UInt64(index))
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

    /// The way forward, with what `backward` needs, layer by layer: of a dense one activation(x Wᵀ + b).
    ///
    /// - Parameter rows: [rows, inputs]; must not be written before `backward`
    public func record(_ rows: Matrix) -> Recording {
        precondition(rows.columns == shape.inputs)
        var recording = Recording(isVector: (0..<rows.rows).map { rows.array(row: $0).contains { $0 != 0 } })
        var x = rows
        for (layer, offset) in zip(shape.layers, shape.offsets) {
            let (y, out) = forward(layer, offset, x)
            recording.inputs.append(x)
            recording.mapped.append(y)
            recording.outputs.append(out)
            x = out
        }
        for (row, isVector) in recording.isVector.enumerated() where !isVector { x[rows: row..<row + 1].fill(0) }
        return recording
    }

    /// A head whose embeddings are the first dimensions of this one's.
    ///
    /// - Parameter count: at most as many as this one has
    package func keeping(_ count: Int) -> Head {
        let first = Head.first(count, of: shape.outputs)
        let all = values.array(row: 0) + first.values.array(row: 0)
        let numbers = Matrix(rows: 1, columns: all.count)
        numbers.assign(row: 0, from: all)
        return Head(HeadShape(shape.layers + first.shape.layers), values: FrozenMatrix(freezing: numbers))
    }

    /// A head that hands the first dimensions of its input on.
    package static func first(_ count: Int, of size: Int) -> Head {
        let numbers = Matrix(rows: 1, columns: count * size)
        numbers.fill(0)
        for index in 0..<count { numbers[0, index * size + index] = 1 }
        return Head(
            HeadShape([DenseLayer(inputs: size, outputs: count, hasBias: false)]),
            values: FrozenMatrix(freezing: numbers))
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
            let place = parameters.view(
                from: shape.offsets[index], rows: 1, columns: shape.layers[index].parameterCount)
            gradient = backward(recording, layer: index, gradient: gradient, into: place)
        }
        return gradient
    }

    /// - Returns: what the layer gives before its activation, and behind it
    private func forward(_ step: HeadLayer, _ offset: Int, _ x: Matrix) -> (mapped: Matrix, output: Matrix) {
        switch step {
        case .dense(let layer):
            let y = mapped(x, by: weight(layer, offset))
            if layer.hasBias {
                Kernels.addToEachRow(
                    values.view(from: offset + layer.weightCount, rows: 1, columns: layer.outputs), of: y)
            }
            let out = layer.activation.apply(y)
            guard layer.residual != .none else { return (y, out) }
            let sum = layer.residual == .input ? x.copy() : mapped(x, by: residual(layer, offset))
            for row in 0..<sum.rows { Kernels.add(out, row: row, scale: 1, to: sum, row: row) }
            return (y, sum)
        case .unitLength:
            let out = Matrix(rows: x.rows, columns: x.columns)
            Kernels.scaleRows(x, by: Self.lengths(of: x).map { 1 / $0 }, into: out)
            return (x, out)
        case .norm(let width):
            let out = Matrix(rows: x.rows, columns: width)
            Kernels.layerNorm(
                x, weight: values.view(from: offset, rows: 1, columns: width),
                bias: values.view(from: offset + width, rows: 1, columns: width), epsilon: HeadLayer.normEpsilon,
                into: out)
            return (x, out)
        case .cut(_, let count):
            let out = Matrix(rows: x.rows, columns: count)
            for row in 0..<x.rows { out.assign(row: row, from: x.array(row: row).prefix(count)) }
            return (x, out)
        }
    }

    /// - Parameters:
    ///   - gradient: of what the layer gave
    ///   - parameters: the gradient of the layer's parameters, [1, parameters], added to
    /// - Returns: the gradient of what it got
    private func backward(
        _ recording: Recording, layer index: Int, gradient: Matrix, into parameters: Matrix
    ) -> Matrix {
        let (x, offset) = (recording.inputs[index], shape.offsets[index])
        let xGradient = Matrix(rows: x.rows, columns: x.columns)
        switch shape.layers[index] {
        case .dense(let layer):
            var inner = gradient
            if layer.residual == .none || layer.activation != .identity {
                // Behind a residual the activation's own result isn't kept.
                let out =
                    layer.residual == .none
                    ? recording.outputs[index] : layer.activation.apply(recording.mapped[index])
                inner = layer.activation.applyBackward(recording.mapped[index], out: out, gradient: gradient)
            }
            MatrixProduct.multiply(
                inner.transposed, x.factor,
                into: parameters.view(from: 0, rows: layer.outputs, columns: layer.inputs), accumulating: true)
            if layer.hasBias {
                Kernels.addRows(
                    of: inner, to: parameters.view(from: layer.weightCount, rows: 1, columns: layer.outputs))
            }
            MatrixProduct.multiply(inner.factor, weight(layer, offset).factor, into: xGradient)
            addResidualBackward(layer, offset, x, gradient: gradient, to: xGradient, into: parameters)
        case .unitLength:
            xGradient.assign(gradient)
            Kernels.unitRowsBackward(recording.outputs[index], lengths: Self.lengths(of: x), gradient: xGradient)
        case .norm(let width):
            Kernels.layerNormBackward(
                x, weight: values.view(from: offset, rows: 1, columns: width), epsilon: HeadLayer.normEpsilon,
                gradient: gradient, into: xGradient,
                parameters: (
                    parameters.view(from: 0, rows: 1, columns: width),
                    parameters.view(from: width, rows: 1, columns: width)
                ))
        case .cut(let width, let count):
            let rest = [Float](repeating: 0, count: width - count)
            for row in 0..<x.rows { xGradient.assign(row: row, from: gradient.array(row: row) + rest) }
        }
        return xGradient
    }

    private func addResidualBackward(
        _ layer: DenseLayer, _ offset: Int, _ x: Matrix, gradient: Matrix, to xGradient: Matrix,
        into parameters: Matrix
    ) {
        switch layer.residual {
        case .none: return
        case .input:
            for row in 0..<x.rows { Kernels.add(gradient, row: row, scale: 1, to: xGradient, row: row) }
        case .map:
            MatrixProduct.multiply(
                gradient.transposed, x.factor,
                into: parameters.view(from: layer.residualOffset, rows: layer.outputs, columns: layer.inputs),
                accumulating: true)
            MatrixProduct.multiply(
                gradient.factor, residual(layer, offset).factor, into: xGradient, accumulating: true)
        }
    }

    /// Of each row, and not below what PyTorch divides by at least.
    private static func lengths(of x: Matrix) -> [Double] {
        Kernels.rowDots(x, x).map { max($0.squareRoot(), HeadLayer.shortestLength) }
    }

    /// x Wᵀ, by the library that gives a row the same result among any others.
    private func mapped(_ x: Matrix, by weight: FrozenMatrix) -> Matrix {
        let y = Matrix(rows: x.rows, columns: weight.rows)
        LinearMaker().linear(weight.copy()).apply(x, into: y, accumulating: false, scratch: LinearScratch())
        return y
    }

    /// [outputs, inputs]
    private func weight(_ layer: DenseLayer, _ offset: Int) -> FrozenMatrix {
        values.view(from: offset, rows: layer.outputs, columns: layer.inputs)
    }

    /// [outputs, inputs]
    private func residual(_ layer: DenseLayer, _ offset: Int) -> FrozenMatrix {
        weight(layer, offset + layer.residualOffset)
    }
}

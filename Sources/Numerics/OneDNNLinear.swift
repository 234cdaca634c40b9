import CKernels
import COneDNN

/// Weights that oneDNN multiplies, packed once in its own order.
public struct OneDNNLinear: Linear {
    /// What is multiplied; sums are float32 in each.
    public enum Arithmetic: Hashable, Sendable {
        case float32
        /// Weights and inputs are rounded to bfloat16 and stored so.
        case bfloat16
        /// Weights and inputs are rounded to bfloat16 and stored as float32.
        case roundedFloat32
    }

    public let inputs: Int
    public let outputs: Int
    public let arithmetic: Arithmetic
    private let weights: OneDNN.PackedWeights
    /// The transposed weights; nil where no gradient is asked for.
    private let backwardWeights: OneDNN.PackedWeights?

    /// - Parameter weight: [outputs, inputs]; rounded in place where the arithmetic rounds
    public init(_ weight: Matrix, arithmetic: Arithmetic, isDifferentiable: Bool = false) {
        inputs = weight.columns
        outputs = weight.rows
        self.arithmetic = arithmetic
        if arithmetic != .float32 { Kernels.roundToBFloat16(weight, into: weight) }
        let type: OneDNN.ElementType = arithmetic == .bfloat16 ? .bfloat16 : .float32
        weights = OneDNN.PackedWeights(weight, type: type)
        backwardWeights = isDifferentiable ? OneDNN.PackedWeights(weight, type: type, isTransposed: true) : nil
    }

    public func apply(_ x: Matrix, into y: Matrix, accumulating: Bool, scratch: LinearScratch) {
        multiply(x, by: weights, into: y, accumulating: accumulating, scratch: scratch)
    }

    public func applyBackward(
        _ gradient: Matrix, into xGradient: Matrix, accumulating: Bool, scratch: LinearScratch
    ) {
        guard let backwardWeights else { preconditionFailure("the gradient of a map that wasn't made differentiable") }
        multiply(gradient, by: backwardWeights, into: xGradient, accumulating: accumulating, scratch: scratch)
    }

    private func multiply(
        _ x: Matrix, by weights: OneDNN.PackedWeights, into y: Matrix, accumulating: Bool, scratch: LinearScratch
    ) {
        precondition(x.columns == weights.inputs && y.columns == weights.outputs && x.rows == y.rows)
        guard arithmetic != .bfloat16, let blocks = OneDNN.rowBlocks else {
            return multiplyAtOnce(x, by: weights, into: y, accumulating: accumulating, scratch: scratch)
        }
        var row = 0
        while x.rows - row >= blocks.least {
            let rows = row..<row + min(blocks.most, (x.rows - row) / blocks.least * blocks.least)
            multiplyAtOnce(
                x[rows: rows], by: weights, into: y[rows: rows], accumulating: accumulating, scratch: scratch)
            row = rows.upperBound
        }
        let rest = row..<x.rows
        guard !rest.isEmpty else { return }
        // What else stands in the block's rows is in nobody's way: a row depends on no other.
        let block = scratch.block(rows: blocks.least, inputs: x.columns, outputs: y.columns)
        block.x[rows: 0..<rest.count].assign(x[rows: rest])
        if accumulating { block.y[rows: 0..<rest.count].assign(y[rows: rest]) }
        multiplyAtOnce(block.x, by: weights, into: block.y, accumulating: accumulating, scratch: scratch)
        y[rows: rest].assign(block.y[rows: 0..<rest.count])
    }

    private func multiplyAtOnce(
        _ x: Matrix, by weights: OneDNN.PackedWeights, into y: Matrix, accumulating: Bool, scratch: LinearScratch
    ) {
        guard x.rows > 0 else { return }
        let operand: OneDNN.Operand
        switch arithmetic {
        case .float32:
            // oneDNN multiplies rows that stand without gaps; with others it takes a slow reference routine.
            let gapless = x.stride == x.columns ? x : scratch.copied(rows: x.rows, columns: x.columns)
            if x.stride != x.columns { gapless.assign(x) }
            operand = OneDNN.Operand(gapless)
        case .roundedFloat32:
            let rounded = scratch.copied(rows: x.rows, columns: x.columns)
            Kernels.roundToBFloat16(x, into: rounded)
            operand = OneDNN.Operand(rounded)
        case .bfloat16:
            let halves = scratch.halves(count: x.rows * x.columns)
            bellm_to_bfloat16(x.base, x.stride, halves, x.rows, x.columns)
            operand = OneDNN.Operand(bfloat16: halves, rows: x.rows, columns: x.columns)
        }
        scratch.product(of: operand, stride: y.stride, accumulating: accumulating, weights: weights)
            .execute(operand, weights: weights, into: y, stream: scratch.stream)
        withExtendedLifetime((x, y)) {}
    }
}

/// One worker's memory for linear maps: copied or rounded inputs, and oneDNN's products by shape.
public final class LinearScratch {
    let stream = OneDNN.Stream()
    /// By their columns: a layer's maps have inputs of two or three widths in turn.
    private var copies: [Int: Matrix] = [:]
    /// Of a few rows, by their columns, what goes in and what comes out.
    private var blocks: (inputs: [Int: Matrix], outputs: [Int: Matrix]) = ([:], [:])
    private var halfStorage = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: 0)
    private var products: [ProductKey: OneDNN.Product] = [:]

    /// What oneDNN compiles a product for.
    private struct ProductKey: Hashable {
        var rows, inputs, outputs, inputStride, outputStride: Int
        var accumulating: Bool
        var type: OneDNN.ElementType
    }

    /// Some hundred: one a chunk length and shape of weights.
    private static let mostProducts = 2048

    public init() {}

    deinit { halfStorage.deallocate() }

    func copied(rows: Int, columns: Int) -> Matrix {
        if let copy = copies[columns], copy.rows >= rows { return copy[rows: 0..<rows] }
        let copy = Matrix(rows: rows, columns: columns)
        copies[columns] = copy
        return copy
    }

    /// Matrices for a product of always as many rows.
    func block(rows: Int, inputs: Int, outputs: Int) -> (x: Matrix, y: Matrix) {
        func kept(_ columns: Int, in matrices: inout [Int: Matrix]) -> Matrix {
            if let matrix = matrices[columns] { return matrix }
            let matrix = Matrix(rows: rows, columns: columns)
            matrices[columns] = matrix
            return matrix
        }
        return (kept(inputs, in: &blocks.inputs), kept(outputs, in: &blocks.outputs))
    }

    func halves(count: Int) -> UnsafeMutablePointer<UInt16> {
        if halfStorage.count < count {
            halfStorage.deallocate()
            halfStorage = .allocate(capacity: count)
        }
        guard let base = halfStorage.baseAddress else { preconditionFailure("no memory for \(count) bfloat16 numbers") }
        return base
    }

    func product(
        of x: OneDNN.Operand, stride: Int, accumulating: Bool, weights: OneDNN.PackedWeights
    ) -> OneDNN.Product {
        let key = ProductKey(
            rows: x.rows, inputs: x.columns, outputs: weights.outputs, inputStride: x.stride, outputStride: stride,
            accumulating: accumulating, type: x.type)
        if let product = products[key] { return product }
        if products.count >= Self.mostProducts { products.removeAll() }
        let product = OneDNN.Product(x, outputStride: stride, accumulating: accumulating, weights: weights)
        products[key] = product
        return product
    }
}

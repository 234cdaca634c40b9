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
        for start in stride(from: 0, to: x.rows, by: blocks.most) {
            let rows = start..<min(start + blocks.most, x.rows)
            let (x, y) = (x[rows: rows], y[rows: rows])
            guard rows.count % blocks.multiple > 0 else {
                multiplyAtOnce(x, by: weights, into: y, accumulating: accumulating, scratch: scratch)
                continue
            }
            // What else stands in the further rows is in nobody's way: a row depends on no other.
            let whole = (rows.count + blocks.multiple - 1) / blocks.multiple * blocks.multiple
            let block = scratch.block(rows: whole, inputs: x.columns, outputs: y.columns)
            block.x[rows: 0..<rows.count].assign(x)
            if accumulating { block.y[rows: 0..<rows.count].assign(y) }
            multiplyAtOnce(block.x, by: weights, into: block.y, accumulating: accumulating, scratch: scratch)
            y.assign(block.y[rows: 0..<rows.count])
        }
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
    /// By their columns, what goes into a product of more rows, and what comes out.
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

    /// Matrices for a product of more rows than there are.
    func block(rows: Int, inputs: Int, outputs: Int) -> (x: Matrix, y: Matrix) {
        func kept(_ columns: Int, in matrices: inout [Int: Matrix]) -> Matrix {
            if let matrix = matrices[columns], matrix.rows >= rows { return matrix[rows: 0..<rows] }
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

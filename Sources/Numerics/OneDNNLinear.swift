import CKernels
import COneDNN

/// Weights that oneDNN multiplies, packed once in its own order. Its AVX-512 kernels give a row the same bits in any company.
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

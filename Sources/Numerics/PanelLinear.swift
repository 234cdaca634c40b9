import CKernels

/// Weights in panels of 16 outputs, packed once, that kernels of this project's own multiply.
///
/// For processors without AVX-512, where no library has products of packed weights that give a row the same bits in any
/// company. Here each sum adds its products in one order, whatever the number of rows.
public struct PanelLinear: Linear {
    public let inputs: Int
    public let outputs: Int
    private let weights: PackedPanels
    /// The transposed weights; nil where no gradient is asked for.
    private let backwardWeights: PackedPanels?
    private let roundsToBFloat16: Bool

    /// - Parameters:
    ///   - weight: [outputs, inputs]; rounded in place where `roundsToBFloat16`
    ///   - roundsToBFloat16: whether weights and inputs are rounded to bfloat16 before they are multiplied as float32
    public init(_ weight: Matrix, roundsToBFloat16: Bool = false, isDifferentiable: Bool = false) {
        (inputs, outputs) = (weight.columns, weight.rows)
        self.roundsToBFloat16 = roundsToBFloat16
        if roundsToBFloat16 { Kernels.roundToBFloat16(weight, into: weight) }
        weights = PackedPanels(weight)
        backwardWeights = isDifferentiable ? PackedPanels(weight, isTransposed: true) : nil
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
        _ x: Matrix, by weights: PackedPanels, into y: Matrix, accumulating: Bool, scratch: LinearScratch
    ) {
        guard roundsToBFloat16 else { return weights.multiply(x, into: y, accumulating: accumulating) }
        let rounded = scratch.copied(rows: x.rows, columns: x.columns)
        Kernels.roundToBFloat16(x, into: rounded)
        weights.multiply(rounded, into: y, accumulating: accumulating)
    }
}

/// A matrix in the order in which `bellm_multiply_panels` reads it.
private struct PackedPanels: Sendable {
    let inputs: Int
    let outputs: Int
    /// [panels · inputs, 16]
    private let elements: FrozenMatrix

    /// - Parameters:
    ///   - weight: [outputs, inputs]
    ///   - isTransposed: the map takes outputs to inputs, as gradients go
    init(_ weight: Matrix, isTransposed: Bool = false) {
        (inputs, outputs) = isTransposed ? (weight.rows, weight.columns) : (weight.columns, weight.rows)
        let width = BELLM_PANEL_OUTPUTS
        let packed = Matrix(rows: (outputs + width - 1) / width * inputs, columns: width)
        let (outputStride, inputStride) = isTransposed ? (1, weight.stride) : (weight.stride, 1)
        bellm_pack_panels(weight.base, outputStride, inputStride, inputs, outputs, packed.base)
        withExtendedLifetime(weight) {}
        elements = FrozenMatrix(freezing: packed)
    }

    func multiply(_ x: Matrix, into y: Matrix, accumulating: Bool) {
        precondition(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
        let packed = elements.readable
        bellm_multiply_panels(
            x.base, x.stride, x.rows, packed.base, inputs, outputs, y.base, y.stride, accumulating ? 1 : 0)
        withExtendedLifetime((x, y, packed)) {}
    }
}

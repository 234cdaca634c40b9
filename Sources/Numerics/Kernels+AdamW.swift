import CKernels

extension Kernels {
    /// What is the same for every parameter in one step of AdamW.
    public struct AdamWStep: Sendable {
        let coefficients: bellm_adamw_step

        /// - Parameters:
        ///   - number: the step's, from 1: for the bias correction
        ///   - decays: β₁ and β₂
        public init(
            number: Int, learningRate: Double, decays: (Double, Double), epsilon: Double, weightDecay: Double
        ) {
            coefficients = bellm_adamw_step(
                first_share: Float(1 - decays.0), second_decay: Float(decays.1), second_share: Float(1 - decays.1),
                weight_factor: Float(1 - learningRate * weightDecay),
                step_size: Float(learningRate / (1 - power(decays.0, number))),
                root_correction: Float((1 - power(decays.1, number)).squareRoot()), epsilon: Float(epsilon))
        }
    }

    /// One step of AdamW, arXiv 1711.05101, algorithm 2, in place: the parameters and both moments.
    ///
    /// - Parameters:
    ///   - gradient: of the parameters' shape
    ///   - first: the running mean of the gradient, as many as there are parameters, row by row
    ///   - second: the running mean of its square, likewise
    public static func adamW(
        _ parameters: Matrix, gradient: Matrix, first: inout [Float], second: inout [Float], step: AdamWStep
    ) {
        let (rows, columns) = (parameters.rows, parameters.columns)
        precondition(gradient.rows == rows && gradient.columns == columns)
        precondition(first.count == rows * columns && second.count == rows * columns)
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                guard let first = first.baseAddress, let second = second.baseAddress else { return }
                withUnsafePointer(to: step.coefficients) { coefficients in
                    for row in 0..<rows {
                        bellm_adamw(
                            parameters.base + row * parameters.stride, gradient.base + row * gradient.stride,
                            first + row * columns, second + row * columns, columns, coefficients)
                    }
                }
            }
        }
        withExtendedLifetime((parameters, gradient)) {}
    }
}

/// By squaring: the same bits everywhere, without a mathematics library.
private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
        if rest & 1 == 1 { result *= square }
        square *= square
        rest >>= 1
    }
    return result
}

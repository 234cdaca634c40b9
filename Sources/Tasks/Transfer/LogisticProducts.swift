import Numerics

/// The two products with the examples' features that an objective and its gradient are made of, in one precision.
protocol LogisticProducts {
    associatedtype Scalar: BinaryFloatingPoint

    /// - Parameter weights: [models, features]
    /// - Returns: [models, examples]
    func logits(_ weights: [Scalar], models: Int) -> [Scalar]

    /// - Parameter residuals: [models, examples]
    /// - Returns: [models, features]
    func gradients(_ residuals: [Scalar], models: Int) -> [Scalar]
}

/// In single precision by packed products: fast for many models.
struct SinglePrecisionProducts: LogisticProducts {
    let features: CentredFeatures
    private let scratch = LinearScratch()

    init(_ features: CentredFeatures) { self.features = features }

    func logits(_ weights: [Float], models: Int) -> [Float] {
        apply(
            features.forward, to: Matrix(rows: models, columns: features.features, weights), giving: features.examples)
    }

    func gradients(_ residuals: [Float], models: Int) -> [Float] {
        apply(
            features.backward, to: Matrix(rows: models, columns: features.examples, residuals),
            giving: features.features)
    }

    private func apply(_ map: OpenBLASLinear, to input: Matrix, giving columns: Int) -> [Float] {
        let output = Matrix(rows: input.rows, columns: columns)
        map.apply(input, into: output, accumulating: false, scratch: scratch)
        return (0..<output.rows).flatMap { output.array(row: $0) }
    }
}

/// In double precision.
struct DoublePrecisionProducts: LogisticProducts {
    let features: CentredFeatures

    func logits(_ weights: [Double], models: Int) -> [Double] { features.precise.transposedProduct(weights) }

    func gradients(_ residuals: [Double], models: Int) -> [Double] { features.precise.product(residuals) }
}

import Diagnostics
import Models
import Numerics

/// What is trained in place of an adapter: the position between two that are there. Self Positioning, arXiv 2410.15035.
public struct Positioning: Sendable {
    public let arc: AdapterArc
    /// Where training begins.
    public let start: AdapterArc.Position
    /// μ: what the loss gets of the scale, times this.
    public let scalePenalty: Double

    public init(_ arc: AdapterArc, from start: AdapterArc.Position, scalePenalty: Double) {
        (self.arc, self.start, self.scalePenalty) = (arc, start, scalePenalty)
    }

    /// a_1, a_2, λ.
    static let count = 3

    var firstValues: [Float] { (start.weights + [start.scale]).map(Float.init) }

    func position(_ values: [Float]) -> AdapterArc.Position {
        let numbers = values.map(Double.init)
        return AdapterArc.Position(weights: Array(numbers.prefix(2)), scale: numbers[2])
    }

    /// The gradient of a_1, a_2 and λ, that of the penalty in it.
    ///
    /// - Parameter parameters: [1, parameters of the adapter]
    func gradient(of parameters: Matrix, at values: [Float]) -> Matrix {
        var gradient = arc.gradient(of: parameters, at: position(values))
        gradient[2] += scalePenalty
        return Matrix(rows: 1, columns: Self.count, gradient.map(Float.init))
    }

    /// What the penalty adds to the loss.
    func penalty(at values: [Float]) -> Double { scalePenalty * position(values).scale }

    /// A step of plain gradient descent.
    ///
    /// - Throws: where it leads to where no position is
    func step(_ parameters: Matrix, gradient: Matrix, learningRate: Double) throws(Diagnostic) {
        Kernels.add(gradient, row: 0, scale: Float(-learningRate), to: parameters, row: 0)
        let position = position(parameters.array(row: 0))
        guard position.weights.reduce(0, +) > 1e-3, position.scale > 0 else {
            throw Diagnostic(
                "the position has left the arc: weights \(position.weights), scale \(position.scale)",
                suggestion: "lower the learning rate")
        }
    }
}

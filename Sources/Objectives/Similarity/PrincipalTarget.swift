import Diagnostics
import Foundation
import Numerics

/// What embeddings come to in few dimensions, which their first dimensions are to be like: E U diag(s), where U and s are the
/// first left singular vectors and values of A, the softmax of the rows of EᵀE / √h. angle_emb 0.6, `pca_compress`.
struct PrincipalTarget {
    /// [rows, dimensions]
    let rows: Matrix

    /// - Parameter embeddings: E, [rows, h]
    /// - Throws: where they aren't finite.
    init(_ embeddings: Matrix, dimensions: Int) throws {
        let width = embeddings.columns
        let affinity = Matrix(rows: width, columns: width)
        MatrixProduct.multiply(
            embeddings.transposed, embeddings.factor, into: affinity, scale: 1 / Float(width).squareRoot())
        _ = Kernels.softmaxRows(affinity)
        let numbers = (0..<width).flatMap { affinity.array(row: $0).map(Double.init) }
        guard let found = LeftSingularVectors(of: numbers, rows: width, count: dimensions) else {
            throw Diagnostic("the embeddings of a batch have no principal components: they aren't finite")
        }
        let directions = Matrix(
            rows: dimensions, columns: width,
            found.vectors.enumerated().map { Float($1 * found.values[$0 / width]) })
        rows = Matrix(rows: embeddings.rows, columns: dimensions)
        MatrixProduct.multiply(embeddings.factor, directions.transposed, into: rows)
    }

    /// MSE(x, p) + T · KL(softmax(p / T) ‖ softmax(x / T)) of the first dimensions x of embeddings, without a gradient for p; adds
    /// `weight` times the gradient of x.
    ///
    /// - Parameter temperature: T; 0 for the first term alone
    func distance(
        of first: Matrix, temperature: Double, addingGradientTo gradient: Matrix, weight: Double
    ) -> Double {
        let share = 1 / Double(rows.rows * rows.columns)
        var sum = 0.0
        for row in 0..<rows.rows {
            for column in 0..<rows.columns {
                let difference = Double(first[row, column]) - Double(rows[row, column])
                sum += difference * difference
                gradient[row, column] += Float(2 * weight * share * difference)
            }
        }
        guard temperature > 0 else { return sum * share }
        let divergence = SoftenedRows(rows, temperature: temperature).divergence(
            from: SoftenedRows(first, temperature: temperature), addingGradientTo: gradient, teacher: nil,
            weight: weight * temperature)
        return sum * share + temperature * divergence
    }
}

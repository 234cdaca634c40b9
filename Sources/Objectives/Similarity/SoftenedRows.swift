import Foundation
import Numerics

/// Rows as distributions over their columns: the softmax of each, divided by a temperature. In double precision.
struct SoftenedRows {
    let temperature: Double
    /// Of each row and column, the logarithm of its probability.
    let logarithms: [[Double]]

    init(_ rows: Matrix, temperature: Double) {
        self.temperature = temperature
        logarithms = (0..<rows.rows).map { row in
            let scaled = rows.array(row: row).map { Double($0) / temperature }
            let largest = scaled.max() ?? 0
            let total = largest + log(scaled.reduce(0) { $0 + exp($1 - largest) })
            return scaled.map { $0 - total }
        }
    }

    /// KL(self ‖ student), the mean over the rows; adds `weight` times its gradient.
    ///
    /// - Parameters:
    ///   - gradient: with respect to the student's rows
    ///   - teacher: with respect to these rows; nil to leave them as they are
    func divergence(
        from student: SoftenedRows, addingGradientTo gradient: Matrix, teacher: Matrix?, weight: Double
    ) -> Double {
        let share = 1 / Double(logarithms.count)
        let scale = weight * share / temperature
        return share
            * logarithms.indices.reduce(0) { sum, row in
                let (own, other) = (logarithms[row], student.logarithms[row])
                let divergence = zip(own, other).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
                for column in own.indices {
                    let probability = exp(own[column])
                    gradient[row, column] += Float(scale * (exp(other[column]) - probability))
                    teacher?[row, column] += Float(scale * probability * (own[column] - other[column] - divergence))
                }
                return sum + divergence
            }
    }
}

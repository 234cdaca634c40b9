import CKernels
import Foundation

/// Rotary position embedding: turns each head's vector by angles that grow with its position, the first half of its
/// components against the second (Hugging Face's layout). RoFormer, arXiv 2104.09864, equation 34.
public struct RotaryEmbedding: Sendable {
    private let cosines: FrozenMatrix  // [positions, headDimension / 2]
    private let sines: FrozenMatrix

    public var positions: Int { cosines.rows }

    /// Angles are rounded to float32 before the cosine is taken, as the reference implementation does: at position
    /// 4,000 that rounding alone moves an angle by 10⁻⁴.
    public init(positions: Int, headDimension: Int, base: Float) {
        precondition(headDimension % 2 == 0)
        let half = headDimension / 2
        let cosines = Matrix(rows: positions, columns: half)
        let sines = Matrix(rows: positions, columns: half)
        for i in 0..<half {
            let frequency = 1 / powf(base, Float(2 * i) / Float(headDimension))
            for position in 0..<positions {
                let angle = Float(position) * frequency
                cosines[position, i] = Float(cos(Double(angle)))
                sines[position, i] = Float(sin(Double(angle)))
            }
        }
        self.cosines = FrozenMatrix(freezing: cosines)
        self.sines = FrozenMatrix(freezing: sines)
    }

    /// Rotates each head of each row in place.
    ///
    /// - Parameters:
    ///   - x: [rows, heads · headDimension]
    ///   - positions: one for each row
    public func rotate(_ x: Matrix, positions: [Int32]) { turn(x, positions: positions, direction: 1) }

    /// Turns the gradient of `rotate`'s result into that of its input, in place: a rotation's transpose turns back.
    public func rotateBackward(_ gradient: Matrix, positions: [Int32]) {
        turn(gradient, positions: positions, direction: -1)
    }

    private func turn(_ x: Matrix, positions: [Int32], direction: Float) {
        let headDimension = 2 * cosines.columns
        precondition(x.columns % headDimension == 0 && positions.count == x.rows)
        precondition(positions.allSatisfy { $0 >= 0 && Int($0) < cosines.rows }, "a position outside the table")
        bellm_rope(
            x.base, x.stride, positions, cosines.readable.base, sines.readable.base, direction,
            x.rows, x.columns / headDimension, headDimension)
        withExtendedLifetime((x, cosines, sines)) {}
    }
}

import CKernels
import Foundation

/// Rotary position embedding: turns each head's vector by angles that grow with its position, the first half of its
/// components against the second (Hugging Face's layout). RoFormer, arXiv 2104.09864, equation 34.
public struct RotaryEmbedding: Sendable {
    private let cosines: FrozenMatrix  // [positions, headDimension / 2]
    private let sines: FrozenMatrix
    /// Components of a head: the first are turned, 2 · `cosines.columns` of them, and the rest stay as they are.
    public let headDimension: Int

    public var positions: Int { cosines.rows }

    /// Angles are rounded to float32 before the cosine is taken, as the reference implementation does: at position
    /// 4,000 that rounding alone moves an angle by 10⁻⁴.
    public init(positions: Int, headDimension: Int, base: Float) {
        self.init(
            positions: positions, frequencies: Self.frequencies(headDimension: headDimension, base: base), scale: 1)
    }

    /// Positions of other frequencies than RoFormer's.
    ///
    /// - Parameters:
    ///   - frequencies: [turned components / 2], radians a position
    ///   - scale: what the turned vectors are multiplied by (YaRN's attention factor)
    ///   - headDimension: nil where a head is turned as a whole
    public init(positions: Int, frequencies: [Float], scale: Float, headDimension: Int? = nil) {
        precondition(headDimension ?? .max >= 2 * frequencies.count)
        self.headDimension = headDimension ?? 2 * frequencies.count
        let cosines = Matrix(rows: positions, columns: frequencies.count)
        let sines = Matrix(rows: positions, columns: frequencies.count)
        for (i, frequency) in frequencies.enumerated() {
            for position in 0..<positions {
                let angle = Float(position) * frequency
                cosines[position, i] = Float(cos(Double(angle))) * scale
                sines[position, i] = Float(sin(Double(angle))) * scale
            }
        }
        self.cosines = FrozenMatrix(freezing: cosines)
        self.sines = FrozenMatrix(freezing: sines)
    }

    /// RoFormer's frequencies: base^(-2i/d) for i from 0 to d/2.
    public static func frequencies(headDimension: Int, base: Float) -> [Float] {
        precondition(headDimension % 2 == 0)
        return (0..<headDimension / 2).map { 1 / powf(base, Float(2 * $0) / Float(headDimension)) }
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
        var rotated = bellm_rotated(head_dimension: headDimension, components: 2 * cosines.columns)
        precondition(x.columns % headDimension == 0 && positions.count == x.rows)
        precondition(positions.allSatisfy { $0 >= 0 && Int($0) < cosines.rows }, "a position outside the table")
        bellm_rope(
            x.base, x.stride, positions, cosines.readable.base, sines.readable.base, direction,
            x.rows, x.columns / headDimension, &rotated)
        withExtendedLifetime((x, cosines, sines)) {}
    }
}

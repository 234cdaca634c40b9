import Foundation
import Numerics

/// What each head adds to attention's scores by distance without learning it: its slope times the distance. Press et al., arXiv
/// 2108.12409.
struct LinearBias: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        /// slope · (key − query). transformers adds slope · key to BLOOM's scores: the two differ by a number that all keys of a
        /// query share, which a softmax doesn't see. In a causal layer it is the paper's −slope · |key − query|. In a
        /// bidirectional one keys ahead of the query gain with their distance, as they do where BLOOM's mask is taken away.
        case ascending
        /// −slope · |key − query|, as encoders have it that were trained with it.
        case symmetric
    }

    var form: Form

    /// Each head's slope: powers of 2^(−8 / n) for n heads; where n is no power of two, those of the power below it, then
    /// every other one of the power above.
    static func slopes(heads: Int) -> [Float] {
        var power = 1
        while 2 * power <= heads { power *= 2 }
        func base(_ count: Int) -> Float { Float(pow(2, -pow(2, -(log2(Double(count)) - 3)))) }
        let (own, others) = (base(power), base(2 * power))
        return (1...power).map { pow(own, Float($0)) }
            + (0..<heads - power).map { pow(others, Float(2 * $0 + 1)) }
    }

    func bias(heads: Int, contextLength: Int) -> DistanceBias {
        let slopes = Self.slopes(heads: heads)
        return DistanceBias(heads: heads, positions: contextLength) { head, distance in
            slopes[head] * Float(form == .symmetric ? -abs(distance) : distance)
        }
    }
}

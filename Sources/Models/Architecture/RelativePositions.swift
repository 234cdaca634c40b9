import Foundation
import Numerics

/// A learned number for each head and each bucket of distances, added to attention's scores in all layers. Raffel et al.,
/// arXiv 1910.10683, section 2.1.
package struct RelativePositions: Hashable, Sendable {
    /// Half of them for keys behind the query, half for the others; half of either for one distance each.
    var buckets = 32
    /// From here on all distances share the last bucket.
    var largestDistance = 128

    package init(buckets: Int = 32, largestDistance: Int = 128) {
        (self.buckets, self.largestDistance) = (buckets, largestDistance)
    }

    /// The bucket of a distance: a key's position less its query's. Float arithmetic, as in transformers, whose rounding
    /// decides at the ends of buckets.
    package func bucket(of distance: Int) -> Int {
        let half = buckets / 2
        let (exact, start, length) = (half / 2, distance > 0 ? half : 0, abs(distance))
        guard length >= exact else { return start + length }
        let range = Float(log(Double(largestDistance) / Double(exact)))
        let share = log(Float(length) / Float(exact)) / range * Float(half - exact)
        return start + min(exact + Int(share), half - 1)
    }

    /// - Parameter table: [buckets, heads]
    func bias(_ table: FrozenMatrix, contextLength: Int) -> DistanceBias {
        DistanceBias(table, positions: contextLength, row: bucket)
    }
}

/// What all layers add to attention's scores.
struct ScoreBias: Sendable {
    var values: DistanceBias
    /// Where the gradient of its table goes; nil where it is frozen.
    var place: ParameterPlace?
}

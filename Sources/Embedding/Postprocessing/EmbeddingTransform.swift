import Diagnostics
import Numerics

/// What is done to finished embeddings, after numbers that are fitted to some of them.
public enum EmbeddingTransform: String, CaseIterable, Hashable, Sendable {
    /// The mean is taken away.
    case centre
    /// The mean is taken away and all directions get the same variance: (x - μ) U Λ^(-1/2) with the covariance U Λ Uᵀ.
    /// Su et al., arXiv 2103.15316, algorithm 1. Directions come in the order of their variance, so that the first k
    /// dimensions are the paper's whitening-k.
    case whiten
}

/// A transform with the numbers that it was fitted to.
public struct FittedTransform: Sendable {
    private let map: AffineMap
    /// The vectors that it was fitted to.
    public let fittedCount: Int
    /// How many directions vary in them; the others become zeros. That of the embeddings where nothing is whitened.
    public let rank: Int

    /// Of the largest eigenvalue: below it, a direction's variance is float32's rounding.
    private static let smallestShare = 1e-10

    /// - Parameters:
    ///   - embeddings: [rows, hidden]
    ///   - chosen: the rows to fit to, each as often as it is named; one of zeros is no vector and doesn't count
    /// - Throws: where no vector is left, or they aren't finite.
    public init(_ transform: EmbeddingTransform, to embeddings: FrozenMatrix, chosen: [Int]) throws(Diagnostic) {
        let isVector = (0..<embeddings.rows).map { embeddings.array(row: $0).contains { $0 != 0 } }
        let statistics = RowStatistics(embeddings, chosen: chosen.filter { isVector[$0] })
        let size = embeddings.columns
        fittedCount = statistics.count
        guard statistics.count > 0, statistics.mean.allSatisfy(\.isFinite) else {
            throw Diagnostic(
                "cannot \(transform.rawValue): "
                    + (statistics.count == 0 ? "no sentence to fit to has a vector" : "an embedding isn't finite"))
        }
        guard transform == .whiten else {
            rank = size
            map = AffineMap(offset: statistics.mean, outputs: size)
            return
        }
        guard let system = SymmetricEigensystem(of: statistics.covariance(), rows: size), system.values[0] > 0 else {
            throw Diagnostic("cannot whiten: the \(statistics.count) vectors to fit to don't differ")
        }
        rank = system.values.prefix { $0 > Self.smallestShare * system.values[0] }.count
        var weights = [Double](repeating: 0, count: size * size)
        for direction in 0..<rank {
            let scale = 1 / system.values[direction].squareRoot()
            for input in 0..<size {
                weights[input * size + direction] = scale * system.vectors[direction * size + input]
            }
        }
        map = AffineMap(offset: statistics.mean, weights: weights, outputs: size)
    }

    /// The transformed rows; one of zeros stays zeros.
    ///
    /// - Returns: [chosen, hidden]
    public func callAsFunction(_ embeddings: FrozenMatrix, chosen: [Int]) -> FrozenMatrix {
        map(embeddings, chosen: chosen)
    }
}

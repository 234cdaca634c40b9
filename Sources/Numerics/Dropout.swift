import CKernels

/// Dropout (Srivastava et al., JMLR 15, 2014): some elements of a matrix are left out at random, the others scaled so that
/// the mean stays. Which ones follows from the seed and an element's place, so a pass that is made again, or taken back,
/// has the same.
public struct Dropout: Hashable, Sendable {
    /// The chance of an element to be left out, below 1.
    public let rate: Float
    public let seed: UInt64

    public init(rate: Float, seed: UInt64) {
        precondition(rate >= 0 && rate < 1)
        (self.rate, self.seed) = (rate, seed)
    }

    /// Another choice of elements, for another matrix.
    public func part(_ number: Int) -> Dropout {
        var seeds = SplitMix64(seed: seed, skipping: number)
        return Dropout(rate: rate, seed: seeds.next())
    }

    fileprivate var mask: bellm_dropout_mask {
        bellm_dropout_mask(
            keys: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)),
            threshold: UInt32(min(Double(rate) * 0x1p32, 0x1p32 - 1)), scale: 1 / (1 - rate))
    }
}

extension Kernels {
    /// out = x with elements left out, or out += that: its own transpose, so gradients go back by it too.
    ///
    /// - Parameter out: of x's shape; may be x
    public static func drop(_ x: Matrix, _ dropout: Dropout, into out: Matrix, accumulating: Bool = false) {
        precondition(out.rows == x.rows && out.columns == x.columns)
        var mask = dropout.mask
        bellm_dropout(
            x.base, x.stride, x.rows, x.columns, &mask, accumulating ? 1 : 0, out.base, out.stride)
        withExtendedLifetime((x, out)) {}
    }
}

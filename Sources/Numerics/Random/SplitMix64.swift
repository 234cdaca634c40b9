/// The generator SplitMix64: the same numbers on every machine, and any of them without those before it.
///
/// Number k, from 1, is a hash of `seed + k γ`. Source: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014, figure 17.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// - Parameter skipped: how many numbers of the sequence to leave out, at no cost.
    package init(seed: UInt64, skipping skipped: Int = 0) {
        state = seed &+ UInt64(truncatingIfNeeded: skipped) &* Self.gamma
    }

    package mutating func next() -> UInt64 {
        state &+= Self.gamma
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1, out of exactly one number of the sequence.
    ///
    /// The high half of a product instead of a rejection loop: no outcome is likelier than another by more than
    /// `bound` / 2⁶⁴.
    package mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}

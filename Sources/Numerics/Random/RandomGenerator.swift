/// Random numbers for a purpose: xoshiro256**, the same on every machine.
///
/// Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021; seeded
/// with SplitMix64, as the authors advise.
package struct RandomGenerator: RandomNumberGenerator, Sendable {
    /// Four words.
    private var state: [UInt64]

    /// What numbers are drawn for: each purpose has a sequence of its own, so that drawing more for one doesn't change
    /// another.
    package enum Purpose: UInt64, Sendable {
        case initialisation = 1
        case order
        case dropout
        case other
        /// Which views of a sentence a step reads.
        case views
        /// A head's first values.
        case head
        /// How many dimensions of its views a step reads.
        case dimensions
        /// Which numbers a merge of adapters drops.
        case merging
        /// First values of an objective's own parameters.
        case objective
    }

    package init(seed: UInt64, for purpose: Purpose = .other, part: UInt64 = 0) {
        var seeds = SplitMix64(seed: seed)
        // A hash of seed, purpose and part: neighbouring seeds give unrelated sequences.
        for word in [purpose.rawValue, part] { seeds = SplitMix64(seed: seeds.next() ^ word) }
        state = (0..<4).map { _ in seeds.next() }
    }

    package mutating func next() -> UInt64 {
        let result = rotated(state[1] &* 5, 7) &* 9
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotated(state[3], 45)
        return result
    }

    private func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }
}

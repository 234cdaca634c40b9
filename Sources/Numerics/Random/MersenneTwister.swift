/// MT19937, the generator behind NumPy's `RandomState`: SentEval's folds are drawn with it.
///
/// Source: M. Matsumoto and T. Nishimura, "Mersenne twister", ACM TOMACS 8(1), 1998; seeded as `init_genrand` of its
/// 2002 version.
package struct MersenneTwister {
    private var state: [UInt32]
    private var next = 624

    package init(seed: UInt32) {
        state = [seed]
        for index in 1..<624 {
            let last = state[index - 1]
            state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(index))
        }
    }

    package mutating func draw() -> UInt32 {
        if next == 624 { twist() }
        var number = state[next]
        next += 1
        number ^= number >> 11
        number ^= (number << 7) & 0x9D2C_5680
        number ^= (number << 15) & 0xEFC6_0000
        return number ^ (number >> 18)
    }

    /// Shuffles as `RandomState.shuffle` does: Fisher and Yates from the end, by masks and rejection.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in elements.indices.dropFirst().reversed() {
            elements.swapAt(last, draw(upTo: UInt32(last)))
        }
    }

    /// A number from 0 to `most`.
    private mutating func draw(upTo most: UInt32) -> Int {
        let mask = UInt32.max >> UInt32(most.leadingZeroBitCount)
        while true {
            let number = draw() & mask
            if number <= most { return Int(number) }
        }
    }

    private mutating func twist() {
        for index in 0..<624 {
            let mixed = (state[index] & 0x8000_0000) | (state[(index + 1) % 624] & 0x7FFF_FFFF)
            state[index] = state[(index + 397) % 624] ^ (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        next = 0
    }
}

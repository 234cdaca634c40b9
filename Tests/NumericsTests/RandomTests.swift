import Numerics
import Testing

@Suite("Random numbers")
struct RandomTests {
    @Test("SplitMix64 gives its published numbers, and skips to any of them")
    func splitMix64() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
        var later = SplitMix64(seed: 1_234_567, skipping: 3)
        #expect(later.next() == expected[3])
    }

    @Test("MT19937 gives the numbers of its reference implementation")
    func mersenneTwister() {
        var generator = MersenneTwister(seed: 5489)
        #expect((0..<3).map { _ in generator.draw() } == [3_499_211_612, 581_869_302, 3_890_346_734])
        for _ in 3..<9999 { _ = generator.draw() }
        #expect(generator.draw() == 4_123_659_995)
    }

    @Test("Seed, purpose and part choose a sequence of xoshiro256**")
    func xoshiro() {
        // By a Python version that gives the authors' first numbers for the state 1, 2, 3, 4.
        let expected: [(RandomGenerator, [UInt64])] = [
            (
                RandomGenerator(seed: 7),
                [7_953_333_946_333_430_750, 7_531_187_560_892_404_050, 2_502_428_268_628_333_920]
            ),
            (
                RandomGenerator(seed: 7, for: .order, part: 3),
                [5_614_923_715_043_601_235, 1_373_133_121_575_282_155, 2_276_314_403_731_487_422]
            ),
        ]
        for (generator, numbers) in expected {
            var generator = generator
            #expect(numbers.map { _ in generator.next() } == numbers)
        }
    }

    @Test("Seeds, purposes and parts have sequences of their own")
    func sequences() {
        let firsts = [
            RandomGenerator(seed: 0), RandomGenerator(seed: 1), RandomGenerator(seed: 0, for: .order),
            RandomGenerator(seed: 0, for: .order, part: 1), RandomGenerator(seed: 1, for: .order),
        ].map { (generator: RandomGenerator) -> UInt64 in
            var generator = generator
            return generator.next()
        }
        #expect(Set(firsts).count == firsts.count)
    }

    @Test("Whole numbers are equally likely, uniform ones stay below 1")
    func distributions() {
        var random = RandomGenerator(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<21_000 { counts[random.integer(below: 7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 3000) < 300 })
        #expect((0..<1000).map { _ in random.uniform() }.allSatisfy { (0..<1).contains($0) })
    }

    @Test("LoRA's A is drawn as PEFT draws it: evenly within ± 1 / √inputs")
    func kaiming() {
        let weights = Matrix(rows: 16, columns: 576)
        var random = RandomGenerator(seed: 1, for: .initialisation)
        random.fillKaimingUniform(weights)
        let draws = weights.elements
        let bound = Float(1 / 576.0.squareRoot())
        #expect(draws.allSatisfy { abs($0) <= bound })
        #expect((draws.max() ?? 0) > 0.99 * bound)
        let variance = draws.reduce(0) { $0 + $1 * $1 } / Float(draws.count)
        #expect(abs(variance / (bound * bound / 3) - 1) < 0.05)
    }
}

import Diagnostics
import Foundation
import Numerics
import Testing
import Training

@Suite("Random numbers and the order of examples")
struct RandomGeneratorTests {
    @Test("The first numbers are those of the authors' xoshiro256** with the state 1, 2, 3, 4")
    func reference() throws {
        var random = try #require(RandomGenerator(state: [1, 2, 3, 4]))
        let expected: [UInt64] = [
            11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
        ]
        #expect((0..<6).map { _ in random.next() } == expected)
        #expect(RandomGenerator(state: [0, 0, 0, 0]) == nil)
        #expect(RandomGenerator(state: [1, 2, 3]) == nil)
    }

    @Test("A saved state goes on with the same numbers; seeds, purposes and parts have sequences of their own")
    func states() throws {
        var random = RandomGenerator(seed: 7)
        for _ in 0..<9 { _ = random.gaussian() }
        var restored = try #require(RandomGenerator(state: random.state))
        #expect((0..<20).map { _ in random.gaussian() } == (0..<20).map { _ in restored.gaussian() })
        let firsts = [
            RandomGenerator(seed: 0), RandomGenerator(seed: 1), RandomGenerator(seed: 0, for: .order),
            RandomGenerator(seed: 0, for: .order, part: 1), RandomGenerator(seed: 1, for: .order),
        ].map { (generator: RandomGenerator) -> UInt64 in
            var generator = generator
            return generator.next()
        }
        #expect(Set(firsts).count == firsts.count)
    }

    @Test("Gaussian draws have mean 0 and deviation 1, whole numbers are equally likely")
    func distributions() {
        var random = RandomGenerator(seed: 3)
        let draws = (0..<20_000).map { _ in random.gaussian() }
        let mean = draws.reduce(0, +) / 20_000
        let variance = draws.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
        #expect(draws.allSatisfy { $0.isFinite })
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
        let draws = elements(weights)
        let bound = Float(1 / 576.0.squareRoot())
        #expect(draws.allSatisfy { abs($0) <= bound })
        #expect((draws.max() ?? 0) > 0.99 * bound)
        let variance = draws.reduce(0) { $0 + $1 * $1 } / Float(draws.count)
        #expect(abs(variance / (bound * bound / 3) - 1) < 0.05)
    }

    @Test("Each epoch shows every example once, in an order of its own that seed and number alone give")
    func order() throws {
        let order = try ExampleOrder(count: 103, batchSize: 10, seed: 5)
        #expect(order.batchesPerEpoch == 10)
        let first = (0..<10).flatMap(order.batch)
        let second = (10..<20).flatMap(order.batch)
        #expect(Set(first).count == 100)
        #expect(Set(second).count == 100)
        #expect(first != second)
        #expect(order.permutation(ofEpoch: 0).sorted() == Array(0..<103))
        #expect(try ExampleOrder(count: 103, batchSize: 10, seed: 5).batch(17) == order.batch(17))
        #expect(try ExampleOrder(count: 103, batchSize: 10, seed: 6).batch(17) != order.batch(17))
        #expect(try ExampleOrder(count: 4, batchSize: 4, seed: 1).batch(2).sorted() == [0, 1, 2, 3])
        for (count, size) in [(3, 4), (0, 1), (3, 0)] {
            #expect(throws: Diagnostic.self) { try ExampleOrder(count: count, batchSize: size, seed: 1) }
        }
    }
}

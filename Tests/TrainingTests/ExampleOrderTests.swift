import Diagnostics
import Testing
import Training

@Suite("The order of examples")
struct ExampleOrderTests {
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

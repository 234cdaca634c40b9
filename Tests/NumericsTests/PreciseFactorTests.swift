import Numerics
import TestSupport
import Testing

@Suite("Products with a matrix of floats in double precision")
struct PreciseFactorTests {
    @Test("Both products are the sums in double precision, over blocks and their rest", arguments: [1, 256, 600])
    func sums(rows: Int) {
        let matrix = Matrix.random(rows: rows, columns: 7, seed: 5)
        var random = SeededRandom(seed: 6)
        let factor = PreciseFactor(matrix.frozen)
        let x = random.floats(3 * 7).map { Double($0) / 3 }
        let y = random.floats(3 * rows).map { Double($0) / 3 }
        let outer = (0..<3).flatMap { model in
            matrix.doubles.map { row in row.indices.reduce(0) { $0 + row[$1] * x[model * 7 + $1] } }
        }
        let inner = (0..<3).flatMap { model in
            (0..<7).map { column in (0..<rows).reduce(0) { $0 + matrix.doubles[$1][column] * y[model * rows + $1] } }
        }
        #expect(zip(factor.transposedProduct(x), outer).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(factor.transposedProduct(x).count == outer.count)
        #expect(zip(factor.product(y), inner).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(factor.product(y).count == inner.count)
    }

    @Test("Of a matrix without rows nothing comes, and nothing adds up to zeros")
    func empty() {
        let factor = PreciseFactor(Matrix(rows: 0, columns: 4).frozen)
        #expect(factor.transposedProduct([1, 2, 3, 4]) == [])
        #expect(factor.product([]) == [])
    }
}

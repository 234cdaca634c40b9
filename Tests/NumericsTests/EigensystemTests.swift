import Numerics
import Testing
import TestSupport

struct EigensystemTests {
    @Test("Eigenvalues come in descending order, with the vectors that the matrix stretches by them")
    func stretches() throws {
        var random = SeededRandom(seed: 3)
        let size = 70  // beyond the size below which LAPACK takes another way
        var matrix = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0...row {
                let value = Double.random(in: -1...1, using: &random)
                matrix[row * size + column] = value
                matrix[column * size + row] = value
            }
        }
        let system = try #require(SymmetricEigensystem(of: matrix, rows: size))
        #expect(system.values == system.values.sorted(by: >))
        for (index, value) in system.values.enumerated() {
            let vector = Array(system.vectors[(index * size)..<((index + 1) * size)])
            let image = (0..<size).map { row in
                zip(matrix[(row * size)..<((row + 1) * size)], vector).map(*).reduce(0, +)
            }
            #expect(zip(image, vector).allSatisfy { abs($0 - value * $1) < 1e-10 })
            #expect(abs(vector.map { $0 * $0 }.reduce(0, +) - 1) < 1e-12)
        }
    }

    @Test("A matrix with a NaN or an infinity has no eigensystem; one of a single element has")
    func edges() {
        #expect(SymmetricEigensystem(of: [1, .nan, .nan, 1], rows: 2) == nil)
        #expect(SymmetricEigensystem(of: [1, 0, 0, .infinity], rows: 2) == nil)
        #expect(SymmetricEigensystem(of: [-4], rows: 1)?.values == [-4])
    }

    @Test("The covariance counts a row as often as it is named")
    func covariance() {
        let rows = FrozenMatrix(freezing: Matrix(rows: 3, columns: 2, [1, 2, 3, 8, 100, 100] as [Float]))
        let statistics = RowStatistics(rows, chosen: [0, 1, 1])
        #expect(statistics.count == 3)
        #expect(zip(statistics.mean, [7.0 / 3, 6]).allSatisfy { abs($0 - $1) < 1e-12 })
        let expected = [8.0 / 9, 8.0 / 3, 8.0 / 3, 8]
        #expect(zip(statistics.covariance(), expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }
}

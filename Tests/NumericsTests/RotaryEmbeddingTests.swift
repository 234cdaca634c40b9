import Foundation
import Numerics
import TestSupport
import Testing

@Suite struct RotaryEmbeddingTests {
    @Test("the first half of each head turns against the second", arguments: [2, 6, 16, 64, 80], awkwardRows)
    func rotatesHalves(dimension: Int, rows: Int) {
        let heads = 3
        let positions = (0..<rows).map { Int32(($0 * 7) % 31) }
        let x = Matrix.random(rows: rows, columns: heads * dimension, seed: 1)
        let expected = zip(x.doubles, positions).flatMap { row, position in
            rotate(row, dimension: dimension, position: Double(position), base: 10000)
        }
        RotaryEmbedding(positions: 31, headDimension: dimension, base: 10000).rotate(x, positions: positions)
        // Angles are rounded to float32: 31 · 2⁻²⁴ or less.
        let difference = Difference(x.elements, expected)
        #expect(difference.largest < 4e-6, "\(difference)")
    }

    @Test("position 0 changes nothing")
    func positionZero() {
        let x = Matrix.random(rows: 1, columns: 32, seed: 2)
        let before = x.elements
        RotaryEmbedding(positions: 1, headDimension: 16, base: 10000).rotate(x, positions: [0])
        #expect(x.elements == before)
    }

    @Test("the product of a rotated query and key depends on the distance of their positions alone")
    func relativePositions() {
        let rotary = RotaryEmbedding(positions: 64, headDimension: 16, base: 10000)
        func product(_ queryPosition: Int32, _ keyPosition: Int32) -> Double {
            let query = Matrix.random(rows: 1, columns: 16, seed: 3)
            let key = Matrix.random(rows: 1, columns: 16, seed: 4)
            rotary.rotate(query, positions: [queryPosition])
            rotary.rotate(key, positions: [keyPosition])
            return zip(query.doubles[0], key.doubles[0]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(abs(product(9, 2) - product(60, 53)) < 1e-5)
        #expect(abs(product(9, 2) - product(9, 3)) > 1e-3)
    }

    @Test("a row gets the same bits alone and among others, and a NaN stays in its row")
    func rowsAreIndependent() {
        let rotary = RotaryEmbedding(positions: 16, headDimension: 6, base: 100)
        let x = Matrix.random(rows: 5, columns: 18, seed: 5)
        x[3, 4] = .nan
        let positions: [Int32] = [3, 0, 15, 7, 3]
        let alone = (0..<5).map { Matrix(rows: 1, columns: 18, x.array(row: $0)) }
        rotary.rotate(x, positions: positions)
        for (row, matrix) in alone.enumerated() {
            rotary.rotate(matrix, positions: [positions[row]])
            #expect(matrix.elements.bits == x.array(row: row).bits)
            #expect(matrix.elements.areFinite == (row != 3))
        }
    }

    @Test("where a part of a head is turned, its rest stays as it is, by a bit")
    func partial() {
        let frequencies = RotaryEmbedding.frequencies(headDimension: 4, base: 50)
        let rotary = RotaryEmbedding(positions: 9, frequencies: frequencies, scale: 1, headDimension: 10)
        let x = Matrix.random(rows: 2, columns: 20, seed: 6)
        let before = x.copy()
        rotary.rotate(x, positions: [8, 2])
        for (row, position) in [8.0, 2].enumerated() {
            for head in [0, 10] {
                let turned = before.array(row: row)[head..<head + 4].map(Double.init)
                let expected = NumericsTests.rotate(turned, dimension: 4, position: position, base: 50)
                #expect(Difference(Array(x.array(row: row)[head..<head + 4]), expected).largest < 1e-6)
                #expect(x.array(row: row)[head + 4..<head + 10] == before.array(row: row)[head + 4..<head + 10])
            }
        }
    }

    @Test("a position outside the table stops the program instead of reading beyond it")
    func positionOutside() async {
        await #expect(processExitsWith: .failure) {
            RotaryEmbedding(positions: 4, headDimension: 2, base: 10).rotate(
                Matrix(rows: 1, columns: 2), positions: [4])
        }
    }
}

private func rotate(_ x: [Double], dimension: Int, position: Double, base: Double) -> [Double] {
    var out = x
    for head in stride(from: 0, to: x.count, by: dimension) {
        for i in 0..<dimension / 2 {
            let angle = position * pow(base, -Double(2 * i) / Double(dimension))
            let (a, b) = (x[head + i], x[head + i + dimension / 2])
            out[head + i] = a * cos(angle) - b * sin(angle)
            out[head + i + dimension / 2] = b * cos(angle) + a * sin(angle)
        }
    }
    return out
}

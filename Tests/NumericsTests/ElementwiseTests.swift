import Foundation
import Numerics
import TestSupport
import Testing

@Suite struct ElementwiseTests {
    @Test("RMSNorm equals the formula in double precision", arguments: awkwardColumns, awkwardRows)
    func normEqualsFormula(columns: Int, rows: Int) {
        let x = Matrix.random(rows: rows, columns: columns, seed: 1, within: 3)
        let weight = Matrix.random(rows: 1, columns: columns, seed: 2)
        let out = Matrix.random(rows: rows, columns: columns, seed: 3)
        Kernels.rmsNorm(x, weight: weight.frozen, epsilon: 1e-5, into: out)
        let expected = x.doubles.flatMap { rmsNorm($0, weight: weight.doubles[0], epsilon: 1e-5) }
        let difference = Difference(out.elements, expected)
        #expect(difference.relative < 1e-6, "\(difference)")
    }

    @Test("RMSNorm may write over its input")
    func normInPlace() {
        let x = Matrix.random(rows: 5, columns: 37, seed: 1)
        let weight = Matrix.random(rows: 1, columns: 37, seed: 2).frozen
        let out = Matrix(rows: 5, columns: 37)
        Kernels.rmsNorm(x, weight: weight, epsilon: 1e-6, into: out)
        Kernels.rmsNorm(x, weight: weight, epsilon: 1e-6, into: x)
        #expect(x.elements.bits == out.elements.bits)
    }

    @Test("RMSNorm of zeros is zeros, thanks to epsilon")
    func normOfZeros() {
        let out = Matrix.random(rows: 2, columns: 19, seed: 1)
        let ones = Matrix(rows: 1, columns: 19, [Float](repeating: 1, count: 19)).frozen
        Kernels.rmsNorm(Matrix(rows: 2, columns: 19), weight: ones, epsilon: 1e-5, into: out)
        #expect(out.elements.allSatisfy { $0 == 0 })
    }

    @Test("SwiGLU equals the formula in double precision", arguments: awkwardColumns, awkwardRows)
    func swiGLUEqualsFormula(columns: Int, rows: Int) {
        let gateUp = Matrix.random(rows: rows, columns: 2 * columns, seed: 4, within: 12)
        let out = Matrix.random(rows: rows, columns: columns, seed: 5)
        Kernels.gate(gateUp, by: .silu, into: out)
        let expected = gateUp.doubles.flatMap { row in (0..<columns).map { swish(row[$0]) * row[columns + $0] } }
        let difference = Difference(out.elements, expected)
        #expect(difference.relative < 1e-6, "\(difference)")
    }

    @Test("SiLU is right to 3e-7 of each value from -87 to 88, in the vectorised columns and the others")
    func exponentialOverItsRange() {
        let gates = (0..<17 * 412).map { Float($0) / 40 - 87 }
        // One column alone goes the scalar way, sixteen the vectorised one.
        for columns in [1, 16] {
            for start in stride(from: 0, to: gates.count - columns, by: columns) {
                let part = Array(gates[start..<start + columns])
                let out = Matrix(rows: 1, columns: columns)
                Kernels.gate(
                    Matrix(rows: 1, columns: 2 * columns, part + [Float](repeating: 1, count: columns)), by: .silu,
                    into: out)
                for (found, gate) in zip(out.elements, part) {
                    let expected = swish(Double(gate))
                    #expect(
                        abs(Double(found) - expected) <= 3e-7 * abs(expected) + 1e-38,
                        "SiLU(\(gate)) = \(found), expected \(expected)")
                }
            }
        }
    }

    @Test("SiLU saturates without overflow: far gates give the gate itself or zero", arguments: [1, 16])
    func swiGLUExtremes(columns: Int) {
        let greatest = Float.greatestFiniteMagnitude
        for (gate, expected) in [(89, 89), (1000, 1000), (greatest, greatest), (-1000, 0), (-greatest, 0), (0, 0)] {
            let gates = [Float](repeating: Float(gate), count: columns)
            let out = Matrix(rows: 1, columns: columns)
            Kernels.gate(
                Matrix(rows: 1, columns: 2 * columns, gates + [Float](repeating: 1, count: columns)), by: .silu,
                into: out)
            #expect(out.elements == [Float](repeating: Float(expected), count: columns), "gate \(gate)")
        }
    }

    @Test("a NaN or an infinity stays visible in its row and out of the others", arguments: [Float.nan, .infinity])
    func notANumberPropagates(bad: Float) {
        for column in [0, 15, 16, 18] {
            let x = Matrix.random(rows: 3, columns: 19, seed: 6)
            x[1, column] = bad
            let out = Matrix(rows: 3, columns: 19)
            Kernels.rmsNorm(x, weight: Matrix.random(rows: 1, columns: 19, seed: 7).frozen, epsilon: 1e-5, into: out)
            #expect(out[1, column].isNaN, "RMSNorm")
            #expect(out.array(row: 0).areFinite && out.array(row: 2).areFinite)

            let gateUp = Matrix.random(rows: 3, columns: 38, seed: 8)
            gateUp[1, column] = bad
            Kernels.gate(gateUp, by: .silu, into: out)
            #expect(!out[1, column].isFinite, "SwiGLU")
            #expect(out.elements.count { !$0.isFinite } == 1)
        }
    }

    @Test("a row whose squares are beyond float32 becomes NaN in a norm, not zeros, and so does its gradient")
    func overflowIsNoZero() {
        for column in [0, 15, 16, 18] {
            let x = Matrix.random(rows: 3, columns: 19, seed: 6)
            x[1, column] = 3e38
            let weight = Matrix.random(rows: 1, columns: 19, seed: 7).frozen
            let out = Matrix(rows: 3, columns: 19)
            let gradient = Matrix.random(rows: 3, columns: 19, seed: 8)
            func check(_ found: Matrix, _ name: String) {
                #expect(found.array(row: 1).allSatisfy { $0.isNaN }, "\(name)")
                #expect(found.array(row: 0).areFinite && found.array(row: 2).areFinite, "\(name)")
            }
            Kernels.rmsNorm(x, weight: weight, epsilon: 1e-5, into: out)
            check(out, "RMSNorm")
            Kernels.layerNorm(x, weight: weight, bias: weight, epsilon: 1e-5, into: out)
            check(out, "LayerNorm")
            let backward = Matrix(rows: 3, columns: 19)
            Kernels.rmsNormBackward(x, weight: weight, epsilon: 1e-5, gradient: gradient, into: backward)
            check(backward, "RMSNorm's gradient")
        }
    }

    @Test("a row gets the same bits alone and among others", arguments: awkwardColumns)
    func rowsAreIndependent(columns: Int) {
        let x = Matrix.random(rows: 5, columns: 2 * columns, seed: 9, within: 5)
        let weight = Matrix.random(rows: 1, columns: 2 * columns, seed: 10).frozen
        let normed = Matrix(rows: 5, columns: 2 * columns)
        let activated = Matrix(rows: 5, columns: columns)
        Kernels.rmsNorm(x, weight: weight, epsilon: 1e-5, into: normed)
        Kernels.gate(x, by: .silu, into: activated)
        for row in 0..<5 {
            let alone = Matrix(rows: 1, columns: 2 * columns, x.array(row: row))
            let aloneNormed = Matrix(rows: 1, columns: 2 * columns)
            let aloneActivated = Matrix(rows: 1, columns: columns)
            Kernels.rmsNorm(alone, weight: weight, epsilon: 1e-5, into: aloneNormed)
            Kernels.gate(alone, by: .silu, into: aloneActivated)
            #expect(aloneNormed.elements.bits == normed.array(row: row).bits)
            #expect(aloneActivated.elements.bits == activated.array(row: row).bits)
        }
    }

    @Test("adding scales one row into another and leaves the rest", arguments: awkwardColumns)
    func addsOneRow(columns: Int) {
        let x = Matrix.random(rows: 3, columns: columns, seed: 11)
        let y = Matrix.random(rows: 2, columns: columns, seed: 12)
        let before = y.copy()
        Kernels.add(x, row: 2, scale: -0.75, to: y, row: 0)
        let expected = zip(before.doubles[0], x.doubles[2]).map { $0 - 0.75 * $1 }
        let difference = Difference(y.array(row: 0), expected)
        #expect(difference.largest < 2e-7, "\(difference)")
        #expect(y.array(row: 1).bits == before.array(row: 1).bits)
    }

    @Test("the maximum of two rows is taken element by element, and NaN wins", arguments: awkwardColumns)
    func maximumOfRows(columns: Int) {
        let x = Matrix.random(rows: 1, columns: columns, seed: 13)
        let y = Matrix.random(rows: 1, columns: columns, seed: 14)
        let expected = zip(x.elements, y.elements).map(max)
        Kernels.maximum(x, row: 0, into: y, row: 0)
        #expect(y.elements == expected)
        for position in Set([0, columns - 1]) {
            let withNaN = Matrix.random(rows: 1, columns: columns, seed: 15)
            withNaN[0, position] = .nan
            let into = Matrix.random(rows: 1, columns: columns, seed: 16)
            Kernels.maximum(withNaN, row: 0, into: into, row: 0)
            #expect(into[0, position].isNaN)
            Kernels.maximum(x, row: 0, into: into, row: 0)
            #expect(into[0, position].isNaN, "a NaN stays")
        }
    }
}

private func rmsNorm(_ x: [Double], weight: [Double], epsilon: Double) -> [Double] {
    let scale = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + epsilon).squareRoot()
    return zip(x, weight).map { $0 * scale * $1 }
}

private func swish(_ x: Double) -> Double { x / (1 + exp(-x)) }

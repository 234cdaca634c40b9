import Foundation
import Numerics
import TestSupport
import Testing

@Suite struct ActivationTests {
    private static let sizes = [1, 5, 16, 37, 64]

    private func naive(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .relu: max(0, x)
        case .silu: x / (1 + exp(-x))
        case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
        case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        }
    }

    private func values(_ count: Int) -> [Float] {
        var random = SeededRandom(seed: UInt64(count))
        return random.floats(count, within: 6)
    }

    @Test(
        "an activation equals its definition in double precision",
        arguments: [Activation.relu, .silu, .gelu, .geluTanh], sizes)
    func activation(_ activation: Activation, columns: Int) {
        let wide = Matrix(rows: 3, columns: columns + 2, values(3 * (columns + 2)))
        let x = wide[columns: 1..<columns + 1]
        let expected = (0..<3).flatMap { x.array(row: $0) }.map { naive(activation, Double($0)) }
        let edges = (wide[0, 0], wide[2, columns + 1])
        Kernels.activate(x, by: activation, into: x)
        let found = (0..<3).flatMap { x.array(row: $0) }
        #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 * max(1, abs($1)) })
        #expect(edges == (wide[0, 0], wide[2, columns + 1]))
    }

    @Test("activations meet large numbers, zeros and NaN as their definitions do")
    func extremes() {
        for activation in [Activation.relu, .silu, .gelu, .geluTanh] {
            let x = Matrix(rows: 1, columns: 6, [0, -0.0, 1e4, -1e4, 1e-20, Float.nan])
            Kernels.activate(x, by: activation, into: x)
            let found = x.array(row: 0)
            #expect(found[0] == 0 && found[1] == 0 && found[2] == 1e4 && found[3] == 0, "\(activation): \(found)")
            #expect(abs(found[4]) <= 1e-20 && found[5].isNaN, "\(activation): \(found)")
        }
    }

    @Test(
        "the gradient of an activation, alone or in a gate, equals finite differences in double precision",
        arguments: [Activation.relu, .silu, .gelu, .geluTanh], sizes)
    func activationBackward(_ activation: Activation, columns: Int) {
        let gateUp = Matrix(rows: 2, columns: 2 * columns, values(4 * columns))
        let gradient = Matrix(rows: 2, columns: columns, values(2 * columns + 1).dropLast())
        let (gate, found) = (gateUp[columns: 0..<columns], Matrix(rows: 2, columns: columns))
        let both = Matrix(rows: 2, columns: 2 * columns)
        Kernels.activateBackward(gate, by: activation, gradient: gradient, into: found)
        Kernels.gateBackward(gateUp, by: activation, gradient: gradient, into: both)
        for row in 0..<2 {
            for column in 0..<columns {
                let (x, up, g) = (
                    Double(gate[row, column]), Double(gateUp[row, columns + column]), Double(gradient[row, column])
                )
                let slope = (naive(activation, x + 1e-5) - naive(activation, x - 1e-5)) / 2e-5
                #expect(abs(Double(found[row, column]) - g * slope) < 1e-5)
                #expect(abs(Double(both[row, column]) - g * up * slope) < 5e-5)
                #expect(abs(Double(both[row, columns + column]) - g * naive(activation, x)) < 5e-5)
            }
        }
    }

    @Test("LayerNorm's gradients equal finite differences in double precision, and are added", arguments: sizes)
    func layerNormBackward(columns: Int) {
        let rows = 3
        let x = Matrix(rows: rows, columns: columns, values(rows * columns))
        let gradient = Matrix(rows: rows, columns: columns, values(rows * columns + 1).dropLast())
        let weight = Matrix(rows: 1, columns: columns, values(columns))
        let found = Matrix(rows: rows, columns: columns)
        let parameters = (weight: Matrix(rows: 1, columns: columns), bias: Matrix(rows: 1, columns: columns))
        found.fill(1)
        parameters.weight.fill(2)
        Kernels.layerNormBackward(
            x, weight: FrozenMatrix(freezing: weight.copy()), epsilon: 1e-3, gradient: gradient, into: found,
            parameters: parameters)
        func normed(_ row: [Double]) -> [Double] {
            let mean = row.reduce(0, +) / Double(columns)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            return row.map { ($0 - mean) / (variance + 1e-3).squareRoot() }
        }
        let all = (0..<rows).map { x.array(row: $0).map(Double.init) }
        func loss(_ row: Int, _ values: [Double]) -> Double {
            normed(values).enumerated().reduce(0) {
                $0 + $1.element * Double(weight[0, $1.offset]) * Double(gradient[row, $1.offset])
            }
        }
        for column in 0..<columns {
            for row in 0..<rows {
                func moved(_ step: Double) -> Double {
                    var values = all[row]
                    values[column] += step
                    return loss(row, values)
                }
                let expected = 1 + (moved(1e-5) - moved(-1e-5)) / 2e-5
                #expect(abs(Double(found[row, column]) - expected) < 2e-4 * max(1, abs(expected)))
            }
            let weightGradient = (0..<rows).reduce(2.0) { $0 + normed(all[$1])[column] * Double(gradient[$1, column]) }
            let biasGradient = (0..<rows).reduce(0.0) { $0 + Double(gradient[$1, column]) }
            #expect(abs(Double(parameters.weight[0, column]) - weightGradient) < 1e-4)
            #expect(abs(Double(parameters.bias[0, column]) - biasGradient) < 1e-4)
        }
    }

    @Test("a gate multiplies the activation of one half by the other", arguments: sizes)
    func gate(columns: Int) {
        let gateUp = Matrix(rows: 2, columns: 2 * columns, values(4 * columns))
        let out = Matrix(rows: 2, columns: columns)
        for activation in [Activation.silu, .geluTanh] {
            Kernels.gate(gateUp, by: activation, into: out)
            for row in 0..<2 {
                let expected = (0..<columns).map {
                    naive(activation, Double(gateUp[row, $0])) * Double(gateUp[row, columns + $0])
                }
                #expect(Difference(out.array(row: row), expected).largest < 1e-5)
            }
        }
    }

    @Test("LayerNorm equals its definition in double precision, with a mean far from zero too", arguments: sizes)
    func layerNorm(columns: Int) {
        let (weight, bias) = (values(columns), values(columns).map { $0 - 1 })
        for offset: Float in [0, 1000] {
            let x = Matrix(rows: 3, columns: columns, values(3 * columns).map { $0 + offset })
            let out = Matrix(rows: 3, columns: columns)
            Kernels.layerNorm(
                x, weight: FrozenMatrix(freezing: Matrix(rows: 1, columns: columns, weight)),
                bias: FrozenMatrix(freezing: Matrix(rows: 1, columns: columns, bias)), epsilon: 1e-3, into: out)
            for row in 0..<3 {
                let values = x.array(row: row).map(Double.init)
                let mean = values.reduce(0, +) / Double(columns)
                let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
                let expected = values.indices.map {
                    (values[$0] - mean) / (variance + 1e-3).squareRoot() * Double(weight[$0]) + Double(bias[$0])
                }
                #expect(Difference(out.array(row: row), expected).largest < (offset == 0 ? 1e-5 : 2e-3))
            }
        }
    }

    @Test("a bias is added to each row, and a matrix to another")
    func sums() {
        let x = Matrix(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
        Kernels.addToEachRow(FrozenMatrix(freezing: Matrix(rows: 1, columns: 3, [10, 20, 30])), of: x)
        #expect(x.array(row: 1) == [14, 25, 36])
        Kernels.add(x.copy(), to: x)
        #expect(x.array(row: 0) == [22, 44, 66])
    }
}

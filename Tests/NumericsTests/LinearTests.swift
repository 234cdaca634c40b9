import Numerics
import TestSupport
import Testing

/// The ways to multiply, each held to the same contract.
enum LinearWay: String, CaseIterable, CustomTestStringConvertible {
    case oneDNN, openBLAS, bfloat16, panels, roundedPanels

    var precision: Precision { self == .bfloat16 || self == .roundedPanels ? .bfloat16 : .float32 }
    var testDescription: String { rawValue }

    /// The first three as the processor has them, the others everywhere.
    func linear(_ weight: Matrix) -> any Linear {
        switch self {
        case .oneDNN: LinearMaker(library: .oneDNN, isDifferentiable: true).linear(weight)
        case .openBLAS: LinearMaker(library: .openBLAS, isDifferentiable: true).linear(weight)
        case .bfloat16: LinearMaker(precision: .bfloat16, isDifferentiable: true).linear(weight)
        case .panels: PanelLinear(weight, isDifferentiable: true)
        case .roundedPanels: PanelLinear(weight, roundsToBFloat16: true, isDifferentiable: true)
        }
    }
}

@Suite struct LinearTests {
    init() { OpenBLAS.useCallingThreadOnly() }

    /// Of copies: rows that stand apart send oneDNN to its reference kernel, a hundred times slower, and bfloat16 rounds
    /// the weights in place.
    private func product(_ x: Matrix, _ weight: Matrix, by way: LinearWay, onto start: Matrix? = nil) -> Matrix {
        let y = (start ?? .random(rows: x.rows, columns: weight.rows, seed: 99)).copy()
        way.linear(weight.copy()).apply(x.copy(), into: y, accumulating: start != nil, scratch: LinearScratch())
        return y
    }

    /// x Wᵀ in double precision, of numbers rounded as the way's precision says.
    private func naive(_ x: Matrix, _ weight: Matrix, _ way: LinearWay) -> [Double] {
        let (x, weight) = (x.copy(), weight.copy())
        if way.precision == .bfloat16 {
            Kernels.roundToBFloat16(x, into: x)
            Kernels.roundToBFloat16(weight, into: weight)
        }
        let columns = weight.doubles
        return x.doubles.flatMap { row in columns.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
    }

    @Test("y = x Wᵀ equals the sum in double precision", arguments: LinearWay.allCases, awkwardColumns)
    func equalsNaive(way: LinearWay, inputs: Int) {
        for rows in awkwardRows {
            for outputs in [1, 16, 19] {
                let x = Matrix.random(rows: rows, columns: inputs, seed: 1)
                let weight = Matrix.random(rows: outputs, columns: inputs, seed: 2)
                let difference = Difference(product(x, weight, by: way).elements, naive(x, weight, way))
                #expect(difference.relative < 1e-5, "\(rows) rows, \(outputs) outputs: \(difference)")
            }
        }
    }

    @Test("accumulating adds to what is there", arguments: LinearWay.allCases, [1, 3, 4, 9])
    func accumulates(way: LinearWay, rows: Int) {
        let x = Matrix.random(rows: rows, columns: 33, seed: 3)
        let weight = Matrix.random(rows: 21, columns: 33, seed: 4)
        let start = Matrix.random(rows: rows, columns: 21, seed: 5)
        let expected = zip(naive(x, weight, way), start.elements).map { $0 + Double($1) }
        let difference = Difference(product(x, weight, by: way, onto: start).elements, expected)
        #expect(difference.relative < 1e-5, "\(difference)")
    }

    @Test(
        "a gradient goes back through the transposed weights", arguments: LinearWay.allCases,
        [(400, 30), (30, 400), (16, 1)])
    func backward(way: LinearWay, shape: (inputs: Int, outputs: Int)) {
        let weight = Matrix.random(rows: shape.outputs, columns: shape.inputs, seed: 4)
        let transposed = Matrix(rows: shape.inputs, columns: shape.outputs)
        for row in 0..<shape.inputs {
            for column in 0..<shape.outputs { transposed[row, column] = weight[column, row] }
        }
        let gradient = Matrix.random(rows: 7, columns: shape.outputs, seed: 3)
        let start = Matrix.random(rows: 7, columns: shape.inputs, seed: 5)
        let product = naive(gradient, transposed, way)
        for accumulating in [false, true] {
            let found = start.copy()
            way.linear(weight.copy()).applyBackward(
                gradient.copy(), into: found, accumulating: accumulating, scratch: LinearScratch())
            let expected = accumulating ? zip(product, start.elements).map { $0 + Double($1) } : product
            let difference = Difference(found.elements, expected)
            #expect(difference.relative < 1e-5, "\(difference)")
        }
    }

    @Test("rows may stand apart", arguments: LinearWay.allCases)
    func strides(way: LinearWay) {
        let x = Matrix.random(rows: 5, columns: 33, seed: 3)
        let weight = Matrix.random(rows: 21, columns: 33, seed: 4)
        let wide = Matrix.random(rows: 5, columns: 25, seed: 5)
        let before = wide.copy()
        way.linear(weight.copy()).apply(
            x, into: wide[columns: 2..<23], accumulating: false, scratch: LinearScratch())
        let difference = Difference(wide[columns: 2..<23].elements, naive(x, weight, way))
        #expect(difference.relative < 1e-5, "\(difference)")
        for columns in [0..<2, 23..<25] {
            #expect(wide[columns: columns].elements.bits == before[columns: columns].elements.bits)
        }
    }

    @Test(
        "a row of a product doesn't depend on the others by a bit, whatever the processor",
        arguments: LinearWay.allCases,
        [
            (576, 576), (576, 384), (576, 3072), (1536, 576), (40, 24), (64, 192), (100, 300), (31, 7), (300, 1),
            (24, 17),
            (17, 33),
        ])
    func rowsAreIndependent(way: LinearWay, shape: (inputs: Int, outputs: Int)) {
        let x = Matrix.random(rows: 400, columns: shape.inputs, seed: 6)
        let weight = Matrix.random(rows: shape.outputs, columns: shape.inputs, seed: 7)
        let all = product(x, weight, by: way)
        let parts =
            [1, 2, 3, 4, 5, 17, 23, 24, 25, 64, 191, 192, 193, 217, 300].map { 0..<$0 }
            + [47..<48, 63..<66, 199..<200, 5..<400]
        for rows in parts {
            let part = product(x[rows: rows], weight, by: way)
            let expected = all[rows: rows]
            let isSame = part.elements.bits == expected.elements.bits
            #expect(isSame, "rows \(rows), \(OpenBLAS.kernel): \(Difference(part.elements, expected.elements))")
        }
    }

    @Test("a NaN stays in its row", arguments: LinearWay.allCases, [2, 8])
    func notANumberStays(way: LinearWay, rows: Int) {
        let x = Matrix.random(rows: rows, columns: 20, seed: 10)
        x[1, 19] = .nan
        let y = product(x, .random(rows: 5, columns: 20, seed: 11), by: way)
        #expect(y.array(row: 1).areNaN)
        for row in 0..<rows where row != 1 { #expect(y.array(row: row).areFinite) }
    }

    @Test("bfloat16 means the same with and without bfloat16 instructions")
    func roundedArithmetic() {
        let x = Matrix.random(rows: 9, columns: 65, seed: 12)
        let weight = Matrix.random(rows: 33, columns: 65, seed: 13)
        let expected = naive(x, weight, .bfloat16)
        // Below AVX-512 oneDNN has no bfloat16 products.
        let all: [OneDNNLinear.Arithmetic] = OneDNN.hasAVX512 ? [.bfloat16, .roundedFloat32] : [.roundedFloat32]
        let maps: [any Linear] =
            all.map { OneDNNLinear(weight.copy(), arithmetic: $0) } + [
                PanelLinear(weight.copy(), roundsToBFloat16: true)
            ]
        for map in maps {
            let y = Matrix(rows: 9, columns: 33)
            map.apply(x, into: y, accumulating: false, scratch: LinearScratch())
            let difference = Difference(y.elements, expected)
            #expect(difference.relative < 1e-5, "\(map): \(difference)")
        }
    }

    @Test("one worker's memory serves maps of several shapes in turn", arguments: LinearWay.allCases)
    func sharedScratch(way: LinearWay) {
        let scratch = LinearScratch()
        for (rows, inputs, outputs) in [(5, 40, 24), (2, 24, 40), (9, 40, 24), (5, 40, 25), (5, 40, 24)] {
            let x = Matrix.random(rows: rows, columns: inputs, seed: 14).copy()
            let weight = Matrix.random(rows: outputs, columns: inputs, seed: 15)
            let y = Matrix(rows: rows, columns: outputs)
            way.linear(weight.copy()).apply(x, into: y, accumulating: false, scratch: scratch)
            #expect(y.elements.bits == product(x, weight, by: way).elements.bits)
        }
    }

    @Test("the measured speed is that of a computer", arguments: MatrixLibrary.allCases)
    func speed(library: MatrixLibrary) {
        let speed = MatrixProductSpeed.measure(LinearMaker(library: library), hiddenSize: 64, rows: 64, threads: 2)
        #expect(speed > 1e8 && speed < 1e14, "\(speed)")
    }
}

@Suite struct BFloat16Tests {
    @Test("rounding to bfloat16 is to the nearest, ties to even")
    func rounding() {
        // 1 + 2⁻⁸ lies between 1 and 1 + 2⁻⁷; so does the next tie between odd and even.
        let cases: [(Float, Float)] = [
            (1, 1), (1 + 0x1p-8, 1), (1 + 0x1.8p-7, 1 + 0x1p-6), (1 + 0x1.01p-8, 1 + 0x1p-7), (-1 - 0x1p-8, -1),
            (0, 0), (-0.0, -0.0), (.greatestFiniteMagnitude, .infinity), (-.infinity, -.infinity), (0x1p-133, 0x1p-133),
        ]
        let x = Matrix(rows: 1, columns: cases.count, cases.map(\.0))
        Kernels.roundToBFloat16(x, into: x)
        #expect(x.elements.bits == cases.map(\.1).bits)
    }

    @Test("a NaN stays a NaN, even one whose upper bits alone would be an infinity")
    func notANumber() {
        let x = Matrix(rows: 1, columns: 3, [.nan, Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFFF_FFFF)])
        Kernels.roundToBFloat16(x, into: x)
        #expect(x.elements.areNaN)
    }
}

import Diagnostics
import Embedding
import Files
import Foundation
import Numerics
import TestSupport
import Testing

/// Tests/Golden/heads.json; dump_heads.py says how it was made.
private struct GoldenHeads: Decodable {
    struct Layer: Decodable {
        var outputs: Int
        var bias: Bool
        var activation: String
    }

    struct Case: Decodable {
        var name: String
        var layers: [Layer]
        var output: [Double]
        var rows: [Double]
        var parameters: [Double]
    }

    struct Function: Decodable {
        var name: String
        var values: [Double]
        var slopes: [Double]
    }

    var rows: Int
    var width: Int
    var heads: [Case]
    var points: [Float]
    var functions: [Function]

    static func load() throws -> GoldenHeads {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("heads.json")))
        return try JSONDecoder().decode(GoldenHeads.self, from: data)
    }
}

@Suite("Heads between pooling and embedding")
struct HeadTests {
    private static func head(_ layers: [DenseLayer], within bound: Float = 0.4) -> Head {
        head(HeadShape(layers), within: bound)
    }

    private static func head(_ shape: HeadShape, within bound: Float = 0.4) -> Head {
        let numbers = FormulaNumbers.floats("head", count: shape.parameterCount, within: bound)
        return Head(shape, values: FrozenMatrix(freezing: Matrix(rows: 1, columns: numbers.count, numbers)))
    }

    private static func matrix(_ name: String, _ rows: Int, _ columns: Int, within bound: Float = 1) -> Matrix {
        Matrix(rows: rows, columns: columns, FormulaNumbers.floats(name, count: rows * columns, within: bound))
    }

    private static func elements(_ matrix: Matrix) -> [Float] { (0..<matrix.rows).flatMap { matrix.array(row: $0) } }

    /// Three layers, one of them without a bias.
    private static let mixed = [
        DenseLayer(inputs: 6, outputs: 5, activation: .tanh),
        DenseLayer(inputs: 5, outputs: 4, hasBias: false, activation: .gelu), DenseLayer(inputs: 4, outputs: 3),
    ]

    @Test("Outputs and gradients are PyTorch's within 1e-5")
    func golden() throws {
        let golden = try GoldenHeads.load()
        #expect(golden.heads.count == 5)
        for expected in golden.heads {
            var layers: [DenseLayer] = []
            for layer in expected.layers {
                layers.append(
                    DenseLayer(
                        inputs: layers.last?.outputs ?? golden.width, outputs: layer.outputs, hasBias: layer.bias,
                        activation: try #require(HeadActivation(rawValue: layer.activation))))
            }
            let head = Self.head(layers)
            let recording = head.record(Self.matrix("rows", golden.rows, golden.width, within: 2))
            let parameters = Matrix(rows: 1, columns: head.shape.parameterCount)
            let gradient = Self.matrix("gradient", golden.rows, head.shape.outputs)
            let rows = head.backward(recording, gradient: gradient, into: parameters)
            for (found, numbers) in [
                (recording.output, expected.output), (rows, expected.rows), (parameters, expected.parameters),
            ] {
                let difference = Difference(Self.elements(found), numbers)
                #expect(difference.relative <= 1e-5, "\(expected.name): \(difference)")
            }
        }
    }

    @Test(
        "Activations and their slopes are PyTorch's within 1e-5, beyond each bend too",
        arguments: HeadActivation.allCases)
    func activations(activation: HeadActivation) throws {
        let golden = try GoldenHeads.load()
        let expected = try #require(golden.functions.first { $0.name == activation.rawValue })
        let one = HeadShape([DenseLayer(inputs: 1, outputs: 1, hasBias: false, activation: activation)])
        let head = Head(one, values: FrozenMatrix(freezing: Matrix(rows: 1, columns: 1, [1])))
        let rows = Matrix(rows: golden.points.count, columns: 1, golden.points)
        let ones = Matrix(rows: rows.rows, columns: 1, golden.points.map { _ in 1 })
        let recording = head.record(rows)
        let slopes = head.backward(recording, gradient: ones, into: Matrix(rows: 1, columns: 1))
        for (found, numbers) in [(recording.output, expected.values), (slopes, expected.slopes)] {
            for (index, (one, other)) in zip(Self.elements(found), numbers).enumerated() {
                let bound = 1e-5 * max(abs(other), 0.1)
                #expect(abs(Double(one) - other) <= bound, "\(golden.points[index]): \(one), \(other)")
            }
        }
    }

    /// All kinds of layers, and both residuals.
    private static let ofAllKinds: [HeadLayer] = {
        var (own, mapped) = (
            DenseLayer(inputs: 6, outputs: 6, activation: .tanh),
            DenseLayer(inputs: 6, outputs: 5, hasBias: false, activation: .gelu)
        )
        (own.residual, mapped.residual) = (.input, .map)
        return [.unitLength(width: 6), .dense(own), .norm(width: 6), .dense(mapped), .cut(width: 5, to: 3)]
    }()

    @Test(
        "Gradients are finite differences of the outputs; a row of zeros stays zeros and has none",
        arguments: [HeadShape(mixed), HeadShape(ofAllKinds)])
    func finiteDifferences(shape: HeadShape) throws {
        let (rows, gradient) = (Self.matrix("x", 4, 6), Self.matrix("g", 4, 3))
        rows[rows: 2..<3].fill(0)
        func value(_ rows: Matrix, _ parameters: [Float]) -> Double {
            let values = FrozenMatrix(freezing: Matrix(rows: 1, columns: parameters.count, parameters))
            let output = Head(shape, values: values).record(rows).output
            return Kernels.rowDots(output, gradient).reduce(0, +)
        }
        let head = Self.head(shape)
        let recording = head.record(rows)
        #expect(recording.output.array(row: 2) == [0, 0, 0])
        let parameters = Matrix(rows: 1, columns: head.shape.parameterCount)
        let rowsGradient = head.backward(recording, gradient: gradient, into: parameters)
        #expect(rowsGradient.array(row: 2).allSatisfy { $0 == 0 })
        let (start, step) = (head.values.array(row: 0), 1e-2 as Float)
        for index in start.indices {
            var (above, below) = (start, start)
            above[index] += step
            below[index] -= step
            let slope = (value(rows, above) - value(rows, below)) / Double(2 * step)
            #expect(abs(slope - Double(parameters[0, index])) < 2e-3, "parameter \(index)")
        }
        for row in [0, 1, 3] {
            for column in 0..<6 {
                let (above, below) = (rows.copy(), rows.copy())
                above[row, column] += step
                below[row, column] -= step
                let slope = (value(above, start) - value(below, start)) / Double(2 * step)
                #expect(abs(slope - Double(rowsGradient[row, column])) < 2e-3, "row \(row), column \(column)")
            }
        }
    }

    @Test("A row's embedding is the same by a bit among any others")
    func companions() {
        let head = Self.head([
            DenseLayer(inputs: 24, outputs: 17, activation: .tanh), DenseLayer(inputs: 17, outputs: 33),
        ])
        let rows = FrozenMatrix(freezing: Self.matrix("rows", 70, 24))
        let together = head(rows)
        for row in [0, 1, 33, 69] {
            #expect(head(rows[rows: row..<row + 1]).array(row: 0).bits == together.array(row: row).bits)
        }
    }

    @Test("A fresh head's numbers are between ± 1/√inputs, follow from the seed, and reach far into that range")
    func initialisation() {
        let shape = HeadShape([DenseLayer(inputs: 16, outputs: 40), DenseLayer(inputs: 40, outputs: 8)])
        let numbers = Head(shape, seed: 3).values.array(row: 0)
        #expect(numbers.bits == Head(shape, seed: 3).values.array(row: 0).bits)
        #expect(numbers.bits != Head(shape, seed: 4).values.array(row: 0).bits)
        let (first, second) = (numbers[..<680], numbers[680...])
        for (part, bound) in [(first, 0.25 as Float), (second, 1 / 40.0.squareRoot().asFloat)] {
            #expect(part.allSatisfy { abs($0) <= bound } && part.contains { abs($0) > 0.95 * bound })
        }
        #expect(Set(numbers[640..<680]).count == 40, "biases are drawn too")
    }

    @Test("What is written is read again by a bit, in the layout of sentence-transformers' Dense")
    func files() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(try Head.read(in: folder) == nil)
            let head = Self.head(Self.mixed)
            try head.write(in: folder)
            let read = try #require(try Head.read(in: folder))
            #expect(read.shape == head.shape && read.values.array(row: 0).bits == head.values.array(row: 0).bits)
            #expect(Head.files(head.shape, in: folder).map(\.path).allSatisfy(FileManager.default.fileExists))
            let config = try JSONDocument(path: folder + "/3_Dense/config.json").root
            #expect(try config.required("in_features").integer() == 5 && config.required("out_features").integer() == 4)
            #expect(try config.required("bias").flag() == false)
            #expect(
                try config.required("activation_function").string() == "torch.nn.modules.activation.GELU")
        }
    }

    @Test(
        "A damaged head is refused with its file and what was expected",
        arguments: [
            ("2_Dense/config.json", "\"in_features\": 6", "\"in_features\": 0", "1 to 65536"),
            ("2_Dense/config.json", "\"in_features\": 6", "\"in_features\": 7", "of another shape"),
            ("2_Dense/config.json", "activation.Tanh", "activation.GLU", "unknown activation"),
            ("2_Dense/config.json", "\"bias\": true", "\"bias\": true, \"dropout\": 0.1", "\"dropout\""),
            ("3_Dense/config.json", "\"in_features\": 5", "\"in_features\": 6", "expected in_features 5"),
            ("3_Dense/config.json", "\"bias\": false", "\"bias\": true", "linear.bias"),
        ])
    func refusals(file: String, old: String, new: String, message: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.head(Self.mixed).write(in: folder)
            let path = folder + "/" + file
            try AtomicFile.replace(path, with: TextFile.text(of: path).replacing(old, with: new))
            let error = #expect(throws: Diagnostic.self) { _ = try Head.read(in: folder) }
            #expect("\(String(describing: error))".contains(message), "\(String(describing: error))")
        }
    }

    @Test("A layer that is missing before another is refused")
    func gaps() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.head(Self.mixed).write(in: folder)
            try FileManager.default.removeItem(atPath: folder + "/3_Dense")
            let error = #expect(throws: Diagnostic.self) { _ = try Head.shape(in: folder) }
            #expect(error?.message.contains("found 4_Dense") == true)
        }
    }
}

extension Double {
    fileprivate var asFloat: Float { Float(self) }
}

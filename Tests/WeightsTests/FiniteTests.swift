import Diagnostics
import TestSupport
import Testing
import Weights

struct FiniteTests {
    @Test(
        "A weight that is no number is refused where it is decoded, with tensor, row and column",
        arguments: [Float.nan, .infinity, -.infinity])
    func refused(_ bad: Float) throws {
        var numbers = (0..<12).map(Float.init)
        numbers[10] = bad
        var writer = GGUFWriter()
        writer.tensors = [.init(name: "blk.0.w", dimensions: [4, 3], data: littleEndian(numbers.map(\.bitPattern)))]
        let tensor = try openGGUF(writer.bytes).tensor(named: "blk.0.w")
        let message = "tensor \"blk.0.w\" has \(bad) in row 2, column 2; expected finite numbers"
        for rows in [0..<3, 2..<3] {
            let error = #expect(throws: Diagnostic.self) { try tensor.decoded(rows: rows) }
            #expect(error?.message == message)
        }
        #expect(try tensor.decoded(rows: 0..<2) == Array(numbers[..<8]))
    }

    @Test("The largest and smallest numbers are numbers")
    func extremes() throws {
        let numbers: [Float] = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0]
        var writer = GGUFWriter()
        writer.tensors = [.init(name: "w", dimensions: [4, 1], data: littleEndian(numbers.map(\.bitPattern)))]
        #expect(try openGGUF(writer.bytes).tensor(named: "w").decoded() == numbers)
    }
}

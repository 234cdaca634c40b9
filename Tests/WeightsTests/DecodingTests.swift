import Diagnostics
import Foundation
import TestSupport
import Testing
import Weights

@Suite("Decoding")
struct DecodingTests {
    @Test(
        "Every supported type is bit-equal to the Python package gguf, doubles to numpy",
        arguments: StorageType.decodable)
    func golden(_ type: StorageType) throws {
        let golden = try #require(try DequantisationGolden.load().types[type.description])
        let expected = golden.expectedFloats
        let blocks = golden.stored.count / type.bytesPerBlock
        #expect(blocks * type.elementsPerBlock == expected.count)
        var writer = GGUFWriter()
        writer.tensors = [
            .init(
                dimensions: [UInt64(type.elementsPerBlock), UInt64(blocks)], type: type.rawValue,
                data: Array(golden.stored))
        ]
        let file = try openGGUF(writer.bytes)
        let tensor = try file.tensor(named: "weight")
        #expect(isBitEqual(try tensor.decodedAsStored(rows: 0..<blocks), expected))
        // Row by row: every block, and every alignment of a block, on its own.
        #expect(isBitEqual(try (0..<blocks).flatMap { try tensor.decodedAsStored(rows: $0..<($0 + 1)) }, expected))
    }

    @Test("All 65,536 half-precision numbers decode as the processor converts them")
    func halves() throws {
        var writer = GGUFWriter()
        writer.tensors = [.init(dimensions: [65_536], type: 1, data: littleEndian(Array(UInt16.min...UInt16.max)))]
        let file = try openGGUF(writer.bytes)
        let expected = (UInt16.min...UInt16.max).map { Float(Float16(bitPattern: $0)) }
        #expect(isBitEqual(try file.tensor(named: "weight").decodedAsStored(rows: 0..<1), expected))
    }

    @Test("A type that cannot be decoded is listed, and named with those that can")
    func unsupported() throws {
        // Those that only safetensors files have are behind ggml's.
        for type in StorageType.allCases where type.rawValue < 1 << 16 && !StorageType.decodable.contains(type) {
            var writer = GGUFWriter()
            let row = UInt64(type.elementsPerBlock)
            writer.tensors = [
                .init(
                    dimensions: [row], type: type.rawValue, data: [UInt8](repeating: 0, count: type.bytesPerBlock))
            ]
            let file = try openGGUF(writer.bytes)
            let tensor = try file.tensor(named: "weight")
            #expect(tensor.type == type)
            #expect(tensor.byteRange.count == type.bytesPerBlock)
            let error = try #require(throws: Diagnostic.self) { try tensor.decoded() }
            #expect(error.message.hasPrefix("tensor \"weight\" is stored as \(type), which cannot be decoded"))
            #expect(error.message.contains("F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, F64, BF16"))
        }
    }

    @Test("Types have ggml's names")
    func names() {
        #expect(StorageType.iq2_XS.description == "IQ2_XS")
        #expect(StorageType(rawValue: 30)?.description == "BF16")
    }

    @Test("Rows beyond the tensor and a destination of another size are errors")
    func misuse() throws {
        let file = try openGGUF(GGUFWriter.example.bytes)
        let tensor = try file.tensor(named: "output.weight")
        #expect(throws: Diagnostic.self) { try tensor.decoded(rows: 1..<3) }
        #expect(throws: Diagnostic.self) { try tensor.decoded(rows: -1..<1) }
        #expect(throws: Diagnostic.self) { try tensor.decoded(rows: 0..<Int.max) }
        #expect(try tensor.decoded(rows: 2..<2).isEmpty)
        var short = [Float](repeating: -1, count: 7)
        #expect(throws: Diagnostic.self) {
            try short.withUnsafeMutableBufferPointer { try tensor.decode(rows: 0..<2, into: $0) }
        }
        #expect(short.allSatisfy { $0 == -1 })
    }
}

/// `dequantise.json`; see the script that wrote it.
struct DequantisationGolden: Decodable {
    struct Blocks: Decodable {
        var stored: Data
        var expected: Data
        var expectedFloats: [Float] { floats(expected) }
    }

    struct Row: Decodable {
        var tensor: String
        var row: Int
        var type: String
        var expected: Data
        var expectedFloats: [Float] { floats(expected) }
    }

    var types: [String: Blocks]
    var model: [Row]

    static func load() throws -> DequantisationGolden {
        let url = URL(fileURLWithPath: Fixtures.golden("dequantise.json"))
        return try JSONDecoder().decode(DequantisationGolden.self, from: Data(contentsOf: url))
    }
}

private func floats(_ data: Data) -> [Float] {
    data.withUnsafeBytes { bytes in
        (0..<(bytes.count / 4)).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
}

/// The same bits everywhere; any NaN equals any other, for their payloads differ between processors.
func isBitEqual(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

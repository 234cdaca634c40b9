import CKernels
import Diagnostics

extension StoredTensor {
    /// Decodes whole rows to float32, bit-equal to ggml's reference (`gguf.quants.dequantize` in Python).
    ///
    /// - Parameters:
    ///   - rows: inside `0..<self.rows`.
    ///   - destination: `rows.count × columns` floats, row after row; memory need not be initialised.
    /// - Throws: a diagnostic with the tensor's name where its type is not among `StorageType.decodable`, where `rows`
    ///   reaches beyond the tensor, where `destination` has another size, or where a number is infinite or none.
    public func decode(rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
        try decodeAsStored(rows: rows, into: destination)
        try checkFinite(UnsafeBufferPointer(destination), from: rows.lowerBound)
    }

    /// As ``decode(rows:into:)``, whatever the numbers are.
    package func decodeAsStored(rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
        guard let kernel = type.kernel else {
            let supported = StorageType.decodable.map(\.description).joined(separator: ", ")
            throw error("is stored as \(type), which cannot be decoded; those supported are \(supported)")
        }
        try checkRows(rows)
        guard destination.count == rows.count * columns else {
            throw error(
                "needs room for \(rows.count * columns) floats to decode \(rows.count) rows, found \(destination.count)"
            )
        }
        guard let target = destination.baseAddress, !rows.isEmpty else { return }
        withUnsafeBytes { bytes in
            let source = bytes[(rows.lowerBound * bytesPerRow)..<(rows.upperBound * bytesPerRow)]
            guard let start = UnsafeRawBufferPointer(rebasing: source).baseAddress else { return }
            kernel(
                start.assumingMemoryBound(to: UInt8.self), target, rows.count * (columns / type.elementsPerBlock))
        }
    }

    /// A number that is none would be in every embedding, and be noticed in none.
    private func checkFinite(_ numbers: UnsafeBufferPointer<Float>, from firstRow: Int) throws {
        // A float of this exponent is infinite or NaN. Without a branch: eight numbers are looked at together.
        let exponent: UInt32 = 0x7F80_0000
        var isSound = true
        for number in numbers { isSound = isSound && number.bitPattern & exponent != exponent }
        guard !isSound, let place = numbers.firstIndex(where: { !$0.isFinite }) else { return }
        throw error(
            "has \(numbers[place]) in row \(firstRow + place / columns), column \(place % columns); expected finite numbers"
        )
    }

    /// The rows in float32, one after the other: `rows.count × columns` numbers.
    public func decoded(rows: Range<Int>) throws -> [Float] {
        let numbers = try decodedAsStored(rows: rows)
        try numbers.withUnsafeBufferPointer { try checkFinite($0, from: rows.lowerBound) }
        return numbers
    }

    /// As ``decoded(rows:)``, whatever the numbers are.
    package func decodedAsStored(rows: Range<Int>) throws -> [Float] {
        // Before anything is allocated for them.
        try checkRows(rows)
        return try [Float](unsafeUninitializedCapacity: rows.count * columns) { buffer, initialisedCount in
            let destination = UnsafeMutableBufferPointer(rebasing: buffer[..<(rows.count * columns)])
            try decodeAsStored(rows: rows, into: destination)
            initialisedCount = rows.count * columns
        }
    }

    /// All elements in float32.
    public func decoded() throws -> [Float] { try decoded(rows: 0..<rows) }

    private func checkRows(_ rows: Range<Int>) throws {
        guard rows.lowerBound >= 0, rows.upperBound <= self.rows else {
            throw error("has \(self.rows) rows; asked for rows \(rows.lowerBound) to \(rows.upperBound)")
        }
    }

    private func error(_ message: String) -> Diagnostic {
        Diagnostic("tensor \"\(name)\" \(message)", at: SourceLocation(file: file.path))
    }
}

extension StorageType {
    /// The types that `StoredTensor.decode(rows:into:)` reads.
    public static let decodable = allCases.filter { $0.kernel != nil }

    /// Blocks, floats, number of blocks; see `dequantise.h`.
    fileprivate typealias Kernel = (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>, Int) -> Void

    fileprivate var kernel: Kernel? {
        switch self {
        case .f32: { UnsafeMutableRawPointer($1).copyMemory(from: $0, byteCount: 4 * $2) }
        case .f16: bellm_dequantise_f16
        case .bf16: bellm_dequantise_bf16
        case .f64: Self.roundDoubles
        case .q4_0: bellm_dequantise_q4_0
        case .q4_1: bellm_dequantise_q4_1
        case .q5_0: bellm_dequantise_q5_0
        case .q5_1: bellm_dequantise_q5_1
        case .q8_0: bellm_dequantise_q8_0
        case .q4_K: bellm_dequantise_q4_K
        case .q5_K: bellm_dequantise_q5_K
        case .q6_K: bellm_dequantise_q6_K
        default: nil
        }
    }

    /// To the nearest float, as PyTorch rounds.
    private static func roundDoubles(_ bytes: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>, _ count: Int) {
        let source = UnsafeRawPointer(bytes)
        for index in 0..<count {
            out[index] = Float(source.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
        }
    }
}

import Files

/// Where a writer's bytes go.
enum ByteSink {
    case file(PendingFile)
    case stream(EmbeddingOutput.Stream)

    func append(_ bytes: [UInt8]) throws {
        switch self {
        case .file(let file): try file.append(bytes)
        case .stream(let write): try write(bytes)
        }
    }

    func finish() throws {
        if case .file(let file) = self { try file.commit() }
    }
}

extension [Float] {
    /// Little-endian, as NumPy's `<f4`.
    var littleEndianBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * count)
        for value in self {
            let bits = value.bitPattern
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        return bytes
    }

    init(littleEndian bytes: [UInt8]) {
        self = Swift.stride(from: 0, to: bytes.count - 3, by: 4).map { start in
            Float(
                bitPattern: UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
                    | UInt32(bytes[start + 3]) << 24)
        }
    }
}

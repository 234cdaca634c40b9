import Diagnostics

/// Reads the fields of a protocol buffer message, and never beyond its end.
/// Source: https://protobuf.dev/programming-guides/encoding/
struct ProtobufReader {
    enum Value {
        case number(UInt64)
        case bits32(UInt32)
        /// A text, bytes or a message.
        case bytes(ArraySlice<UInt8>)
    }

    private let bytes: ArraySlice<UInt8>
    private let path: String
    private var offset: Int

    init(_ bytes: ArraySlice<UInt8>, of path: String) {
        (self.bytes, self.path, offset) = (bytes, path, bytes.startIndex)
    }

    /// The next field; nil at the end of the message.
    mutating func next() throws -> (field: Int, value: Value)? {
        guard offset < bytes.endIndex else { return nil }
        let key = try number()
        guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw damaged("a field's number") }
        return (Int(key >> 3), try value(wireType: key & 7))
    }

    private mutating func value(wireType: UInt64) throws -> Value {
        switch wireType {
        case 0: return .number(try number())
        case 1: return .number(try fixed(8))
        case 2:
            let length = try number()
            guard length <= UInt64(bytes.endIndex - offset) else { throw damaged("\(length) bytes") }
            defer { offset += Int(length) }
            return .bytes(bytes[offset..<offset + Int(length)])
        case 5: return .bits32(UInt32(truncatingIfNeeded: try fixed(4)))
        default: throw damaged("a field's type")
        }
    }

    private mutating func fixed(_ count: Int) throws -> UInt64 {
        guard count <= bytes.endIndex - offset else { throw damaged("\(count) bytes") }
        defer { offset += count }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }

    /// A base-128 varint.
    private mutating func number() throws -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < bytes.endIndex else { break }
            let byte = bytes[offset]
            offset += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw damaged("a number")
    }

    private func damaged(_ expected: String) -> Diagnostic {
        Diagnostic(
            "expected \(expected) at byte \(offset) of a SentencePiece model", at: SourceLocation(file: path),
            suggestion: "the file is cut short, damaged, or of another format")
    }
}

extension ProtobufReader.Value {
    var flag: Bool? { number.map { $0 != 0 } }

    var number: UInt64? {
        if case .number(let number) = self { number } else { nil }
    }

    var float: Float? {
        if case .bits32(let bits) = self { Float(bitPattern: bits) } else { nil }
    }

    var bytes: ArraySlice<UInt8>? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }
}

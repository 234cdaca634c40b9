import Diagnostics
import Files
import Foundation

/// Writes a safetensors file: whole or not at all, the same bytes for the same tensors in any order.
///
/// Tensors are ordered as the reference implementation does: types of more bytes first, then by name; so that each
/// tensor's data is aligned to its type.
public struct SafetensorsWriter: Sendable {
    /// A tensor to write.
    public struct Tensor: Sendable {
        public let name: String
        /// Outermost dimension first; no dimension is zero.
        public let shape: [Int]
        public let type: StorageType
        fileprivate let content: Content

        fileprivate enum Content: Sendable {
            case floats([Float])
            /// Made when they are written, and not kept: a model's are more than memory holds.
            case made(@Sendable () throws -> [Float])
            case stored(StoredTensor)
        }

        /// Numbers that are rounded to `type` when they are written: the nearest, of two as near the even one.
        ///
        /// - Parameters:
        ///   - values: as many as the shape says, row after row
        ///   - type: `f32`, `f16` or `bf16`
        public init(_ name: String, shape: [Int], values: [Float], as type: StorageType = .f32) {
            (self.name, self.shape, self.type, content) = (name, shape, type, .floats(values))
        }

        /// The same of numbers that are made when they are written.
        ///
        /// - Parameter values: makes as many as the shape says, row after row
        public init(
            _ name: String, shape: [Int], as type: StorageType, making values: @escaping @Sendable () throws -> [Float]
        ) {
            (self.name, self.shape, self.type, content) = (name, shape, type, .made(values))
        }

        /// A tensor of another checkpoint, byte for byte.
        public init(copying tensor: StoredTensor, as name: String? = nil) {
            self.name = name ?? tensor.name
            (shape, type, content) = (tensor.shape, tensor.type, .stored(tensor))
        }

        fileprivate var byteCount: Int { shape.reduce(type.bytesPerBlock, *) }
    }

    /// Text pairs for the header's `__metadata__`; readers in Python show them.
    public var metadata: [String: String]
    private var tensors: [Tensor] = []

    public init(metadata: [String: String] = [:]) { self.metadata = metadata }

    public mutating func add(_ tensor: Tensor) { tensors.append(tensor) }

    /// Replaces the file at `path`, or the one that it links to.
    ///
    /// - Throws: where two tensors have one name, a tensor's numbers don't fit its shape, its type can't be written, or
    ///   the file can't. Then the old file stays.
    public func write(to path: String) throws {
        try check(for: path)
        let ordered = tensors.sorted { ($1.type.bytesPerBlock, $0.name) < ($0.type.bytesPerBlock, $1.name) }
        let header = header(of: ordered)
        try OutputDestination(path).replace { temporary in
            do {
                guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
                    throw Diagnostic.system("cannot write", path)
                }
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
                defer { try? handle.close() }
                try handle.write(contentsOf: header)
                for tensor in ordered { try Self.write(tensor, to: handle, of: path) }
            } catch let error as CocoaError {
                throw Diagnostic.system("cannot write", path, error)
            }
        }
    }

    private func check(for path: String) throws {
        var seen: Set<String> = [SafetensorsFile.metadataKey]
        for tensor in tensors {
            func error(_ message: String) -> Diagnostic {
                Diagnostic("tensor \"\(tensor.name)\" \(message)", at: SourceLocation(file: path))
            }
            guard seen.insert(tensor.name).inserted else { throw error("is there twice, or has a reserved name") }
            guard tensor.shape.allSatisfy({ $0 > 0 }) else { throw error("has a dimension below 1: \(tensor.shape)") }
            switch tensor.content {
            case .floats, .made:
                guard [.f32, .f16, .bf16].contains(tensor.type) else {
                    throw error("cannot be written as \(tensor.type); expected F32, F16 or BF16")
                }
                if case .floats(let values) = tensor.content { try tensor.check(values, for: path) }
            case .stored:
                guard StorageType.safetensors.values.contains(tensor.type) else {
                    throw error("is stored as \(tensor.type), which safetensors doesn't have")
                }
            }
        }
    }

    /// The header's length and the header, padded with spaces to a multiple of 8 bytes.
    private func header(of ordered: [Tensor]) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
            members.append("\"\(SafetensorsFile.metadataKey)\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in ordered {
            let end = offset + tensor.byteCount
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(JSONText.quoted(tensor.name)):"
                    + "{\"dtype\":\"\(tensor.type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: -text.count & 7)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }

    /// Floats that are rounded at a time.
    private static let step = 1 << 20

    private static func write(_ tensor: Tensor, to handle: FileHandle, of path: String) throws {
        switch tensor.content {
        case .stored(let stored):
            try stored.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: 4 * step) {
                    try handle.write(contentsOf: Data(bytes[start..<min(start + 4 * step, bytes.count)]))
                }
            }
        case .floats(let values): try write(values, of: tensor, to: handle, of: path)
        case .made(let make):
            let values = try make()
            try tensor.check(values, for: path)
            try write(values, of: tensor, to: handle, of: path)
        }
    }

    private static func write(
        _ values: [Float], of tensor: Tensor, to handle: FileHandle, of path: String
    ) throws {
        for start in stride(from: 0, to: values.count, by: step) {
            let part = values[start..<min(start + step, values.count)]
            if tensor.type == .f16, let large = part.first(where: { $0.isFinite && !Float16($0).isFinite }) {
                throw Diagnostic(
                    "tensor \"\(tensor.name)\" has the number \(large), which float16 doesn't hold",
                    at: SourceLocation(file: path), suggestion: "write it as bfloat16 or float32")
            }
            try handle.write(contentsOf: rounded(part, to: tensor.type))
        }
    }

    private static func rounded(_ values: ArraySlice<Float>, to type: StorageType) -> Data {
        switch type {
        case .f16: values.map { Float16($0).bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
        case .bf16: values.map { bfloat16($0).littleEndian }.withUnsafeBytes { Data($0) }
        default: values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
        }
    }

    /// The upper half of the float's bits, rounded to nearest even; not-a-number stays that.
    private static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }
}

extension SafetensorsWriter.Tensor {
    /// - Parameter path: of the file, for the message
    fileprivate func check(_ values: [Float], for path: String) throws(Diagnostic) {
        guard values.count != shape.reduce(1, *) else { return }
        throw Diagnostic(
            "tensor \"\(name)\" has \(values.count) numbers, its shape \(shape) needs another number",
            at: SourceLocation(file: path))
    }
}

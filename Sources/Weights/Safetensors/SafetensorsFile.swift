import Diagnostics
import Files

/// A checkpoint in Hugging Face's safetensors format, mapped into memory.
///
/// Layout: the header's length in 64 bits; the header, a JSON object of names with `dtype`, `shape` and `data_offsets`;
/// the data, without holes. Source: https://github.com/huggingface/safetensors#format
public struct SafetensorsFile: TensorSource {
    /// The whole file.
    public let file: MappedFile
    /// The text pairs of `__metadata__`, in the order of the file.
    public let metadata: [(key: String, value: String)]
    /// The tensors in the order of their data.
    public let tensors: [StoredTensor]
    private let indices: [String: Int]

    public var path: String { file.path }
    public var files: [MappedFile] { [file] }
    public var names: [String] { tensors.map(\.name) }

    public func tensorIfPresent(_ name: String) -> StoredTensor? { indices[name].map { tensors[$0] } }

    /// Opens the file at `path`: the header is checked, no tensor is decoded.
    ///
    /// - Throws: a diagnostic with the path where the file is missing, cut short, damaged or of another format.
    public init(_ path: String) throws {
        try self.init(MappedFile(path))
    }

    /// Reads a file that is mapped already; throws as `init(_ path:)` does.
    public init(_ file: MappedFile) throws {
        let (header, dataStart) = try Self.header(of: file)
        var metadata: [(key: String, value: String)] = []
        var tensors: [StoredTensor] = []
        for entry in header.members {
            if entry.key == Self.metadataKey {
                metadata = try entry.value.members.map { ($0.key, try $0.value.string()) }
            } else {
                tensors.append(try Self.tensor(entry.key, entry.value, dataStart: dataStart, in: file))
            }
        }
        tensors.sort { ($0.byteRange.lowerBound, $0.name) < ($1.byteRange.lowerBound, $1.name) }
        try Self.checkTiling(tensors, from: dataStart, of: file)
        self.file = file
        self.metadata = metadata
        self.tensors = tensors
        // Unique by their bytes; two that are equal only canonically would be a damaged file.
        indices = Dictionary(zip(tensors.map(\.name), tensors.indices)) { first, _ in first }
        guard indices.count == tensors.count else {
            throw Diagnostic(
                "two tensors' names differ only in how accents are encoded", at: SourceLocation(file: path))
        }
    }

    static let metadataKey = "__metadata__"
    /// The reference implementation's limit.
    private static let longestHeader = 100_000_000

    private static func header(of file: MappedFile) throws -> (root: JSONNode, dataStart: Int) {
        try file.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes, of: file.path)
            let length: UInt64 = try reader.integer("the header's length")
            guard length <= UInt64(min(reader.remaining, longestHeader)) else {
                throw reader.error(
                    "expected a safetensors file, which begins with its header's length; \(length) bytes are more than"
                        + " the \(reader.remaining) that follow", suggestion: ByteReader.downloadAgain)
            }
            let dataStart = reader.offset + Int(length)
            guard length > 0, bytes[reader.offset] == UInt8(ascii: "{") else {
                throw reader.error("expected a safetensors file, whose header begins with \"{\"")
            }
            let text = Array(bytes[reader.offset..<dataStart])
            return (try JSONDocument(text, file: file.path).root, dataStart)
        }
    }

    private static func tensor(
        _ name: String, _ entry: JSONNode, dataStart: Int, in file: MappedFile
    ) throws -> StoredTensor {
        let typeNode = try entry.required("dtype")
        let typeName = try typeNode.string()
        guard let type = StorageType.safetensors[typeName] else {
            throw typeNode.error("unknown dtype; expected one of: \(StorageType.safetensors.keys.sorted())")
        }
        let shape = try entry.required("shape").elements().map { try $0.integer() }
        let offsetsNode = try entry.required("data_offsets")
        let offsets = try offsetsNode.elements().map { try $0.integer() }
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= file.count - dataStart else {
            throw offsetsNode.error(
                "expected a begin and an end inside the \(file.count - dataStart) bytes of data, found \(offsets)",
                suggestion: ByteReader.downloadAgain)
        }
        let tensor = try StoredTensor(
            name: name, shape: shape, type: type, offset: dataStart + offsets[0], in: file)
        guard tensor.byteRange.count == offsets[1] - offsets[0] else {
            throw offsetsNode.error(
                "\(type) of shape \(shape) takes \(tensor.byteRange.count) bytes, found \(offsets[1] - offsets[0])")
        }
        return tensor
    }

    /// Throws unless the tensors lie end to end and fill the data.
    private static func checkTiling(_ tensors: [StoredTensor], from start: Int, of file: MappedFile) throws {
        var end = start
        for tensor in tensors {
            guard tensor.byteRange.lowerBound == end else {
                let fault = tensor.byteRange.lowerBound < end ? "overlaps the one before" : "leaves a hole before it"
                throw Diagnostic("tensor \"\(tensor.name)\" \(fault)", at: SourceLocation(file: file.path))
            }
            end = tensor.byteRange.upperBound
        }
        guard end == file.count else {
            throw Diagnostic(
                "\(file.count - end) bytes behind the last tensor belong to none", at: SourceLocation(file: file.path))
        }
    }
}

extension StorageType {
    /// The types by their names in safetensors files.
    static let safetensors: [String: StorageType] = [
        "F64": .f64, "F32": .f32, "F16": .f16, "BF16": .bf16, "I64": .i64, "I32": .i32, "I16": .i16, "I8": .i8,
        "U64": .u64, "U32": .u32, "U16": .u16, "U8": .u8, "BOOL": .bool, "F8_E4M3": .f8_E4M3, "F8_E5M2": .f8_E5M2,
        "F8_E8M0": .f8_E8M0,
    ]
}

import Diagnostics

/// A checkpoint in llama.cpp's GGUF format, versions 2 and 3, little-endian: metadata and tensors, mapped into memory.
///
/// Layout: magic, version, counts; metadata; the tensors' descriptions; padding up to `alignment`; the tensors' data.
/// Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
public struct GGUFFile: TensorSource {
    /// The whole file.
    public let file: MappedFile
    /// The version of the format: 2 or 3.
    public let version: Int
    public let metadata: GGUFMetadata
    /// The tensors in the order of the file.
    public let tensors: [StoredTensor]
    private let indices: [String: Int]

    public var path: String { file.path }
    public var files: [MappedFile] { [file] }
    public var names: [String] { tensors.map(\.name) }

    public func tensorIfPresent(_ name: String) -> StoredTensor? { indices[name].map { tensors[$0] } }

    /// Opens the file at `path`: every field is checked, no tensor is decoded.
    ///
    /// - Throws: a diagnostic with the path where the file is missing, cut short, damaged, of another format, or one
    ///   part of several.
    public init(_ path: String) throws {
        try self.init(MappedFile(path))
    }

    /// Reads a file that is mapped already; throws as `init(_ path:)` does.
    public init(_ file: MappedFile) throws {
        self = try file.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes, of: file.path)
            return try GGUFFile(file, &reader)
        }
    }

    private init(_ file: MappedFile, _ reader: inout ByteReader) throws {
        self.file = file
        version = try Self.version(&reader)
        let tensorCount: UInt64 = try reader.integer("the number of tensors")
        let keyCount: UInt64 = try reader.integer("the number of metadata keys")
        metadata = try GGUFMetadata(keyCount, from: &reader, of: file)
        try Self.rejectSplit(metadata, reader)
        tensors = try Self.tensors(tensorCount, alignment: try Self.alignment(metadata, reader), &reader, of: file)
        // The names are unique: `tensors` has seen to it.
        indices = Dictionary(uniqueKeysWithValues: zip(tensors.map(\.name), tensors.indices))
    }

    private static func version(_ reader: inout ByteReader) throws -> Int {
        let magic: UInt32 = try reader.integer("GGUF's magic number")
        guard magic == 0x4655_4747 else {
            throw reader.error("expected a GGUF file, which begins with \"GGUF\", found \(excerpt(ofMagic: magic))")
        }
        let version: UInt32 = try reader.integer("GGUF's version")
        if version & 0xFFFF == 0, version != 0 {
            throw reader.error(
                "expected a little-endian GGUF file, found a big-endian one (version \(version.byteSwapped))")
        }
        guard version == 2 || version == 3 else {
            throw reader.error(
                "expected GGUF version 2 or 3, found version \(version)",
                suggestion: version == 1 ? "convert the model again with a current llama.cpp" : nil)
        }
        return Int(version)
    }

    /// The first four bytes as a user can recognise them: `"PK.."` for a zip file.
    private static func excerpt(ofMagic magic: UInt32) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: magic >> ($0 * 8)) }
        let text = bytes.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        return "\"\(text)\" (hexadecimal \(digits))"
    }

    private static func rejectSplit(_ metadata: GGUFMetadata, _ reader: ByteReader) throws {
        guard let parts = try metadata.integerIfPresent("split.count"), parts > 1 else { return }
        throw reader.error(
            "expected a whole model, found one of \(parts) parts (metadata key \"split.count\")",
            suggestion: "join them with llama.cpp's `llama-gguf-split --merge`")
    }

    /// The data's alignment in bytes, 32 where the file doesn't say.
    private static func alignment(_ metadata: GGUFMetadata, _ reader: ByteReader) throws -> Int {
        let alignment = try metadata.integerIfPresent("general.alignment") ?? 32
        guard alignment > 0, alignment <= 1 << 30, alignment.nonzeroBitCount == 1 else {
            throw reader.error("expected \"general.alignment\" to be a power of two up to 2^30, found \(alignment)")
        }
        return alignment
    }
}

import Diagnostics

extension GGUFFile {
    /// GGML_MAX_DIMS.
    private static let mostDimensions = 4
    /// In bytes, after the specification; llama.cpp allows one less.
    private static let longestName = 64
    /// A name of one byte after its length, the number of dimensions (none), the type, the offset.
    private static let leastDescription = 8 + 1 + 4 + 4 + 8

    /// A tensor's entry in the table; its offset counts from the start of the data.
    private struct Description {
        var name: String
        var shape: [Int]
        var type: StorageType
        var offset: UInt64
    }

    /// Reads the tensor table, and places each tensor in the data after it.
    static func tensors(
        _ count: UInt64, alignment: Int, _ reader: inout ByteReader, of file: MappedFile
    ) throws -> [StoredTensor] {
        try reader.expect(count, ofAtLeast: leastDescription, "the number of tensors")
        let descriptions = try (0..<count).map { try description($0, &reader) }

        var seen = Set<String>()
        if let twice = descriptions.first(where: { !seen.insert($0.name).inserted }) {
            throw reader.error("tensor \"\(twice.name)\" is there twice")
        }
        let dataStart = (reader.offset + alignment - 1) & ~(alignment - 1)
        return try descriptions.map { description in
            guard description.offset.isMultiple(of: UInt64(alignment)) else {
                throw reader.error(
                    "tensor \"\(description.name)\" begins at offset \(description.offset) of the data,"
                        + " which is not a multiple of the alignment \(alignment)")
            }
            guard description.offset <= UInt64(file.count) else {
                throw reader.error(
                    "tensor \"\(description.name)\" begins at offset \(description.offset) of the data,"
                        + " beyond the file's \(file.count) bytes", suggestion: ByteReader.downloadAgain)
            }
            return try StoredTensor(
                name: description.name, shape: description.shape, type: description.type,
                offset: dataStart + Int(description.offset), in: file)
        }
    }

    private static func description(_ index: UInt64, _ reader: inout ByteReader) throws -> Description {
        let name = try reader.name(atMost: longestName, "the name of tensor \(index)")
        let dimensions: UInt32 = try reader.integer("the number of dimensions of tensor \"\(name)\"")
        guard dimensions <= mostDimensions else {
            throw reader.error("tensor \"\(name)\" has \(dimensions) dimensions; expected at most \(mostDimensions)")
        }
        // GGUF writes the innermost dimension first.
        let shape = try (0..<dimensions).map { _ in
            let dimension: UInt64 = try reader.integer("a dimension of tensor \"\(name)\"")
            guard let length = Int(exactly: dimension), length > 0 else {
                throw reader.error("tensor \"\(name)\" has a dimension of \(dimension)")
            }
            return length
        }
        let number: UInt32 = try reader.integer("the storage type of tensor \"\(name)\"")
        guard let type = StorageType(ggml: number) else {
            let known = StorageType.decodable.map(\.description).joined(separator: ", ")
            throw reader.error(
                "tensor \"\(name)\" has the unknown storage type \(number); those supported are \(known)")
        }
        let offset: UInt64 = try reader.integer("the offset of tensor \"\(name)\"")
        return Description(name: name, shape: shape.reversed(), type: type, offset: offset)
    }
}

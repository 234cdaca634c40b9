import Diagnostics

/// A tensor as it lies in a checkpoint: its numbers are decoded when they are asked for.
public struct StoredTensor: Sendable {
    public let name: String
    /// Outermost dimension first, as in PyTorch: `[rows, columns]`. Empty for a scalar. No dimension is zero.
    public let shape: [Int]
    public let type: StorageType
    /// Where the numbers lie in `file`, row after row.
    public let byteRange: Range<Int>
    /// The checkpoint's file.
    public let file: MappedFile

    /// The innermost dimension; 1 for a scalar.
    public var columns: Int { shape.last ?? 1 }
    /// The product of all dimensions but the innermost.
    public var rows: Int { shape.dropLast().reduce(1, *) }
    /// The number of elements.
    public var count: Int { rows * columns }
    public var bytesPerRow: Int { columns / type.elementsPerBlock * type.bytesPerBlock }

    /// Describes a tensor that begins at byte `offset` of `file`.
    ///
    /// - Throws: a diagnostic where a row is not whole blocks of its type, or where the tensor doesn't lie inside the
    ///   file, however large the claimed numbers are.
    init(name: String, shape: [Int], type: StorageType, offset: Int, in file: MappedFile) throws {
        func error(_ message: String, suggestion: String? = nil) -> Diagnostic {
            Diagnostic("tensor \"\(name)\" \(message)", at: SourceLocation(file: file.path), suggestion: suggestion)
        }
        guard shape.allSatisfy({ $0 > 0 }) else { throw error("has a dimension below 1: \(shape)") }
        let columns = shape.last ?? 1
        guard columns.isMultiple(of: type.elementsPerBlock) else {
            throw error("has rows of \(columns) elements; \(type) needs a multiple of \(type.elementsPerBlock)")
        }
        let rowSize = (columns / type.elementsPerBlock).multipliedReportingOverflow(by: type.bytesPerBlock)
        let size = shape.dropLast().reduce(rowSize) { product, dimension in
            let next = product.partialValue.multipliedReportingOverflow(by: dimension)
            return (next.partialValue, product.overflow || next.overflow)
        }
        guard !size.overflow, offset >= 0, offset <= file.count, size.partialValue <= file.count - offset else {
            throw error(
                "(\(type), shape \(shape), at byte \(offset)) reaches beyond the file's \(file.count) bytes",
                suggestion: ByteReader.downloadAgain)
        }
        self.name = name
        self.shape = shape
        self.type = type
        self.file = file
        byteRange = offset..<(offset + size.partialValue)
    }

    /// Lends the stored bytes; the pointer must not outlive `body`.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try file.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[byteRange])) }
    }

    /// Memory that stays with what was read of these rows; nil where the system doesn't tell.
    public func residentBytes(touching rows: [Int]) -> Int? {
        let places = rows.filter { (0..<self.rows).contains($0) }.flatMap { row in
            let start = byteRange.lowerBound + row * bytesPerRow
            return [start, start + bytesPerRow - 1]
        }
        return file.residentBytes(touching: places.sorted())
    }

    /// Gives the memory of the stored bytes back to the system: for weights that were decoded and aren't read again.
    public func forget() { file.forget(byteRange) }
}

/// A row-major float32 matrix: a view, as a NumPy array is. Copies and slices share the storage, which lives as
/// long as any of them.
///
/// Not Sendable: a matrix belongs to the worker that writes it. `FrozenMatrix` is what workers share.
public struct Matrix {
    public let rows: Int
    public let columns: Int
    /// The distance from one row to the next, in elements.
    public let stride: Int
    let storage: FloatStorage
    let offset: Int

    init(storage: FloatStorage, offset: Int, rows: Int, columns: Int, stride: Int) {
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// A matrix of its own, filled with zeros.
    public init(rows: Int, columns: Int) {
        self.init(
            storage: FloatStorage(count: rows * columns), offset: 0, rows: rows, columns: columns, stride: columns)
    }

    /// A matrix of its own with the given elements, row by row.
    public init(rows: Int, columns: Int, _ elements: some Collection<Float>) {
        precondition(elements.count == rows * columns, "a \(rows) × \(columns) matrix of \(elements.count) elements")
        self.init(rows: rows, columns: columns)
        _ = UnsafeMutableBufferPointer(start: storage.base, count: elements.count).update(fromContentsOf: elements)
    }

    /// The elements of one row or several, as a view.
    public subscript(rows range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return Matrix(
            storage: storage, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
            stride: stride)
    }

    /// Some columns of every row, as a view.
    public subscript(columns range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
        return Matrix(
            storage: storage, offset: offset + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition((0..<rows).contains(row) && (0..<columns).contains(column))
            return base[row * stride + column]
        }
        nonmutating set {
            precondition((0..<rows).contains(row) && (0..<columns).contains(column))
            base[row * stride + column] = newValue
        }
    }

    /// The elements of one row, copied.
    public func array(row: Int) -> [Float] {
        precondition((0..<rows).contains(row))
        return Array(UnsafeBufferPointer(start: base + row * stride, count: columns))
    }

    /// Copies the rows of `source`, which has this matrix' shape.
    public func assign(_ source: Matrix) {
        precondition(source.rows == rows && source.columns == columns)
        for row in 0..<rows { assign(row: row, from: source, row: row) }
    }

    /// Copies one row of `source`.
    public func assign(row: Int, from source: Matrix, row sourceRow: Int) {
        precondition((0..<rows).contains(row) && (0..<source.rows).contains(sourceRow) && source.columns == columns)
        (base + row * stride).update(from: source.base + sourceRow * source.stride, count: columns)
    }

    /// Copies one row from an array of `columns` elements.
    public func assign(row: Int, from source: some Collection<Float>) {
        precondition((0..<rows).contains(row) && source.count == columns)
        _ = UnsafeMutableBufferPointer(start: base + row * stride, count: columns).update(fromContentsOf: source)
    }

    /// Sets every element.
    public func fill(_ value: Float) {
        for row in 0..<rows { (base + row * stride).update(repeating: value, count: columns) }
    }

    /// Some elements of a row as a matrix, row by row: a parameter's among all parameters, end to end.
    public func view(row: Int = 0, from start: Int, rows: Int, columns: Int) -> Matrix {
        precondition((0..<self.rows).contains(row) && start >= 0 && start + rows * columns <= self.columns)
        return Matrix(
            storage: storage, offset: offset + row * stride + start, rows: rows, columns: columns, stride: columns)
    }

    /// A matrix of its own with rows and columns exchanged.
    public func transposedCopy() -> Matrix {
        let copy = Matrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { copy.base[column * rows + row] = base[row * stride + column] }
        }
        return copy
    }

    /// A matrix of its own with the same elements.
    public func copy() -> Matrix {
        let copy = Matrix(rows: rows, columns: columns)
        copy.assign(self)
        return copy
    }

    /// The elements of a range of rows, end to end, to be filled in place: for decoders of stored weights.
    ///
    /// Only for a matrix whose rows stand without gaps.
    public func withUnsafeMutableElements<R>(
        rows range: Range<Int>, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        precondition(stride == columns && range.lowerBound >= 0 && range.upperBound <= rows)
        return try withExtendedLifetime(storage) {
            try body(
                UnsafeMutableBufferPointer(start: base + range.lowerBound * stride, count: range.count * columns))
        }
    }

    /// The first element. Valid as long as this matrix is: use within `withExtendedLifetime`, or while a caller holds it.
    var base: UnsafeMutablePointer<Float> { storage.base + offset }
}

/// A matrix that nobody writes any more, to be shared by workers: weights, finished embeddings.
public struct FrozenMatrix: @unchecked Sendable {
    // Sendable because the wrapped view offers no way to write, and `freezing` asks its caller to keep no other.
    private let matrix: Matrix

    /// - Parameter matrix: must not be written after this, through any view.
    public init(freezing matrix: Matrix) { self.matrix = matrix }

    public var rows: Int { matrix.rows }
    public var columns: Int { matrix.columns }
    public var stride: Int { matrix.stride }
    public subscript(row: Int, column: Int) -> Float { matrix[row, column] }
    public subscript(rows range: Range<Int>) -> FrozenMatrix { FrozenMatrix(freezing: matrix[rows: range]) }
    public subscript(columns range: Range<Int>) -> FrozenMatrix { FrozenMatrix(freezing: matrix[columns: range]) }
    public func array(row: Int) -> [Float] { matrix.array(row: row) }
    /// Some elements of the first row as a matrix, row by row.
    public func view(from start: Int, rows: Int, columns: Int) -> FrozenMatrix {
        FrozenMatrix(freezing: matrix.view(from: start, rows: rows, columns: columns))
    }
    /// A copy that may be written.
    public func copy() -> Matrix { matrix.copy() }
    /// For reading by this module's kernels.
    var readable: Matrix { matrix }
}

extension Matrix {
    /// Copies one row of a frozen matrix.
    public func assign(row: Int, from source: FrozenMatrix, row sourceRow: Int) {
        assign(row: row, from: source.readable, row: sourceRow)
    }
}

/// Floats on cache-line boundaries.
final class FloatStorage {
    let base: UnsafeMutablePointer<Float>

    init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(
            to: Float.self, capacity: max(count, 1))
        base.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { base.deallocate() }
}

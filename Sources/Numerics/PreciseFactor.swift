import COpenBLAS

/// A matrix of floats as a factor of products in double precision, on the calling thread; some of its rows are converted at
/// a time.
public struct PreciseFactor: Sendable {
    private let matrix: FrozenMatrix

    public init(_ matrix: FrozenMatrix) { self.matrix = matrix }

    /// - Parameter x: [count, columns]
    /// - Returns: x times the transposed matrix: [count, rows]
    public func transposedProduct(_ x: [Double]) -> [Double] {
        product(x, of: matrix.columns, giving: matrix.rows) { rows, converted, count, x, out in
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, blasint(count), blasint(rows.count), blasint(matrix.columns),
                1, x, blasint(matrix.columns), converted, blasint(matrix.columns), 0, out + rows.lowerBound,
                blasint(matrix.rows))
        }
    }

    /// - Parameter x: [count, rows]
    /// - Returns: x times the matrix: [count, columns]
    public func product(_ x: [Double]) -> [Double] {
        product(x, of: matrix.rows, giving: matrix.columns) { rows, converted, count, x, out in
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(count), blasint(matrix.columns),
                blasint(rows.count), 1, x + rows.lowerBound, blasint(matrix.rows), converted,
                blasint(matrix.columns), 1, out, blasint(matrix.columns))
        }
    }

    private func product(
        _ x: [Double], of inputs: Int, giving outputs: Int,
        block: (Range<Int>, UnsafePointer<Double>, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        guard inputs > 0, outputs > 0 else { return [] }
        precondition(x.count.isMultiple(of: inputs))
        OpenBLAS.useCallingThreadOnly()
        let (source, count) = (matrix.readable, x.count / inputs)
        var out = [Double](repeating: 0, count: count * outputs)
        var converted = [Double](repeating: 0, count: min(Self.block, source.rows) * source.columns)
        out.withUnsafeMutableBufferPointer { out in
            x.withUnsafeBufferPointer { x in
                guard let out = out.baseAddress, let x = x.baseAddress else { return }
                for start in stride(from: 0, to: source.rows, by: Self.block) {
                    let rows = start..<min(start + Self.block, source.rows)
                    for row in rows {
                        let from = source.base + row * source.stride
                        let to = (row - start) * source.columns
                        for column in 0..<source.columns { converted[to + column] = Double(from[column]) }
                    }
                    block(rows, converted, count, x, out)
                }
            }
        }
        withExtendedLifetime(source) {}
        return out
    }

    /// Of 576 columns a megabyte: it stays in the second cache.
    private static let block = 256
}

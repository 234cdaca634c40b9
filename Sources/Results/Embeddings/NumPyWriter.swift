import Diagnostics
import Files

/// A `.npy` file of version 1.0: a header of fixed length, whose shape is corrected at the end, then the rows.
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
final class NumPyWriter: EmbeddingWriter {
    private let sink: ByteSink
    private let columns: Int
    private let expectedRows: Int
    private var rows = 0

    /// - Parameter rows: as far as known; what a stream gets can't be corrected
    init(_ sink: ByteSink, columns: Int, rows: Int) throws {
        (self.sink, self.columns, expectedRows) = (sink, columns, rows)
        try sink.append(Self.header(rows: rows, columns: columns))
    }

    func append(_ vectors: [Float], of sentences: [EmbeddedSentence]) throws {
        rows += sentences.count
        try sink.append(vectors.littleEndianBytes)
    }

    func finish() throws {
        switch sink {
        case .file(let file): try file.overwrite(start: Self.header(rows: rows, columns: columns))
        case .stream:
            guard rows == expectedRows else {
                throw Diagnostic("the input changed while it was read: expected \(expectedRows) rows, found \(rows)")
            }
        }
        try sink.finish()
    }

    /// A page: room for any shape, and by its length known for this program's.
    static func header(rows: Int, columns: Int) -> [UInt8] {
        let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let length = OutputKind.npyHeaderBytes - magic.count - 2
        let description = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        let padding = String(repeating: " ", count: max(0, length - description.utf8.count - 1))
        return magic + [UInt8(length & 0xFF), UInt8(length >> 8)] + Array((description + padding + "\n").utf8)
    }
}

import Files
import HDF5

/// Dataset `embeddings` of an HDF5 file.
///
/// The rows go to a temporary file first: a contiguous dataset needs its size before its first value, and a contiguous
/// one is what readers map and what HDF5 can't half write.
final class HDF5EmbeddingWriter: EmbeddingWriter {
    private let spool: PendingFile
    private let columns: Int
    private let attributes: [HDF5Attribute]
    private var rows = 0

    /// How much is copied at once.
    private static let blockBytes = 8 << 20

    init(_ destination: OutputDestination, columns: Int, attributes: [HDF5Attribute]) throws {
        spool = try PendingFile(replacing: destination)
        (self.columns, self.attributes) = (columns, attributes)
    }

    func append(_ vectors: [Float], of sentences: [EmbeddedSentence]) throws {
        rows += sentences.count
        try spool.append(vectors.littleEndianBytes)
    }

    func finish() throws {
        let rowBytes = 4 * columns
        let blockRows = max(1, Self.blockBytes / max(rowBytes, 1))
        try HDF5.writeMatrix(to: spool.path, shape: (rows: rows, columns: columns), attributes: attributes) { writer in
            for start in stride(from: 0, to: rows, by: blockRows) {
                let count = min(blockRows, rows - start)
                let bytes = try spool.read(at: start * rowBytes, count: count * rowBytes)
                try writer.append([Float](littleEndian: bytes))
            }
        }
    }
}

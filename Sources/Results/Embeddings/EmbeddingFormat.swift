import Diagnostics
import Files
import Foundation
import HDF5

/// How embeddings are written.
public enum EmbeddingFormat: String, CaseIterable, Sendable {
    /// Dataset `embeddings` of an HDF5 file, float32, with what made it as attributes.
    case hdf5
    /// NumPy's file of one array, float32.
    case npy
    /// `{"text": …, "embedding": […]}` a line.
    case jsonl
    /// A header, then the text and the numbers.
    case csv

    /// What a file's ending says; nil for an unknown one.
    public init?(endingOf path: String) {
        switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "h5", "hdf5": self = .hdf5
        case "npy": self = .npy
        case "jsonl", "ndjson": self = .jsonl
        case "csv": self = .csv
        default: return nil
        }
    }
}

/// Takes embeddings block by block, in order.
public protocol EmbeddingWriter {
    /// - Parameters:
    ///   - vectors: row-major [sentences, columns]
    ///   - sentences: as the input has them
    func append(_ vectors: [Float], of sentences: [String]) throws

    /// Ends the file, which is the old one until then. A writer that is dropped before leaves nothing.
    func finish() throws
}

/// Where embeddings go.
public struct EmbeddingOutput: Sendable {
    /// Gets bytes as they are made.
    public typealias Stream = @Sendable ([UInt8]) throws -> Void

    /// A file, or `-` for the stream.
    public let path: String
    public let format: EmbeddingFormat
    private let stream: Stream
    /// How texts stand in CSV.
    public var cells = CSVText.Style.forSpreadsheets
    /// Nil for the stream.
    public let destination: OutputDestination?

    /// - Parameters:
    ///   - path: a file, a device or a pipe, or `-` for standard output
    ///   - format: nil for what the file's ending says, which is HDF5 for an unknown one
    ///   - stream: writes to standard output
    /// - Throws: where there is nothing to go by, or the format needs a file.
    public init(path: String, format: EmbeddingFormat?, stream: @escaping Stream) throws(Diagnostic) {
        self.path = path
        self.stream = stream
        guard path == "-" else {
            destination = try OutputDestination(path)
            self.format = format ?? EmbeddingFormat(endingOf: path) ?? .hdf5
            return
        }
        destination = nil
        guard let format else {
            throw Diagnostic("standard output needs --output-format jsonl, csv or npy")
        }
        guard format != .hdf5 else {
            throw Diagnostic("HDF5 cannot be written to standard output: it needs a file, or another --output-format")
        }
        self.format = format
    }

    public var isStandardOutput: Bool { destination?.isStandardOutput ?? true }

    /// Whether what was written can't be changed any more.
    private var isStream: Bool { destination?.isStream ?? true }

    /// A writer into it.
    ///
    /// - Parameters:
    ///   - rows: how many rows there will be; nil where that isn't known
    ///   - attributes: what made the embeddings; HDF5 keeps it
    /// - Throws: where the output can't be written, or needs to know the rows.
    public func writer(
        columns: Int, rows: Int?, attributes: [HDF5Attribute]
    ) throws -> any EmbeddingWriter {
        switch format {
        case .hdf5:
            return try HDF5EmbeddingWriter(
                OutputDestination(path), columns: columns, attributes: attributes)
        case .npy:
            guard isStream else { return try NumPyWriter(sink(), columns: columns, rows: rows ?? 0) }
            guard let rows else {
                throw Diagnostic(
                    "a .npy file begins with its number of rows, which is not known while they come from a stream",
                    suggestion: "read the sentences from a file, write to a file, or use --output-format jsonl")
            }
            return try NumPyWriter(sink(), columns: columns, rows: rows)
        case .jsonl, .csv: return try EmbeddingTextWriter(sink(), format: format, columns: columns, cells: cells)
        }
    }

    private func sink() throws -> ByteSink {
        guard let destination else { return .stream(stream) }
        guard destination.isStream else { return .file(try PendingFile(replacing: destination)) }
        let opened = try destination.stream()
        return .stream { try opened.write($0) }
    }
}

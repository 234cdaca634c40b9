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

    private var endings: [String] { kind.endings }

    /// What a file's ending says; HDF5 for a name without one.
    ///
    /// - Parameter said: the format that was asked for; nil for none.
    /// - Throws: where the ending is another format's, or none of those that are written and no format was asked for.
    init(endingOf path: String, said: EmbeddingFormat?) throws(Diagnostic) {
        let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
        let place = SourceLocation(file: path)
        let found = Self.allCases.first { $0.endings.contains(ending) }
        if let found, let said, found != said {
            throw Diagnostic(
                "expected a file of the format \(said.rawValue), found the ending of \(found.rawValue)", at: place,
                suggestion: "name it .\(said.endings[0]), or leave --output-format out")
        }
        guard let format = found ?? said ?? (ending.isEmpty ? .hdf5 : nil) else {
            let known = Self.allCases.map { ".\($0.endings[0])" }.joined(separator: ", ")
            throw Diagnostic(
                "expected a file that ends in \(known), found .\(ending)", at: place,
                suggestion: "say its format with --output-format")
        }
        self = format
    }

    private var kind: OutputKind {
        switch self {
        case .hdf5: .hdf5
        case .npy: .npy
        case .jsonl: .jsonLines
        case .csv: .csv
        }
    }

    /// Throws where an output of this format would replace what isn't embeddings in it, as this program writes them.
    public func refuseOthers(at destination: OutputDestination) throws(Diagnostic) {
        guard self == .hdf5 else { return try destination.refuseOtherThan(kind) }
        try destination.refuseOther(than: "an HDF5 file of embeddings that bellm wrote") { path in
            HDF5.isOwn(path, object: HDF5.matrixName)
        }
    }

    /// Whether texts and what is kept beside them have a place in it.
    var hasTexts: Bool { self == .jsonl || self == .csv }
}

/// Takes embeddings block by block, in order.
public protocol EmbeddingWriter {
    /// - Parameters:
    ///   - vectors: row-major [sentences, columns]
    ///   - sentences: as the input has them
    func append(_ vectors: [Float], of sentences: [EmbeddedSentence]) throws

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
    ///   - format: nil for what the file's ending says, which is HDF5 for a name without one
    ///   - stream: writes to standard output
    /// - Throws: where there is nothing to go by, or the format needs a file.
    public init(path: String, format: EmbeddingFormat?, stream: @escaping Stream) throws(Diagnostic) {
        self.path = path
        self.stream = stream
        guard path == "-" else {
            destination = try OutputDestination(path)
            self.format = try EmbeddingFormat(endingOf: path, said: format)
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
    ///   - kept: the names of what goes along with each sentence
    /// - Throws: where the output can't be written, or needs to know the rows.
    public func writer(
        columns: Int, rows: Int?, attributes: [HDF5Attribute], kept: [String] = []
    ) throws -> any EmbeddingWriter {
        try check(kept, columns: columns)
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
        case .jsonl, .csv:
            return try EmbeddingTextWriter(sink(), format: format, columns: columns, kept: kept, cells: cells)
        }
    }

    /// - Throws: where what is to be kept has no place beside the embeddings.
    private func check(_ kept: [String], columns: Int) throws(Diagnostic) {
        guard kept.isEmpty || format.hasTexts else {
            throw Diagnostic("--keep needs the output format jsonl or csv, found \(format.rawValue)")
        }
        let own = ["text"] + (format == .jsonl ? ["embedding"] : (0..<columns).map { "d\($0)" })
        for (index, name) in kept.enumerated() where own.contains(name) || kept[..<index].contains(name) {
            throw Diagnostic("--keep \(name): the output would have two columns of that name")
        }
    }

    private func sink() throws -> ByteSink {
        guard let destination else { return .stream(stream) }
        guard destination.isStream else { return .file(try PendingFile(replacing: destination)) }
        let opened = try destination.stream()
        return .stream { try opened.write($0) }
    }
}

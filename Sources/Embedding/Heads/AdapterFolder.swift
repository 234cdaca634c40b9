import Diagnostics
import Files
import Foundation
import Models

/// A folder with an adapter as PEFT stores it and, where its training had one that belongs to the embedding, the head beside
/// it.
public struct AdapterFolder: Hashable, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public func adapter() throws -> Adapter {
        try FileSums.check(path)
        return try Adapter(folder: path)
    }

    /// nil where the embedding is the pooled states.
    public func head() throws -> Head? {
        try FileSums.check(path)
        try checkHead()
        return try Head.read(in: path)
    }

    /// What the head is like, without its numbers.
    public func headShape() throws -> HeadShape? {
        try checkHead()
        return try Head.shape(in: path)
    }

    private static let headLayersKey = "head_layers"

    /// Writes an adapter and the head that belongs to it, which a folder has before it is an adapter's.
    ///
    /// - Parameters:
    ///   - base: the backbone
    ///   - metadata: text pairs for the weights' header: what made the adapter
    public func write(_ adapter: Adapter, head: Head?, base: AdapterBase, metadata: [String: String]) throws {
        try head?.write(in: path)
        let layers = head.map { [Self.headLayersKey: String($0.shape.layers.count)] } ?? [:]
        try adapter.write(
            folder: path, base: base, metadata: metadata.merging(layers) { own, _ in own })
    }

    /// A copy that lacks the head's last layers would be a head of its own: the adapter's weights say how many there are.
    private func checkHead() throws {
        guard let said = try Adapter.metadata(folder: path)[Self.headLayersKey] else { return }
        let found = try Head.shape(in: path)?.layers.count ?? 0
        guard said != String(found) else { return }
        throw Diagnostic(
            "expected a head of \(said) \(said == "1" ? "layer" : "layers") beside the adapter, found \(found)",
            at: SourceLocation(file: path),
            suggestion: "copy the folder whole; where it is the cache's, run with --fresh")
    }

    /// Whether another folder has the same numbers under the same names; false where it can't be read.
    package func hasNumbers(of other: AdapterFolder) throws -> Bool {
        func numbers(_ folder: AdapterFolder) throws -> Numbers {
            let (adapter, head) = (try folder.adapter(), try folder.head())
            return Numbers(
                configuration: adapter.configuration, names: adapter.layout.names,
                values: adapter.values.array(row: 0), head: head?.shape, headValues: head?.values.array(row: 0) ?? [])
        }
        let own = try numbers(self)
        return (try? numbers(other)) == own
    }

    private struct Numbers: Equatable {
        var configuration: AdapterConfiguration
        var names: [String]
        var values: [Float]
        var head: HeadShape?
        var headValues: [Float]
    }

    /// The digest of all that changes embeddings: the adapter's files, and the head's where there is one.
    public func sha256() throws -> SHA256Digest {
        try FileSums.check(path)
        try checkHead()
        let adapter = try Adapter.sha256(folder: path)
        guard let head = try Head.sha256(in: path) else { return adapter }
        return SHA256Digest(of: "\(adapter)\nhead \(head)")
    }

    /// Whether it is whole, and its files are held to what they were when they were written.
    package var isSealed: Bool {
        FileSums.exist(in: path) && FileManager.default.fileExists(atPath: FilePath.join(path, Adapter.configName))
    }

    /// Holds the files to what they are now: whoever reads the folder from here on is told where one has changed.
    ///
    /// - Parameter more: files beside those of adapter and head, by their names
    package func seal(with more: [String] = []) throws {
        let layers = try Head.shape(in: path).map { Head.files($0, in: ".") } ?? []
        try FileSums.write(of: Adapter.fileNames + layers.map(\.path) + more, in: path)
    }

    /// The files that an adapter, and a head of that shape where there is one, are written to.
    ///
    /// - Throws: where the folder has more layers of a head: read again, they would be this one's.
    public func files(head shape: HeadShape?) throws -> [PlannedFile] {
        try Head.checkRoom(for: shape, in: path)
        return Adapter.files(in: path) + (shape.map { Head.files($0, in: path) } ?? [])
    }
}

import Files
import Models

/// A folder with an adapter as PEFT stores it and, where its training had one that belongs to the embedding, the head beside
/// it.
public struct AdapterFolder: Hashable, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public func adapter() throws -> Adapter { try Adapter(folder: path) }

    /// nil where the embedding is the pooled states.
    public func head() throws -> Head? { try Head.read(in: path) }

    /// What the head is like, without its numbers.
    public func headShape() throws -> HeadShape? { try Head.shape(in: path) }

    /// The digest of all that changes embeddings: the adapter's files, and the head's where there is one.
    public func sha256() throws -> SHA256Digest {
        let adapter = try Adapter.sha256(folder: path)
        guard let head = try Head.sha256(in: path) else { return adapter }
        return SHA256Digest(of: "\(adapter)\nhead \(head)")
    }

    /// The files that an adapter, and a head of that shape where there is one, are written to.
    ///
    /// - Throws: where the folder has more layers of a head: read again, they would be this one's.
    public func files(head shape: HeadShape?) throws -> [String] {
        try Head.checkRoom(for: shape, in: path)
        return Adapter.files(in: path) + (shape.map { Head.files($0, in: path) } ?? [])
    }
}

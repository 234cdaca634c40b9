import Diagnostics

/// How many bytes of a kind of text are read, so that a stream without an end isn't waited for.
public struct ByteLimit: Hashable, Sendable {
    /// What the bytes are, as a message says it: `YAML`.
    public let kind: String
    public let bytes: Int

    public init(_ kind: String, _ bytes: Int) { (self.kind, self.bytes) = (kind, bytes) }

    /// A file that people write.
    public static let yaml = ByteLimit("YAML", 1 << 20)

    /// Throws where there are more.
    public func check(_ count: Int, of path: String) throws(Diagnostic) {
        guard count > bytes else { return }
        throw Diagnostic("expected at most \(bytes) bytes of \(kind), found more", at: SourceLocation(file: path))
    }
}

import Diagnostics
import Files

/// A checkpoint: tensors by name, whatever the file format. It knows no model.
public protocol TensorSource: Sendable {
    /// The checkpoint's file or folder, for messages.
    var path: String { get }
    /// The files that hold the tensors: one, or a sharded checkpoint's several.
    var files: [MappedFile] { get }
    /// The tensors' names in the order of the file.
    var names: [String] { get }
    /// The tensor of that name; nil where there is none.
    func tensorIfPresent(_ name: String) -> StoredTensor?
}

extension TensorSource {
    /// The size of all files together.
    public var fileBytes: Int { files.reduce(0) { $0 + $1.count } }

    /// The digest of the file; of several, the digest of their digests in order, a line each.
    public func sha256() -> SHA256Digest {
        let digests = files.map { $0.sha256() }
        guard digests.count != 1 else { return digests[0] }
        return SHA256Digest(of: digests.map { "\($0)\n" }.joined())
    }

    /// The tensor of that name.
    ///
    /// - Throws: a diagnostic with the nearest name where there is none.
    public func tensor(named name: String) throws -> StoredTensor {
        if let tensor = tensorIfPresent(name) { return tensor }
        throw Diagnostic(
            "expected the tensor \"\(name)\", which is not among the \(names.count) there",
            at: SourceLocation(file: path),
            suggestion: nearestName(to: name, among: names).map { "the nearest is \"\($0)\"" })
    }
}

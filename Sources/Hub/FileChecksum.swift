import Diagnostics
import Files

/// What a file must hash to.
public struct FileChecksum: Hashable, Sendable {
    public let digest: FileDigest
    /// In lower-case hexadecimal.
    public let expected: String

    /// - Parameter hexadecimal: 64 digits are a SHA-256, 40 are git's SHA-1 of a file; nil for anything else.
    public init?(_ hexadecimal: String) {
        guard hexadecimal.utf8.allSatisfy("0123456789abcdef".utf8.contains) else { return nil }
        switch hexadecimal.utf8.count {
        case 64: digest = .sha256
        case 40: digest = .gitBlob
        default: return nil
        }
        expected = hexadecimal
    }

    /// What the file has instead; nil where it has what it should.
    func mismatch(of path: String) throws -> String? {
        let found = try digest.hexadecimal(of: path)
        return found == expected ? nil : found
    }
}

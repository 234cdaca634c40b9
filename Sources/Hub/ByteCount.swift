import Foundation

/// A number of bytes as people read it: in units of 1000.
public struct ByteCount: Hashable, Sendable, CustomStringConvertible {
    public let bytes: Int

    public init(_ bytes: Int) { self.bytes = bytes }

    public var description: String {
        let units: [(Double, String)] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        guard let (size, unit) = units.first(where: { Double(bytes) >= $0.0 }) else { return "\(bytes) bytes" }
        return String(format: "%.1f ", Double(bytes) / size) + unit
    }
}

/// The file system that a path is on.
enum FileSystem {
    /// What this user may still fill; nil where the system doesn't say.
    static func freeBytes(at path: String) -> Int? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0, facts.f_blocks > 0 else { return nil }
        return Int(facts.f_bavail) * Int(facts.f_frsize)
    }
}

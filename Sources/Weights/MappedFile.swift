import Diagnostics
import Files
import Foundation

/// A whole file, mapped read-only into memory: opened in microseconds, read from disk where it is touched.
///
/// Checkpoints are replaced by renaming (see `AtomicFile`), which leaves a mapping intact. Cutting a mapped file short
/// in place is the one thing that no check here can catch: the system then stops the program with SIGBUS.
public final class MappedFile: Sendable {
    public let path: String
    // Never written to and never moved between init and deinit, so any thread may read it.
    private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    /// Whether the bytes are a file's, so that they can be read again when they were forgotten.
    private let isBackedByFile: Bool

    /// The file's size in bytes; at least 1.
    public var count: Int { bytes.count }

    /// Maps the file at `path`.
    ///
    /// - Throws: a diagnostic with the path where the file is missing, empty, unreadable, or not a regular file.
    public init(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw Diagnostic("no such file", at: SourceLocation(file: path)) }
            throw Diagnostic.system("cannot open", path)
        }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Diagnostic.system("cannot read", path) }
        ReadFiles.note(descriptor: descriptor, named: path)
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else {
            let found = kind == S_IFDIR ? "a folder" : "a device or pipe, which cannot be mapped into memory"
            throw Diagnostic("expected a file, found \(found)", at: SourceLocation(file: path))
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw Diagnostic("the file is empty", at: SourceLocation(file: path)) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw Diagnostic.system("cannot map into memory", path)
        }
        self.path = path
        bytes = UnsafeRawBufferPointer(start: start, count: size)
        isBackedByFile = true
    }

    /// Bytes that are in memory already, as if a file at `path` held them: what tests need to try thousands of files
    /// without waiting for a disk.
    package init(_ content: [UInt8], as path: String) throws {
        guard !content.isEmpty else { throw Diagnostic("the file is empty", at: SourceLocation(file: path)) }
        let access = PROT_READ | PROT_WRITE
        guard let start = mmap(nil, content.count, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED
        else { throw Diagnostic.system("cannot map into memory", path) }
        start.copyMemory(from: content, byteCount: content.count)
        self.path = path
        bytes = UnsafeRawBufferPointer(start: start, count: content.count)
        isBackedByFile = false
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    /// Lends the file's bytes; the pointer must not outlive `body`.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        // Keeps the mapping alive even where `body` is the last user of `self`.
        try withExtendedLifetime(self) { try body(bytes) }
    }

    /// Gives the memory of bytes that have been read back to the system: a file larger than memory can be gone through.
    ///
    /// They are read from the file again when they are touched again.
    public func forget(_ range: Range<Int>) {
        guard isBackedByFile, let start = bytes.baseAddress else { return }
        // Whole pages: a neighbour that shares one is read again.
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = range.lowerBound / page * page
        madvise(UnsafeMutableRawPointer(mutating: start + first), range.upperBound - first, MADV_DONTNEED)
    }

    /// Memory that a mapping of the file takes when only the bytes at these places were read from it; nil where the system
    /// doesn't tell.
    ///
    /// It is tried, in a mapping of its own: the pages near a touched one come with it, how many of them the system decides. Linux
    /// maps 64 KiB (`fault_around_bytes`), and since 6.18 the whole folio of the page cache that a page lies in, of up to 2 MiB.
    public func residentBytes(touching places: some Sequence<Int>) -> Int? {
        guard isBackedByFile, let trial = try? MappedFile(path), trial.count == count else { return nil }
        return trial.withUnsafeBytes { bytes in
            // A digest is in a library: reads for it are none that a compiler could leave out.
            var hasher = SHA256Hasher()
            for place in places where bytes.indices.contains(place) {
                hasher.update(UnsafeRawBufferPointer(rebasing: bytes[place...place]))
            }
            return Self.residentBytes(ofMappingAt: bytes.baseAddress)
        }
    }

    /// A line of proc(5)'s smaps, below the one that begins with the mapping's first address: `Rss:    2048 kB`.
    private static func residentBytes(ofMappingAt start: UnsafeRawPointer?) -> Int? {
        guard let text = try? TextFile.text(of: "/proc/self/smaps") else { return nil }
        let head = String(UInt(bitPattern: start), radix: 16) + "-"
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix(head) }
        let found = lines.first { $0.hasPrefix("Rss:") }?.split(separator: " ").dropFirst().first
        return found.flatMap { Int($0) }.map { 1024 * $0 }
    }

    /// The SHA-256 digest of the whole file.
    public func sha256() -> SHA256Digest {
        // So much of the file is resident meanwhile.
        let step = 1 << 22
        var hasher = SHA256Hasher()
        for start in stride(from: 0, to: count, by: step) {
            let range = start..<min(start + step, count)
            withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[range])) }
            forget(range)
        }
        return hasher.finalize()
    }
}

import Diagnostics
import Foundation

/// A file that is written bit by bit over a long time, and is the old one until `commit`: what `AtomicFile.replace` is
/// for work that doesn't fit in a closure. Without `commit` nothing is left.
public final class PendingFile {
    private let destination: OutputDestination
    public var path: String { destination.path }
    private let temporary: String
    private let handle: FileHandle
    /// How many bytes were written.
    public private(set) var byteCount = 0

    /// Creates a temporary file beside the destination's.
    ///
    /// - Throws: where a file can't be created there.
    public init(replacing destination: OutputDestination) throws {
        self.destination = destination
        temporary = try destination.temporaryPath()
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let handle = FileHandle(forUpdatingAtPath: temporary)
        else { throw Diagnostic.system("cannot write", destination.path) }
        self.handle = handle
    }

    deinit {
        try? handle.close()
        unlink(temporary)
    }

    /// Adds bytes at the end.
    public func append(_ bytes: some Sequence<UInt8>) throws {
        let data = Data(bytes)
        try attempt("cannot write") {
            try handle.seek(toOffset: UInt64(byteCount))
            try handle.write(contentsOf: data)
        }
        byteCount += data.count
    }

    /// Writes over the first bytes.
    public func overwrite(start bytes: [UInt8]) throws {
        precondition(bytes.count <= byteCount)
        try attempt("cannot write") {
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Data(bytes))
        }
    }

    /// Bytes that were written.
    public func read(at offset: Int, count: Int) throws -> [UInt8] {
        let data = try attempt("cannot read") {
            try handle.seek(toOffset: UInt64(offset))
            return try handle.read(upToCount: count)
        }
        guard let data, data.count == count else {
            throw Diagnostic("expected \(count) bytes in a temporary file", at: SourceLocation(file: path))
        }
        return Array(data)
    }

    /// Puts the file in its place, or its bytes into the destination's pipe. Nothing may be written after this.
    public func commit() throws {
        try attempt("cannot write") { try handle.synchronize() }
        try destination.put(temporary)
    }

    private func attempt<R>(_ action: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch {
            throw Diagnostic.system(action, path, error)
        }
    }
}

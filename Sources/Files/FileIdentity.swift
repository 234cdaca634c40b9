import Foundation
import Synchronization

/// Which file a name leads to: two names with one identity are the same file, links or not.
///
/// A pipe and a block device have one too: what goes in comes out, or is what the next reader finds. A character device has
/// none: a terminal is read and written at once, and `/dev/null` holds nothing.
public struct FileIdentity: Hashable, Sendable {
    private let kind: mode_t
    private let device: UInt64
    private let number: UInt64

    /// Of the file that a path leads to; nil where there is none.
    public init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of an open file.
    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of a folder.
    init?(ofFolder path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status, isFolder: true)
    }

    /// Whether it is a regular file's, and no pipe's or device's.
    var isRegular: Bool { kind == S_IFREG }

    private init?(_ status: stat, isFolder: Bool = false) {
        kind = status.st_mode & S_IFMT
        guard (isFolder ? [S_IFDIR] : [S_IFREG, S_IFIFO, S_IFBLK]).contains(kind) else { return nil }
        // Two nodes of one device are two entries of the file system.
        (device, number) =
            kind == S_IFBLK ? (0, UInt64(status.st_rdev)) : (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}

/// The files that this process has read, each noted by the reader that opened it.
///
/// A command's inputs come from many rooms: the experiment and what it extends, prompts, models, tokenizers, adapters,
/// benchmarks, sentences, results. A list of them that each command makes would be incomplete one day, and an output would
/// then replace the file that was left out.
public enum ReadFiles {
    private static let names = Mutex<[FileIdentity: Entry]>([:])
    /// Those that are read as a whole.
    private static let folders = Mutex<[FileIdentity: String]>([:])

    private struct Entry {
        var name: String
        /// Whether the name is a path, which leads to the file as long as it is there.
        var isPath: Bool
    }

    /// Notes a file that is about to be read.
    public static func note(_ path: String) { note(FileIdentity(of: path), as: Entry(name: path, isPath: true)) }

    /// Notes a file, or all files of a folder and of those in it: a model's, which are opened as they are needed.
    public static func note(allIn path: String) {
        note(path)
        if let identity = FileIdentity(ofFolder: path) { folders.withLock { $0[identity] = path } }
        for case let name as String in FileManager.default.enumerator(atPath: path)?.allObjects ?? [] {
            note(FilePath.join(path, name))
        }
    }

    /// Notes an open file, such as the one that standard input is.
    public static func note(descriptor: Int32, named name: String) {
        note(FileIdentity(descriptor: descriptor), as: Entry(name: name, isPath: false))
    }

    private static func note(_ identity: FileIdentity?, as entry: Entry) {
        guard let identity else { return }
        names.withLock { $0[identity] = entry }
    }

    /// The name of the first of these folders that is read as a whole; nil where none is.
    static func folder(among folders: [FileIdentity]) -> String? {
        let known = self.folders.withLock(\.self)
        // A folder that is gone leaves its number to another.
        return folders.lazy.compactMap { folder in
            known[folder].flatMap { FileIdentity(ofFolder: $0) == folder ? $0 : nil }
        }.first
    }

    /// The name that a file was read by; nil for one that wasn't.
    static func name(of identity: FileIdentity) -> String? {
        guard let entry = names.withLock({ $0[identity] }) else { return nil }
        // A file that is gone leaves its number to another.
        return !entry.isPath || FileIdentity(of: entry.name) == identity ? entry.name : nil
    }
}

import Foundation
import Synchronization

/// Which file a name leads to: two names with one identity are the same file, links or not.
public struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// Of the regular file that a path leads to; nil where there is none.
    public init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of an open regular file.
    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of a folder.
    init?(ofFolder path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status, kind: S_IFDIR)
    }

    private init?(_ status: stat, kind: mode_t = S_IFREG) {
        guard status.st_mode & S_IFMT == kind else { return nil }
        (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}

/// The files that this process has read, each noted by the reader that opened it.
///
/// A command's inputs come from many rooms: the experiment and what it extends, prompts, models, tokenizers, adapters,
/// benchmarks, sentences, results. A list of them that each command makes would be incomplete one day, and an output would
/// then replace the file that was left out.
public enum ReadFiles {
    private static let names = Mutex<[FileIdentity: String]>([:])
    /// Those that are read as a whole.
    private static let folders = Mutex<[FileIdentity: String]>([:])

    /// Notes a file that is about to be read; a device or a pipe is none.
    public static func note(_ path: String) { note(FileIdentity(of: path), named: path) }

    /// Notes a file, or all files of a folder and of those in it: a model's, which are opened as they are needed.
    public static func note(allIn path: String) {
        note(path)
        if let identity = FileIdentity(ofFolder: path) { folders.withLock { $0[identity, default: path] = path } }
        for case let name as String in FileManager.default.enumerator(atPath: path)?.allObjects ?? [] {
            note(FilePath.join(path, name))
        }
    }

    /// Notes an open file, such as the one that standard input is.
    public static func note(descriptor: Int32, named name: String) {
        note(FileIdentity(descriptor: descriptor), named: name)
    }

    private static func note(_ identity: FileIdentity?, named name: String) {
        guard let identity else { return }
        names.withLock { $0[identity, default: name] = name }
    }

    /// The name of the first of these folders that is read as a whole; nil where none is.
    static func folder(among folders: [FileIdentity]) -> String? {
        let known = self.folders.withLock(\.self)
        return folders.lazy.compactMap { known[$0] }.first
    }

    /// The name that a file was read by; nil for one that wasn't.
    static func name(of identity: FileIdentity) -> String? { names.withLock { $0[identity] } }
}

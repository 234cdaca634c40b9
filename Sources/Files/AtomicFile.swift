import Diagnostics
import Foundation

/// Files that are either the old one or the whole new one, whatever interrupts the writing: the program's own, in its
/// caches. What a user names is an ``OutputDestination``, which may be a pipe or a link.
public enum AtomicFile {
    /// Replaces the file at `path`: `write` fills a temporary file beside it, which is then synced and renamed.
    ///
    /// - Parameter write: creates a file at the path it is given. When it throws, the temporary file is removed
    ///   and the old file stays as it was.
    public static func replace(_ path: String, write: (_ temporaryPath: String) throws -> Void) throws {
        let temporary = try temporaryPath(replacing: path)
        defer { unlink(temporary) }
        try write(temporary)
        try synchronise(temporary)
        try move(temporary, to: path)
    }

    /// The path of a temporary file beside `path`, whose folder is created where it is missing.
    package static func temporaryPath(replacing path: String) throws -> String {
        try checkIsNoFolder(path)
        try createFolder(FilePath.folder(of: path))
        return TemporaryFile.path(beside: path)
    }

    /// Puts a temporary file that is on the disk in the place of another.
    static func move(_ temporary: String, to path: String) throws {
        guard rename(temporary, path) == 0 else { throw Diagnostic.system("cannot write", path) }
        try synchronise(FilePath.folder(of: path))
    }

    private static func checkIsNoFolder(_ path: String) throws {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !path.isEmpty else { throw Diagnostic("expected the path of a file to write, found an empty one") }
        guard !path.hasSuffix("/"), !(exists && isFolder.boolValue) else {
            throw Diagnostic("cannot write a file here: it is a folder", at: SourceLocation(file: path))
        }
    }

    /// Replaces the file at `path` by `text` in UTF-8.
    public static func replace(_ path: String, with text: String) throws {
        try replace(path) { try write(Array(text.utf8), to: $0, named: path) }
    }

    /// Writes a file as it comes, with errors about the one that it will become.
    static func write(_ bytes: [UInt8], to temporary: String, named path: String) throws {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot write", path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Diagnostic.system("cannot write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Removes from a folder what writers that were killed left there; what others are writing stays.
    public static func removeLeftovers(in folder: String) { TemporaryFile.sweep(folder) }

    /// Creates a folder and those above it, where they are missing.
    public static func createFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Diagnostic.system("cannot create the folder", path)
        }
    }

    private static func synchronise(_ path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Diagnostic.system("cannot sync to disk", path) }
    }
}

extension Diagnostic {
    /// The error of the system call that has just failed on `path`, in the system's own words.
    public static func system(_ action: String, _ path: String) -> Diagnostic {
        Diagnostic("\(action): \(String(cString: strerror(errno)))", at: SourceLocation(file: path))
    }

    /// The same where Foundation made the call: its own words leave out what the system says, or say a number alone.
    public static func system(_ action: String, _ path: String, _ error: any Error) -> Diagnostic {
        let error = error as NSError
        let inner = error.domain == NSPOSIXErrorDomain ? error : error.userInfo[NSUnderlyingErrorKey] as? NSError
        let known = [
            CocoaError.Code.fileWriteOutOfSpace: ENOSPC, .fileWriteVolumeReadOnly: EROFS,
            .fileWriteNoPermission: EACCES,
            .fileReadNoPermission: EACCES, .fileNoSuchFile: ENOENT, .fileReadNoSuchFile: ENOENT,
        ]
        let code = inner?.domain == NSPOSIXErrorDomain ? inner.map { Int32($0.code) } : nil
        let number = code ?? (error.domain == NSCocoaErrorDomain ? known[CocoaError.Code(rawValue: error.code)] : nil)
        let reason =
            number.map { String(cString: strerror($0)) } ?? "the system doesn't say why (\(error.domain) \(error.code))"
        return Diagnostic("\(action): \(reason)", at: SourceLocation(file: path))
    }
}

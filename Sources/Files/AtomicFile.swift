import Diagnostics
import Foundation

/// Files that are either the old one or the whole new one, whatever interrupts the writing.
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
    static func temporaryPath(replacing path: String) throws -> String {
        try checkIsNoFolder(path)
        try createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        return temporaryPath(for: path)
    }

    /// Puts a temporary file that is on the disk in the place of another.
    static func move(_ temporary: String, to path: String) throws {
        guard rename(temporary, path) == 0 else { throw Diagnostic.system("cannot write", path) }
        try synchronise(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// Checks before hours of work that their result can be written at `path`: that it is no folder, and that a file can
    /// be created beside it, or a folder where its folder is missing. Leaves nothing behind.
    public static func checkCanReplace(_ path: String) throws {
        try checkIsNoFolder(path)
        var folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path) {
            folder.deleteLastPathComponent()
        }
        let probe = temporaryPath(for: folder.appendingPathComponent("probe").path)
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Diagnostic.system("cannot write to the folder \(folder.path)", path)
        }
        close(descriptor)
        unlink(probe)
    }

    private static func checkIsNoFolder(_ path: String) throws {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !path.isEmpty else { throw Diagnostic("expected the path of a file to write, found an empty one") }
        guard !path.hasSuffix("/"), !(exists && isFolder.boolValue) else {
            throw Diagnostic("cannot write a file here: it is a folder", at: SourceLocation(file: path))
        }
    }

    /// A name beside `path` that no other writer uses, of this process or another.
    private static func temporaryPath(for path: String) -> String {
        let target = URL(fileURLWithPath: path)
        let name = ".\(target.lastPathComponent).\(UUID().uuidString).tmp"
        return target.deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// Replaces the file at `path` by `text` in UTF-8.
    public static func replace(_ path: String, with text: String) throws {
        try replace(path) { temporary in
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
            } catch {
                throw Diagnostic.system("cannot write", path)
            }
        }
    }

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
}

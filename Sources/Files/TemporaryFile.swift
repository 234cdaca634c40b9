import Diagnostics
import Foundation

/// Names of files that are there while something is written, with the writer in them: what a process that was killed
/// left behind is known by its name.
package enum TemporaryFile {
    private static let ending = ".tmp"

    /// The folder of temporary files that aren't beside an output.
    ///
    /// - Throws: where `TMPDIR` names no folder.
    package static func folder() throws(Diagnostic) -> String {
        let path = NSTemporaryDirectory()
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Diagnostic("TMPDIR: expected a folder, found \"\(path)\"", suggestion: "set it to one, or unset it")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw Diagnostic("TMPDIR: expected a folder that can be written to, found \"\(path)\"")
        }
        return path
    }

    /// A hidden name beside `path` that no other writer uses, of this process or another. It is no longer than names may
    /// be, however long the path's is.
    static func path(beside path: String) -> String {
        var start = ""
        for character in FilePath.name(of: path) {
            guard start.utf8.count + character.utf8.count <= 150 else { break }
            start.append(character)
        }
        let number = String(UInt32.random(in: .min ... .max), radix: 16)
        return FilePath.join(FilePath.folder(of: path), ".\(start).\(ProcessIdentity.current).\(number)\(ending)")
    }

    /// Removes from a folder what processes that have ended left there.
    static func sweep(_ folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let writer = writer(of: name), writer.hasEnded else { continue }
            // A file, or a folder that was being filled.
            try? FileManager.default.removeItem(atPath: FilePath.join(folder, name))
        }
    }

    /// Who writes, or wrote, a temporary file of this name; nil for any other name.
    static func writer(of name: String) -> ProcessIdentity? {
        guard name.hasPrefix("."), name.hasSuffix(ending) else { return nil }
        let parts = name.dropLast(ending.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 4, UInt32(parts[parts.count - 1], radix: 16) != nil else { return nil }
        return ProcessIdentity(String(parts[parts.count - 2]))
    }
}

/// Paths as texts: what they are made of, without looking at a disk and without resolving what a link would change.
package enum FilePath {
    static func name(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    /// The folder that a path's last name stands in; `.` for a name alone.
    package static func folder(of path: String) -> String {
        guard let end = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// The names in a folder; none where there is no folder.
    ///
    /// - Throws: where it can't be read: what is in it isn't known then.
    package static func names(in folder: String) throws(Diagnostic) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            guard access(folder, F_OK) == 0 else { return [] }
            throw Diagnostic("the folder cannot be listed", at: SourceLocation(file: folder))
        }
    }

    package static func join(_ folder: String, _ name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}

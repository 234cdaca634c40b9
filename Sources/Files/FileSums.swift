import Diagnostics
import Foundation

/// The digests of a folder's files, in one more file beside them, as `sha256sum` writes and checks it.
///
/// For what the program keeps for later: a file that has been damaged since is an error then, and not another file. The list
/// is written last, so where it is, the others are whole.
package enum FileSums {
    package static let name = "bellm.sha256"

    /// Whether a folder has a list.
    package static func exist(in folder: String) -> Bool {
        FileManager.default.fileExists(atPath: FilePath.join(folder, name))
    }

    /// Also in a task that is cancelled: what is written is done, and shall be known as such.
    ///
    /// - Parameter names: relative to the folder, of files that are there
    package static func write(of names: [String], in folder: String) throws {
        let lines = try names.map { name in
            "\(try FileDigest.sha256.hexadecimal(of: FilePath.join(folder, name), stoppingWhenCancelled: false))  \(name)\n"
        }
        try AtomicFile.replace(FilePath.join(folder, name), with: lines.joined())
    }

    /// Checks the files of a folder that has a list; one without it has nothing to be held to.
    ///
    /// - Parameter only: the one file to check; nil for all
    /// - Throws: for the first file that isn't what it was, with its path.
    package static func check(_ folder: String, only: String? = nil) throws {
        guard exist(in: folder) else { return }
        let path = FilePath.join(folder, name)
        let lines = try TextFile.text(of: path).split(separator: "\n")
        var checked = 0
        for (index, line) in lines.enumerated() {
            // A list is a folder's own, whoever made it: no name in it leads out.
            guard let match = line.wholeMatch(of: /([0-9a-f]{64})  ([^\/].*)/),
                !match.2.split(separator: "/").contains("..")
            else {
                throw damaged(
                    "expected a SHA-256, two spaces and a file's name", SourceLocation(file: path, line: index + 1))
            }
            guard only.map({ $0 == match.2 }) ?? true else { continue }
            checked += 1
            let file = FilePath.join(folder, String(match.2))
            guard FileManager.default.fileExists(atPath: file) else {
                throw damaged("the file is gone, which \(path) lists", SourceLocation(file: file))
            }
            let found = try FileDigest.sha256.hexadecimal(of: file)
            guard found == match.1 else {
                throw damaged(
                    "the file is damaged, or was changed: it had the SHA-256 \(match.1), and has \(found)",
                    SourceLocation(file: file))
            }
        }
        guard checked > 0 else {
            throw damaged("expected the SHA-256 of \(only ?? "files"), found none", SourceLocation(file: path))
        }
    }

    private static func damaged(_ what: String, _ place: SourceLocation) -> Diagnostic {
        Diagnostic(
            what, at: place,
            suggestion: "in the cache, delete the folder or run with --fresh; elsewhere, copy it again, or delete "
                + "\(name) where the change is meant")
    }
}

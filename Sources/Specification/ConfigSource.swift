import Diagnostics
import Files
import Foundation

/// Where configuration text was written: a file, or one argument of the command line.
package struct ConfigSource: Hashable, Sendable {
    /// What errors name: the file as the user reached it, or the argument.
    let name: String
    /// What relative paths in it are relative to.
    let folder: String
    private let hasLines: Bool

    /// A file, by a path that the current folder resolves. A pipe of the shell, such as `<(…)`, lies in no folder: what it says is
    /// said in the current one.
    static func file(_ path: String) -> ConfigSource {
        if path.hasPrefix("/dev/") || path.hasPrefix("/proc/") {
            return ConfigSource(name: path, folder: "", hasLines: true)
        }
        // Not by NSString: its deletingLastPathComponent crashes on a path of one character.
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
        return ConfigSource(name: path, folder: folder ?? "", hasLines: true)
    }

    /// An argument such as `--set pooling=mean`; its relative paths start at the current folder.
    static func argument(_ text: String) -> ConfigSource {
        ConfigSource(name: text, folder: "", hasLines: false)
    }

    /// A place in it, line and column from 1. An argument has neither.
    func location(line: Int, column: Int) -> SourceLocation {
        hasLines ? SourceLocation(file: name, line: line, column: column) : SourceLocation(file: name)
    }

    /// The path that `path` means when `folder` is where it was said: absolute and `~/` paths stay themselves.
    package static func resolve(_ path: String, in folder: String) -> String {
        if path.hasPrefix("~/") { return HomeFolder.expanded(path) }
        if path.hasPrefix("/") || folder.isEmpty { return path }
        return (folder == "/" ? "" : folder) + "/" + path
    }

    /// What means a file or folder wherever it is read: a resolved experiment says it, and has one digest whatever folder it was
    /// read from.
    static func spelling(of path: String) -> String { HomeFolder.abbreviated(canonical(path)) }

    /// One name for a file however it was reached: absolute, symbolic links followed.
    static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}

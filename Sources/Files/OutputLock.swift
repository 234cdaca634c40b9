import Diagnostics
import Foundation

/// Makes this process the only one that writes an output, from before the work until it is written: a hidden file beside
/// the output, locked, with who holds it in it. A pipe needs none.
public final class OutputLock: Sendable {
    private let lock: FileLock

    /// Takes the lock, and waits for it where another process has it.
    ///
    /// - Parameter willWait: called before waiting, with the number of the process that has it; nil where unknown
    public init(for output: OutputDestination, willWait: (_ holder: Int?) -> Void) throws {
        let folder = FilePath.folder(of: output.target)
        try AtomicFile.createFolder(folder)
        Self.sweep(folder)
        let path = FilePath.join(folder, Self.name(for: FilePath.name(of: output.target)))
        var hasSaid = false
        while true {
            let lock = try FileLock(path)
            if try !lock.lock(.exclusive, waiting: false) {
                if !hasSaid { willWait(Self.holder(path)) }
                hasSaid = true
                _ = try lock.lock(.exclusive, waiting: true)
            }
            // The one before removed the file that was opened here; the next to come would lock a new one.
            guard lock.isInPlace else { continue }
            lock.write("\(Self.mark)\(ProcessIdentity.current)\n")
            self.lock = lock
            return
        }
    }

    /// Lets the next one in.
    public func release() {
        unlink(lock.path)
        lock.unlock()
    }

    /// The lock's hidden name, which no length of the output's makes too long.
    private static func name(for output: String) -> String {
        let name = ".\(output).lock"
        return name.utf8.count <= 255 ? name : ".\(SHA256Digest(of: output)).lock"
    }

    /// Removes the locks of processes that were killed. One that somebody has, or has just opened, stays: whoever locks a
    /// file that is gone by then opens the next.
    private static func sweep(_ folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix(".") && name.hasSuffix(".lock") {
            let path = FilePath.join(folder, name)
            guard let owner = owner(path), owner.hasEnded, let lock = try? FileLock(path),
                (try? lock.lock(.exclusive, waiting: false)) == true, lock.isInPlace, Self.owner(path) == owner
            else { continue }
            unlink(path)
        }
    }

    private static let mark = "bellm "

    private static func owner(_ path: String) -> ProcessIdentity? {
        guard FileIdentity(of: path)?.isRegular == true, let text = try? TextFile.text(of: path), text.hasPrefix(mark)
        else {
            return nil
        }
        return ProcessIdentity(text.dropFirst(mark.count).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func holder(_ path: String) -> Int? { owner(path).map { Int($0.process) } }
}

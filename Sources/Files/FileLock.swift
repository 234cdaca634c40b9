import Diagnostics
import Foundation

/// A file that processes lock to keep out of each other's way. The system unlocks it when its holder ends, however it
/// ends; the file itself stays and means nothing.
public final class FileLock: Sendable {
    public enum Mode: Sendable {
        /// Held by any number of processes.
        case shared
        /// Held by one, while nobody holds it shared.
        case exclusive
    }

    public let path: String
    private let descriptor: Int32
    /// Between two attempts, in microseconds.
    private static let (firstPause, longestPause): (UInt32, UInt32) = (1000, 50_000)

    /// Opens the file, and creates it where it is missing; nothing is locked yet.
    public init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot open", path) }
    }

    deinit { close(descriptor) }

    /// Locks the file, in place of the mode that this process holds it in.
    ///
    /// - Parameter waiting: whether to wait for others; else what was held is lost where they are in the way
    /// - Returns: whether the lock was had; false only without waiting
    /// - Throws: `CancellationError` when the task is cancelled while it waits: the other may be stopped for ever.
    public func lock(_ mode: Mode, waiting: Bool) throws -> Bool {
        var pause = Self.firstPause
        while flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw Diagnostic.system("cannot lock", path) }
            guard waiting else { return false }
            try Task.checkCancellation()
            usleep(pause)
            pause = min(2 * pause, Self.longestPause)
        }
        return true
    }

    public func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// Whether the path still leads to the file that was opened.
    public var isInPlace: Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
    }

    /// Replaces the file's content.
    func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }
}

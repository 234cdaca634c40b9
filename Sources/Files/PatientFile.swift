import Diagnostics
import Foundation

/// Reading and writing pipes that may wait for ever for the other end: as long as the task isn't cancelled.
///
/// A call that waits inside the kernel can't be cancelled; so pipes are opened without waiting, and each read and write comes
/// after poll(2) has said that it won't wait.
package enum PatientFile {
    /// How long a wait goes without looking whether the task is cancelled.
    private static let milliseconds: Int32 = 100

    /// Opens a file or a pipe for reading; no writer is waited for here, but by `read`.
    ///
    /// - Returns: a descriptor, or -1 with `errno`
    package static func openForReading(_ path: String) -> Int32 {
        retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    }

    /// Opens a device or a pipe for writing, and waits for the reader of a pipe.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package static func openForWriting(_ path: String) throws -> Int32 {
        while true {
            let descriptor = retrying { open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK) }
            guard descriptor < 0, errno == ENXIO, isPipe(path) else { return descriptor }
            try Task.checkCancellation()
            usleep(UInt32(milliseconds) * 1000 / 4)
        }
    }

    /// Reads what there is, up to the buffer's size: 0 at the end, which a pipe has when its writers are gone.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package static func read(_ descriptor: Int32, into buffer: inout [UInt8]) throws -> Int {
        while true {
            try wait(descriptor, for: Int16(POLLIN))
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count >= 0 || (errno != EINTR && errno != EAGAIN) { return count }
        }
    }

    /// Reads to the end, a piece at a time.
    ///
    /// - Returns: whether the end was reached; else `errno` says why not
    /// - Throws: what `take` throws, and `CancellationError` when the task is cancelled.
    package static func readAll(
        _ descriptor: Int32, pieceBytes: Int, _ take: (ArraySlice<UInt8>) throws -> Void
    ) throws -> Bool {
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = try read(descriptor, into: &piece)
            guard count > 0 else { return count == 0 }
            try take(piece[..<count])
        }
    }

    /// Writes some of the bytes.
    ///
    /// - Returns: how many, or -1 with `errno`
    /// - Throws: `CancellationError` when the task is cancelled.
    package static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws -> Int {
        while true {
            try wait(descriptor, for: Int16(POLLOUT))
            // So many have room in a pipe that poll calls ready.
            let count = bytes.prefix(Int(PIPE_BUF)).withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 || (errno != EINTR && errno != EAGAIN) { return count }
        }
    }

    /// Writes some of the bytes once there is room for them; a regular file has that for all.
    ///
    /// - Parameter isStopped: asked while there is none
    /// - Returns: how many, or -1 with `errno`; nil where it was stopped
    package static func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, unless isStopped: () -> Bool
    ) -> Int? {
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&entry, 1, milliseconds)
            if ready == 0 || (ready < 0 && errno == EINTR) {
                if isStopped() { return nil }
                continue
            }
            let count = bytes.prefix(isFile ? bytes.count : Int(PIPE_BUF)).withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 || (errno != EINTR && errno != EAGAIN) { return count }
        }
    }

    private static func wait(_ descriptor: Int32, for events: Int16) throws {
        while true {
            try Task.checkCancellation()
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            // Errors, too, are for the call that follows.
            let count = poll(&entry, 1, milliseconds)
            if count > 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    private static func isPipe(_ path: String) -> Bool {
        var status = stat()
        let error = errno
        defer { errno = error }
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    private static func retrying(_ call: () -> Int32) -> Int32 {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

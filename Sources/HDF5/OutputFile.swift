import Diagnostics
import Files
import Foundation

/// A file that is written with plain system calls, whose errors say what a user can act on: "No space left on device".
///
/// HDF5 buffers, and a file that it could not complete stays open inside it until the process ends; so it only lays
/// files out, and this type puts the bytes on the disk.
package struct OutputFile: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Opens a file, or creates it.
    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        self.path = path
        guard descriptor >= 0 else { throw Diagnostic.system("cannot write", path) }
    }

    deinit { close(descriptor) }

    /// Makes room on the disk, so that a full one is noticed before the work and not after it.
    func reserve(_ bytes: Int, at offset: Int) throws {
        guard bytes > 0 else { return }
        let status = posix_fallocate(descriptor, offset, bytes)
        guard status == 0 else {
            errno = status
            throw Diagnostic.system("cannot reserve \(bytes) bytes", path)
        }
    }

    /// Writes all bytes at an offset from the file's start.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, offset + written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Diagnostic.system("cannot write", path) }
            written += count
        }
    }
}

extension OutputFile {
    /// Replaces the file that a user named by these bytes, whole or not at all, or writes them into the pipe that it is.
    package static func replace(_ path: String, with bytes: [UInt8]) throws {
        try OutputDestination(path).replace { temporary in
            try HDF5.finalPath(path, insteadOf: temporary) {
                let file = try OutputFile(temporary)
                try bytes.withUnsafeBytes { try file.write($0, at: 0) }
            }
        }
    }
}

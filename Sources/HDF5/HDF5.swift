import CHDF5
import Diagnostics
import Foundation
import Synchronization

/// The HDF5 library, one caller at a time: its serial build is not thread-safe.
///
/// Every C call goes through ``call(_:_:)`` and its neighbours, which hold one lock for the whole process. Identifiers
/// are owned by ``HDF5Handle``.
public enum HDF5 {
    private static let library = Mutex(())

    /// The library's own end of a process goes round in circles over what a damaged file left open, and says so on standard
    /// error. Everything is written and closed by then. It must be told before its first call.
    private static let keepsNothingForTheEnd: Bool = H5dont_atexit() >= 0

    /// A result is one file, whole: what links into others has no checksums of ours, and may lead to a pipe.
    private static let followsNoLinksToFiles: Bool = H5Lunregister(H5L_TYPE_EXTERNAL) >= 0

    private static func prepare() {
        _ = keepsNothingForTheEnd
        _ = followsNoLinksToFiles
        bellm_h5_silence()
    }

    /// Makes one C call that reports failure by a negative number.
    ///
    /// - Parameter action: completes "HDF5 cannot …".
    /// - Throws: a diagnostic with the innermost message of HDF5's error stack.
    static func call<Status: SignedInteger & Sendable>(_ action: String, _ body: () -> Status) throws -> Status {
        let (status, cause) = library.withLock { _ in
            prepare()
            let status = body()
            return (status, status < 0 ? lastError() : "")
        }
        guard status >= 0 else {
            throw Diagnostic("HDF5 cannot \(action)" + (cause.isEmpty ? "" : ": \(cause)"))
        }
        return status
    }

    /// Makes one C call whose status is only checked.
    static func check(_ action: String, _ body: () -> herr_t) throws {
        _ = try call(action, body)
    }

    /// Copies a C string that HDF5 allocates for its caller, and frees it.
    static func text(_ action: String, _ body: () -> UnsafeMutablePointer<CChar>?) throws -> String {
        let text: String? = library.withLock { _ in
            prepare()
            guard let bytes = body() else { return nil }
            defer { H5free_memory(bytes) }
            return String(cString: bytes)
        }
        guard let text else { throw Diagnostic("HDF5 cannot \(action)") }
        return text
    }

    /// Whether a file is of the kind that this program writes, whose damage the library notices. Others, of schema version 1
    /// among them, can crash it.
    package static func hasChecksums(_ path: String) -> Bool { Superblock.hasChecksums(path) }

    /// Throws where a path is of a device or a pipe, whose reader would wait for ever.
    package static func refuseOtherNodes(_ path: String) throws(Diagnostic) {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG, facts.st_mode & S_IFMT != S_IFDIR else {
            return
        }
        throw Diagnostic("expected an HDF5 file, found a device or a pipe")
    }

    /// Closes an identifier of any kind, or frees memory that HDF5 allocated.
    static func release(_ body: () -> Void) {
        library.withLock { _ in
            prepare()
            body()
        }
    }

    /// Runs `body`, and says which file its diagnostics are about.
    package static func naming<R>(_ path: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch var diagnostic as Diagnostic where diagnostic.location == nil {
            diagnostic.location = SourceLocation(file: path)
            throw diagnostic
        }
    }

    /// Runs `body`, whose diagnostics about a temporary file are about the file that it will become.
    static func finalPath<R>(_ path: String, insteadOf temporary: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch var diagnostic as Diagnostic where diagnostic.location?.file == temporary {
            diagnostic.location?.file = path
            throw diagnostic
        }
    }

    private static func lastError() -> String {
        var bytes = [CChar](repeating: 0, count: 512)
        bellm_h5_last_error(&bytes, bytes.count)
        let text = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self)
    }
}

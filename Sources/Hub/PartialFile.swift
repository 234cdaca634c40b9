import Diagnostics
import Files
import Foundation

/// A file that grows as it is downloaded, and is kept where the download ends early.
final class PartialFile: HTTPBodyReceiver {
    let path: String
    /// In bytes.
    private(set) var size: Int
    private let expectedSize: Int?
    /// Throws where the disk has no room for more; asked before the first bytes, and again behind each `step`.
    var checkSpace: (() throws -> Void)?
    private static let step = 16 << 20
    private var checkedSize: Int?
    private let didGrow: (_ size: Int) -> Void
    private let descriptor: Int32

    /// - Parameters:
    ///   - expectedSize: what a response must not contradict; nil where it isn't known.
    ///   - didGrow: told of each new size.
    init(_ path: String, expectedSize: Int?, didGrow: @escaping (_ size: Int) -> Void) throws {
        (self.path, self.expectedSize, self.didGrow) = (path, expectedSize, didGrow)
        Self.removeLink(path)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot open", path) }
        size = max(0, Int(lseek(descriptor, 0, SEEK_END)))
        if let expectedSize, size > expectedSize { try truncate() }
    }

    deinit { close(descriptor) }

    /// A partial file is none's link: what one leads to would be written over.
    private static func removeLink(_ path: String) {
        var (own, target) = (stat(), stat())
        guard lstat(path, &own) == 0, own.st_mode & S_IFMT == S_IFLNK else { return }
        if stat(path, &target) != 0 || target.st_mode & S_IFMT == S_IFREG { unlink(path) }
    }

    /// Starts over.
    func truncate() throws {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw Diagnostic.system("cannot empty", path)
        }
        size = 0
        didGrow(0)
    }

    /// Makes sure that what was written survives a power cut.
    func synchronise() throws {
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw Diagnostic.system("cannot sync to disk", path) }
    }

    func begin(_ response: HTTPResponse) throws {
        if response.status == 206 {
            guard response.contentRange?.start == size else {
                let found = response["Content-Range"] ?? "no Content-Range"
                try truncate()
                throw WrongRange(message: "\(response.address) was asked for the bytes from \(size), and sent \(found)")
            }
        } else if size > 0 {
            // The server doesn't know ranges.
            try truncate()
        }
        if let announced = response.fileSize, let expectedSize, announced != expectedSize {
            throw WrongContent(
                message: "\(response.address) should have \(expectedSize) bytes, the server has \(announced)")
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        if let expectedSize, size + bytes.count > expectedSize {
            try truncate()
            throw PassingFailure(message: "\(path): more came than the expected \(expectedSize) bytes")
        }
        if let checkSpace, size - (checkedSize ?? -Self.step) >= Self.step {
            checkedSize = size
            do {
                try checkSpace()
            } catch {
                // What has no end is no beginning to go on from.
                try truncate()
                throw error
            }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Diagnostic.system("cannot write", path) }
            rest = rest.dropFirst(count)
            size += count
        }
        didGrow(size)
    }
}

/// A server that answers another range than was asked for.
struct WrongRange: Error {
    let message: String
}

/// A small body, kept in memory.
final class MemoryBody: HTTPBodyReceiver {
    private(set) var bytes: [UInt8] = []
    private static let limit = 64 << 20
    private var sender: WebAddress?

    func begin(_ response: HTTPResponse) { sender = response.address }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard self.bytes.count + bytes.count <= Self.limit else {
            throw HTTPFailure(
                .permanent,
                "\(sender?.description ?? "the server") sent more than \(Self.limit >> 20) MB where an answer was expected"
            )
        }
        self.bytes.append(contentsOf: bytes)
    }
}

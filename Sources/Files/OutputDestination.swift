import Diagnostics
import Foundation

/// Where a command's output goes: decided, and tried as far as it can be, before the command's work.
///
/// A device, a pipe or a descriptor such as `/dev/stdout` is written to. Any other name is a file's, which is replaced
/// whole; a symbolic link stays, and the file that it leads to is replaced.
public struct OutputDestination: Sendable {
    private enum Kind: Equatable {
        /// The path, links followed.
        case file(String)
        case node(String)
        case descriptor(Int32)
    }

    /// As the user wrote it.
    public let path: String
    private let kind: Kind

    private static let longestName = 255
    private static let longestPath = 4095
    private static let mostLinks = 40

    /// - Throws: where the name can't be a file's: it is empty or too long, a folder's or a socket's, a link in a circle.
    public init(_ path: String) throws(Diagnostic) {
        self.path = path
        kind = try Self.kind(of: path)
    }

    /// A folder that isn't there yet, or is empty.
    ///
    /// - Throws: where the name can't be a new folder's: something is there.
    public init(newFolder path: String) throws(Diagnostic) {
        self.path = path
        guard !path.isEmpty else { throw Diagnostic("expected the path of a folder to write, found an empty one") }
        let place = SourceLocation(file: path)
        var target = path
        while target.count > 1, target.hasSuffix("/") { target.removeLast() }
        try Self.checkLengths(target, at: place)
        var status = stat()
        if lstat(target, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw Diagnostic("expected the path of a new folder, found something else there", at: place)
            }
            guard try FilePath.names(in: target).isEmpty else {
                throw Diagnostic(
                    "cannot write here: the folder is there, and not empty", at: place,
                    suggestion: "name a new folder, or delete this one")
            }
        } else if errno != ENOENT {
            throw Diagnostic.system("cannot write", path)
        }
        kind = .file(target)
    }

    /// Whether bytes go out as they are written, and no file is replaced.
    public var isStream: Bool {
        if case .file = kind { return false }
        return true
    }

    public var isStandardOutput: Bool { kind == .descriptor(STDOUT_FILENO) }

    var isDescriptor: Bool {
        if case .descriptor = kind { return true }
        return false
    }

    /// The file that bytes go to; nil where there is none yet, or a character device.
    var identity: FileIdentity? {
        switch kind {
        case .file(let target), .node(let target): FileIdentity(of: target)
        case .descriptor(let number): FileIdentity(descriptor: number)
        }
    }

    /// The size of the file that would be replaced; nil where there is none.
    public var existingBytes: Int? {
        var status = stat()
        guard case .file(let target) = kind, stat(target, &status) == 0 else { return nil }
        return Int(status.st_size)
    }

    /// The file that is replaced; the path itself for a stream.
    var target: String {
        switch kind {
        case .file(let target), .node(let target): target
        case .descriptor: path
        }
    }

    private static func kind(of path: String) throws(Diagnostic) -> Kind {
        guard !path.isEmpty else { throw Diagnostic("expected the path of a file to write, found an empty one") }
        let place = SourceLocation(file: path)
        var target = path
        for _ in 0..<mostLinks {
            if let descriptor = descriptor(named: target) {
                let access = fcntl(descriptor, F_GETFL)
                guard access >= 0, access & O_ACCMODE != O_RDONLY else {
                    throw Diagnostic("cannot write: it is not open for writing", at: place)
                }
                return .descriptor(descriptor)
            }
            try checkLengths(target, at: place)
            var status = stat()
            guard lstat(target, &status) == 0 else {
                guard errno == ENOENT else { throw Diagnostic.system("cannot write", path) }
                guard !target.hasSuffix("/") else { throw isFolder(place) }
                return .file(target)
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG: return .file(target)
            case S_IFCHR, S_IFBLK, S_IFIFO: return .node(target)
            case S_IFDIR: throw isFolder(place)
            case S_IFLNK:
                guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: target) else {
                    throw Diagnostic.system("cannot follow the link", path)
                }
                target = link.hasPrefix("/") ? link : FilePath.join(FilePath.folder(of: target), link)
            default: throw Diagnostic("expected a file, a device or a pipe to write, found a socket", at: place)
            }
        }
        throw Diagnostic("cannot write: its links go in a circle", at: place)
    }

    private static func isFolder(_ place: SourceLocation) -> Diagnostic {
        Diagnostic("cannot write a file here: it is a folder", at: place)
    }

    private static func checkLengths(_ path: String, at place: SourceLocation) throws(Diagnostic) {
        guard path.utf8.count <= longestPath else {
            throw Diagnostic(
                "cannot write: a path has at most \(longestPath) bytes, found \(path.utf8.count)", at: place)
        }
        let longest = path.utf8.split(separator: UInt8(ascii: "/")).map(\.count).max() ?? 0
        guard longest <= longestName else {
            throw Diagnostic("cannot write: a name has at most \(longestName) bytes, found \(longest)", at: place)
        }
    }

    /// The number of an open descriptor that a path means.
    private static func descriptor(named path: String) -> Int32? {
        switch path {
        case "-", "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default: break
        }
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/"), let name = parts.last, let number = Int32(name), number >= 0, name == "\(number)"
        else { return nil }
        let folders = ["dev/fd", "proc/self/fd", "proc/thread-self/fd", "proc/\(getpid())/fd"]
        return folders.contains(parts.dropLast().joined(separator: "/")) ? number : nil
    }
}

// Writing.
extension OutputDestination {
    /// Fills the destination: `write` makes a temporary file, which then takes the place of the old file, or whose bytes
    /// go into the device or pipe.
    ///
    /// - Parameter write: creates a file at the path it is given. When it throws, nothing was written.
    public func replace(write: (_ temporaryPath: String) throws -> Void) throws {
        guard isStream else { return try AtomicFile.replace(target, write: write) }
        let temporary = try temporaryPath()
        defer { unlink(temporary) }
        try write(temporary)
        try put(temporary)
    }

    /// Makes the folder: `write` fills a temporary one beside it, which then takes its name.
    ///
    /// - Parameter write: writes files into the folder that it is given. When it throws, nothing is left of it.
    public func makeFolder(write: (_ temporaryFolder: String) throws -> Void) throws {
        try AtomicFile.createFolder(FilePath.folder(of: target))
        let temporary = TemporaryFile.path(beside: target)
        guard mkdir(temporary, 0o777) == 0 else { throw Diagnostic.system("cannot create the folder", path) }
        do {
            try write(temporary)
            try AtomicFile.move(temporary, to: target)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw (error as? Diagnostic)?.renaming(temporary, to: target) ?? error
        }
    }

    /// Fills the destination with a text in UTF-8.
    public func replace(with text: String) throws {
        try replace { try AtomicFile.write(Array(text.utf8), to: $0, named: path) }
    }

    /// A path for the bytes before they are all there.
    func temporaryPath() throws -> String {
        guard isStream else { return try AtomicFile.temporaryPath(replacing: target) }
        return TemporaryFile.path(beside: FilePath.join(try TemporaryFile.folder(), "bellm"))
    }

    /// Moves a temporary file into place, or its bytes into the device or pipe.
    func put(_ temporary: String) throws {
        if case .file(let target) = kind { return try AtomicFile.move(temporary, to: target) }
        let source = open(temporary, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw Diagnostic.system("cannot read", temporary) }
        defer { close(source) }
        let stream = try self.stream()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Diagnostic.system("cannot read", temporary) }
            if count == 0 { return }
            try stream.write(buffer[..<count])
        }
    }

    /// Opens the device or pipe; a pipe that nobody reads is waited for.
    ///
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    public func stream() throws -> ByteStream {
        switch kind {
        case .descriptor(let number): return ByteStream(number, named: path, closes: false)
        case .node(let target), .file(let target):
            let descriptor = try PatientFile.openForWriting(target)
            guard descriptor >= 0 else { throw Diagnostic.system("cannot write", path) }
            return ByteStream(descriptor, named: path, closes: true)
        }
    }
}

extension Diagnostic {
    /// The same of a file by the name that it would have got.
    fileprivate func renaming(_ temporary: String, to folder: String) -> Diagnostic {
        guard let file = location?.file, file.hasPrefix(temporary) else { return self }
        var renamed = self
        renamed.location?.file = folder + file.dropFirst(temporary.count)
        return renamed
    }
}

/// An open device, pipe or descriptor that bytes go into.
public final class ByteStream: Sendable {
    private let descriptor: Int32
    private let name: String
    private let closes: Bool

    fileprivate init(_ descriptor: Int32, named name: String, closes: Bool) {
        (self.descriptor, self.name, self.closes) = (descriptor, name, closes)
    }

    deinit { if closes { close(descriptor) } }

    /// Writes all bytes.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while nobody takes them.
    public func write(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = try PatientFile.write(rest, to: descriptor)
            guard count >= 0 else { throw Diagnostic.system("cannot write", name) }
            rest = rest.dropFirst(count)
        }
    }
}

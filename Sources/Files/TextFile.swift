import Diagnostics
import Foundation

/// Reading whole files, with an error that a user can act on.
public enum TextFile {
    /// The bytes of a file; a missing file, a folder and an unreadable file are each one clear error.
    ///
    /// - Parameter limit: how many there may be; a file without an end, such as `/dev/zero`, is read no further
    public static func bytes(of path: String, atMost limit: ByteLimit? = nil) throws -> [UInt8] {
        try checkIsFile(path)
        let descriptor = PatientFile.openForReading(path)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot read", path) }
        defer { close(descriptor) }
        ReadFiles.note(descriptor: descriptor, named: path)
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw Diagnostic.system("cannot read", path) }
        // A pipe has no size: it ends where its writer does. A small file costs no more than its size again.
        let size = Int(facts.st_size)
        let pieceBytes = facts.st_mode & S_IFMT == S_IFREG ? max(1, min(size, 1 << 20)) : 1 << 16
        if let limit { try limit.check(size, of: path) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        let isWhole = try PatientFile.readAll(descriptor, pieceBytes: pieceBytes) { piece in
            bytes.append(contentsOf: piece)
            if let limit { try limit.check(bytes.count, of: path) }
        }
        guard isWhole else { throw Diagnostic.system("cannot read", path) }
        return bytes
    }

    /// Throws where there is no file at the path, or a folder.
    public static func checkIsFile(_ path: String) throws(Diagnostic) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Diagnostic("no such file", at: SourceLocation(file: path))
        }
        guard !isFolder.boolValue else {
            throw Diagnostic("expected a file, found a folder", at: SourceLocation(file: path))
        }
    }

    /// The text of a UTF-8 file, without a byte order mark.
    ///
    /// - Throws: a diagnostic with the line of the first byte that is not UTF-8.
    public static func text(of path: String, atMost limit: ByteLimit? = nil) throws -> String {
        let bytes = try bytes(of: path, atMost: limit)
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if let text = String(validating: body, as: UTF8.self) { return text }
        let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw Diagnostic("expected UTF-8 text", at: SourceLocation(file: path, line: bad + 1))
    }
}

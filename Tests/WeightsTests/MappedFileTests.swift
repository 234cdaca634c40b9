import Diagnostics
import Foundation
import TestSupport
import Testing
import Weights

@Suite("A mapped file")
struct MappedFileTests {
    @Test("Its bytes and digest are those of the file")
    func content() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/abc"
            try Data("abc".utf8).write(to: URL(fileURLWithPath: path))
            let file = try MappedFile(path)
            #expect(file.count == 3)
            #expect(file.withUnsafeBytes(Array.init) == Array("abc".utf8))
            // FIPS 180-2, appendix B.1.
            #expect(
                file.sha256().description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }

    @Test(
        "What a mapping takes where some bytes were read is tried: nothing for none, all for all, whole pages between")
    func resident() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (path, page) = (folder + "/large", Int(sysconf(Int32(_SC_PAGESIZE))))
            let size = 3 << 20
            try Data(repeating: 1, count: size).write(to: URL(fileURLWithPath: path))
            let file = try MappedFile(path)
            #expect(file.residentBytes(touching: []) == 0)
            #expect(file.residentBytes(touching: stride(from: 0, to: size, by: page)) == size)
            let some = try #require(file.residentBytes(touching: [5 * page + 7, -1, size]))
            #expect(some >= page && some <= size && some.isMultiple(of: page))
            #expect(try MappedFile([1, 2], as: "memory").residentBytes(touching: [0]) == nil)
        }
    }

    @Test("It stays whole when the file is replaced or removed")
    func replaced() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/old"
            try Data("old".utf8).write(to: URL(fileURLWithPath: path))
            let file = try MappedFile(path)
            try FileManager.default.removeItem(atPath: path)
            #expect(file.withUnsafeBytes(Array.init) == Array("old".utf8))
        }
    }

    @Test("A missing file, a folder, an empty file and a device are each one clear error")
    func unusable() throws {
        func message(_ path: String) throws -> String {
            let error = try #require(throws: Diagnostic.self) { try MappedFile(path) }
            #expect(error.location == SourceLocation(file: path))
            return error.message
        }
        try Fixtures.withTemporaryFolder { folder in
            #expect(try message(folder + "/missing") == "no such file")
            #expect(try message("") == "no such file")
            #expect(try message(folder) == "expected a file, found a folder")
            try Data().write(to: URL(fileURLWithPath: folder + "/empty"))
            #expect(try message(folder + "/empty") == "the file is empty")
            #expect(try message(folder + "/empty/below") == "cannot open: Not a directory")
            #expect(try message("/dev/null").hasPrefix("expected a file, found a device"))
        }
    }

    @Test("An unreadable file is one clear error", .enabled(if: getuid() != 0, "root reads everything"))
    func unreadable() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/locked"
            try Data([1]).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
            let error = try #require(throws: Diagnostic.self) { try MappedFile(path) }
            #expect(error.message == "cannot open: Permission denied")
        }
    }
}

import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    private struct Interruption: Error {}

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test("a file is replaced whole, and nothing else stays in its folder")
    func replaces() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/a.txt"
            try AtomicFile.replace(path, with: "old")
            try AtomicFile.replace(path, with: "new")
            #expect(try TextFile.text(of: path) == "new")
            #expect(try names(in: folder) == ["a.txt"])
        }
    }

    @Test("the old file stays when writing throws, and the half-written one goes")
    func oldFileStays() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/a.txt"
            try AtomicFile.replace(path, with: "old")
            #expect(throws: Interruption.self) {
                try AtomicFile.replace(path) { temporary in
                    try Data("half".utf8).write(to: URL(fileURLWithPath: temporary))
                    throw Interruption()
                }
            }
            #expect(try TextFile.text(of: path) == "old")
            #expect(try names(in: folder) == ["a.txt"])
        }
    }

    @Test("a writer that wrote nothing is an error, and the old file stays")
    func writesNothing() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/a.txt"
            try AtomicFile.replace(path, with: "old")
            #expect(throws: Diagnostic.self) { try AtomicFile.replace(path) { _ in } }
            #expect(try TextFile.text(of: path) == "old")
        }
    }

    @Test("a folder as the target is an error before anything is written")
    func folderAsTarget() throws {
        try Fixtures.withTemporaryFolder { folder in
            let target = folder + "/results"
            try AtomicFile.createFolder(target)
            let error = try #require(throws: Diagnostic.self) {
                try AtomicFile.replace(target) { _ in Issue.record("the writer was called") }
            }
            #expect(error.location == SourceLocation(file: target) && error.message.contains("folder"))
            #expect(try names(in: folder) == ["results"])
        }
    }

    @Test("missing folders are made; a file in the place of a folder is an error with its path")
    func folders() throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/a/b/c.txt", with: "deep")
            #expect(try TextFile.text(of: folder + "/a/b/c.txt") == "deep")
            let error = try #require(throws: Diagnostic.self) {
                try AtomicFile.replace(folder + "/a/b/c.txt/d.txt", with: "no")
            }
            #expect(error.location?.file.hasPrefix(folder + "/a/b/c.txt") == true)
        }
    }

    @Test("the temporary file stands beside the target, where renaming is atomic")
    func besideTheTarget() throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/a.txt") { temporary in
                let parts = URL(fileURLWithPath: temporary).pathComponents.suffix(2)
                #expect(parts.first == URL(fileURLWithPath: folder).lastPathComponent)
                #expect(parts.last?.hasPrefix(".a.txt.") == true)
                try Data("x".utf8).write(to: URL(fileURLWithPath: temporary))
            }
        }
    }

    @Test("of several writers at once one wins, whole")
    func severalWriters() async throws {
        let folder = NSTemporaryDirectory() + "/bellm-test-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/a.txt"
        let texts = (0..<8).map { String(repeating: "\($0)", count: 100_000) }
        try await withThrowingTaskGroup { group in
            for text in texts { group.addTask { try AtomicFile.replace(path, with: text) } }
            try await group.waitForAll()
        }
        #expect(texts.contains(try TextFile.text(of: path)))
        #expect(try names(in: folder) == ["a.txt"])
    }

    @Test("An error of Foundation's is said in the system's words, or with its number where it has none")
    func foundationErrors() {
        let full = NSError(domain: NSPOSIXErrorDomain, code: Int(ENOSPC))
        let wrapped = NSError(domain: NSCocoaErrorDomain, code: 512, userInfo: [NSUnderlyingErrorKey: full])
        for error in [full, wrapped, NSError(domain: NSCocoaErrorDomain, code: 640)] {
            #expect(
                Diagnostic.system("cannot write", "x", error).description == "x: cannot write: No space left on device")
        }
        let bare = NSError(domain: NSCocoaErrorDomain, code: 512)
        #expect(
            Diagnostic.system("cannot write", "x", bare).message
                == "cannot write: the system doesn't say why (NSCocoaErrorDomain 512)")
    }
}

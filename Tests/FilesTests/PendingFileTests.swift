import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite("A file that is the old one until it is committed")
struct PendingFileTests {
    @Test("What is written is there after the commit, with its beginning corrected, and not before")
    func commit() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/new/x"
            let file = try PendingFile(replacing: OutputDestination(path))
            try file.append([1, 2, 3])
            try file.overwrite(start: [9])
            try file.append([4])
            #expect(try file.read(at: 1, count: 3) == [2, 3, 4])
            #expect(file.byteCount == 4)
            #expect(!FileManager.default.fileExists(atPath: path))
            try file.commit()
            #expect(try TextFile.bytes(of: path) == [9, 2, 3, 4])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/new") == ["x"])
        }
    }

    @Test("Without a commit nothing is left, and the old file stays")
    func dropped() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/x"))
            try { try PendingFile(replacing: OutputDestination(folder + "/x")).append([1]) }()
            #expect(try TextFile.text(of: folder + "/x") == "old")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x"])
        }
    }

    @Test("A folder in its place is an error")
    func folder() throws {
        try Fixtures.withTemporaryFolder { folder in
            let error = try #require(throws: Diagnostic.self) { try PendingFile(replacing: OutputDestination(folder)) }
            #expect(error.message.contains("it is a folder"))
        }
    }
}

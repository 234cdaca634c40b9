import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite("Where output goes")
struct OutputDestinationTests {
    private func write(_ text: String, to path: String) throws { try OutputDestination(path).replace(with: text) }

    private func complaint(_ path: String) -> String {
        do {
            try OutputDestination(path).check()
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test("Links are followed, over folders and to files that are not there, and stay")
    func links() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
            for (link, target) in [("one", "a/two"), ("a/two", "../three"), ("absolute", folder + "/a/four")] {
                try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(link)", withDestinationPath: target)
            }
            for text in ["new", "newer"] {
                try write(text, to: folder + "/one")
                #expect(try TextFile.text(of: folder + "/three") == text)
            }
            try write("far", to: folder + "/absolute")
            #expect(try TextFile.text(of: folder + "/a/four") == "far")
            for link in ["one", "a/two", "absolute"] {
                #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(link)")) != nil)
            }
            #expect(try names(in: folder) == ["a", "absolute", "one", "three"])
        }
    }

    @Test("A pipe and a descriptor get the bytes; a device stays a device")
    func streams() throws {
        try Fixtures.withTemporaryFolder { folder in
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            let reader = open(pipe, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            try write("through", to: pipe)
            var bytes = [UInt8](repeating: 0, count: 20)
            #expect(read(reader, &bytes, 20) == 7 && bytes.starts(with: "through".utf8))
            let file = open(folder + "/file", O_RDWR | O_CREAT, 0o600)
            defer { close(file) }
            try write("one ", to: "/dev/fd/\(file)")
            try write("two", to: "/proc/self/fd/\(file)")
            #expect(try TextFile.text(of: folder + "/file") == "one two")
            try write("nothing", to: "/dev/null")
            #expect(try OutputDestination("/dev/null").isStream && OutputDestination("/dev/stdout").isStandardOutput)
            for name in ["/dev/fd/1", "/dev//fd//1", "//dev/fd/1", "/proc/self/fd/1", "/proc/thread-self/fd/1", "-"] {
                #expect(try OutputDestination(name).isStandardOutput, "\(name)")
            }
            #expect(try !OutputDestination("dev/fd/1").isStream)
            #expect(try names(in: folder) == ["file", "pipe"])
            let error = #expect(throws: Diagnostic.self) { try write("x", to: "/dev/full") }
            #expect(error?.description == "/dev/full: cannot write: No space left on device")
        }
    }

    @Test("What can't be written is said before, with the name as it was given, and nothing is left behind")
    func refusals() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
            symlink("round", folder + "/round")
            let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            let long = String(repeating: "n", count: 256)
            #expect(complaint("") == "expected the path of a file to write, found an empty one")
            #expect(complaint(folder).hasSuffix("cannot write a file here: it is a folder"))
            #expect(complaint(folder + "/new/").hasSuffix("cannot write a file here: it is a folder"))
            #expect(complaint(folder + "/round").hasSuffix("its links go in a circle"))
            #expect(complaint(folder + "/file/x").hasSuffix("cannot write: Not a directory"))
            #expect(complaint(folder + "/\(long)").hasSuffix("a name has at most 255 bytes, found 256"))
            #expect(complaint(folder + "/new/\(long)/x").hasSuffix("a name has at most 255 bytes, found 256"))
            #expect(complaint("/proc/x").contains("cannot write to the folder /proc"))
            #expect(complaint("/dev/fd/999").contains("not open for writing"))
            #expect(complaint(folder + "/a/b/c.h5").isEmpty)
            #expect(try names(in: folder) == ["file", "round"])
        }
    }

    @Test("Names are as long as the file system has them, and so are their locks")
    func longNames() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in [String(repeating: "n", count: 230), String(repeating: "é", count: 127)] {
                let destination = try OutputDestination(folder + "/" + name)
                try destination.check()
                let lock = try OutputLock(for: destination) { _ in Issue.record("nobody has it") }
                try destination.replace(with: "x")
                lock.release()
                #expect(try names(in: folder) == [name])
                unlink(folder + "/" + name)
            }
        }
    }

    @Test("An input is refused under each of its names: itself, links to it, hard links")
    func inputs() throws {
        try Fixtures.withTemporaryFolder { folder in
            let input = folder + "/input"
            try Data("x".utf8).write(to: URL(fileURLWithPath: input))
            symlink("input", folder + "/link")
            #expect(link(input, folder + "/hard") == 0)
            try Data("y".utf8).write(to: URL(fileURLWithPath: folder + "/other"))
            _ = try TextFile.text(of: input)
            for name in ["input", "link", "hard", "../\(URL(fileURLWithPath: folder).lastPathComponent)/input"] {
                let destination = try OutputDestination("\(folder)/\(name)")
                #expect(throws: Diagnostic.self) { try destination.refuseInputs() }
                #expect(throws: Diagnostic.self) { try destination.refuse([folder + "/other", input]) }
            }
            try OutputDestination(folder + "/other").refuseInputs()
            try OutputDestination(folder + "/new").refuseInputs()
        }
    }

    @Test("A pipe that is read is no output, under each of its names; a terminal and /dev/null are both")
    func pipes() throws {
        try Fixtures.withTemporaryFolder { folder in
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0 && mkfifo(folder + "/other", 0o600) == 0)
            symlink("pipe", folder + "/link")
            #expect(link(pipe, folder + "/hard") == 0)
            let descriptor = open(pipe, O_RDWR | O_CLOEXEC)
            defer { close(descriptor) }
            ReadFiles.note(pipe)
            for name in [pipe, folder + "/link", folder + "/hard", "/dev/fd/\(descriptor)"] {
                let error = #expect(throws: Diagnostic.self) { try OutputDestination(name).refuseInputs() }
                #expect(error?.message.contains("the command reads this pipe or device") == true)
            }
            ReadFiles.note("/dev/null")
            for name in [folder + "/other", "/dev/null"] { try OutputDestination(name).refuseInputs() }
        }
    }

    @Test("Nothing in the cache folder is written for a user, whatever name or link leads there")
    func cache() throws {
        try Fixtures.withTemporaryFolder { folder in
            let cache = CacheFolder(path: folder + "/cache")
            try OutputDestination(folder + "/cache/x").check(cache: cache)
            try FileManager.default.createDirectory(atPath: cache.file("models/a"), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: cache.file("embeddings.sqlite")))
            symlink("cache/models", folder + "/folder")
            symlink("cache/embeddings.sqlite", folder + "/file")
            // A big disk's folder behind the cache's name is the cache's too.
            try FileManager.default.createDirectory(atPath: folder + "/disk/b", withIntermediateDirectories: true)
            symlink("../../disk", cache.file("models/linked"))
            for name in [
                "cache/embeddings.sqlite", "cache/embeddings.sqlite-wal", "cache/new/x", "cache/models/a/x", "folder/x",
                "folder/a/x", "file", "other/../cache/x", "cache/models/../x",
                "cache/models/linked/x", "cache/models/linked/b/x", "other/../cache/models/linked/new/x",
            ] {
                let error = #expect(throws: Diagnostic.self, "\(name)") {
                    try OutputDestination("\(folder)/\(name)").check(cache: cache)
                }
                #expect(error?.message.contains("it is in the cache folder \(cache.path)") == true)
            }
            for name in ["x", "cached", "other/x", "cache.h5", "cache/../x", "disk/x"] {
                try OutputDestination("\(folder)/\(name)").check(cache: cache)
            }
            #expect(try names(in: cache.path) == ["embeddings.sqlite", "models"])
        }
    }

    @Test("A file that isn't there is refused too in a folder that is read as a whole")
    func readFolders() throws {
        try Fixtures.withTemporaryFolder { folder in
            let model = folder + "/model"
            try FileManager.default.createDirectory(atPath: model + "/part", withIntermediateDirectories: true)
            symlink("model", folder + "/link")
            try AtomicFile.replace(model + "/text", with: "x")
            ReadFiles.note(allIn: folder + "/link")
            for name in ["model/new", "link/new", "model/part/new", "model/more/new"] {
                let error = #expect(throws: Diagnostic.self) {
                    try OutputDestination("\(folder)/\(name)").refuseInputs()
                }
                #expect(error?.message.contains("the command reads the folder") == true)
            }
            try OutputDestination(folder + "/new").refuseInputs()
            // What takes the number of a folder or a file that is gone is none that was read.
            _ = try TextFile.text(of: folder + "/model/text")
            try FileManager.default.removeItem(atPath: model)
            for number in 0..<8 {
                try AtomicFile.replace("\(folder)/\(number)/text", with: "x")
                try OutputDestination("\(folder)/\(number)/new").refuseInputs()
                try OutputDestination("\(folder)/\(number)/text").refuseInputs()
            }
        }
    }

    @Test("A file is replaced by one of its kind alone; an empty one by any")
    func otherKinds() throws {
        try Fixtures.withTemporaryFolder { folder in
            let png = Data([0x89] + Array("PNG".utf8) + [UInt8](repeating: 7, count: 40))
            var files: [(kind: OutputKind, text: [UInt8])] = [
                (.hdf5, [0x89] + Array("HDF\r\n\u{1A}\n".utf8)),
                (.pdf, Array(OutputKind.pdf.marked(Data("%PDF-1.5\n%%EOF\n".utf8)))),
                (.png, Array(OutputKind.png.marked(png))),
            ]
            files.append((.npy, Self.matrix("<f4", "(10, 3)", bytes: OutputKind.npyHeaderBytes)))
            let texts: [(OutputKind, String)] = [
                (.jsonLines, "{\"text\": \"a\", \"embedding\": [1]}\n"), (.csv, "id,text,d0,d1\n"),
                (.page, "<!DOCTYPE html>\n<meta name=\"generator\" content=\"bellm\"/>"),
                (.drawing, "<?xml version=\"1.0\"?><svg><metadata>bellm plot</metadata>"),
            ]
            files += texts.map { ($0, Array($1.utf8)) }
            let path = folder + "/file"
            for (_, text) in files + [(.hdf5, Array("model: ./m\n".utf8)), (.hdf5, [0xFF])] {
                try Data(text).write(to: URL(fileURLWithPath: path))
                for (kind, own) in files {
                    let isRefused = (try? OutputDestination(path).refuseOtherThan(kind)) == nil
                    #expect(isRefused == (own != text), "\(kind.name) over \(text)")
                }
            }
            try Data().write(to: URL(fileURLWithPath: path))
            for (kind, _) in files { try OutputDestination(path).refuseOtherThan(kind) }
            try OutputDestination("/dev/null").refuseOtherThan(.hdf5)
        }
    }

    /// The header of a .npy file of so many bytes.
    private static func matrix(_ type: String, _ shape: String, bytes: Int) -> [UInt8] {
        let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
            .padding(toLength: bytes - 11, withPad: " ", startingAt: 0)
        let length = bytes - 10
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array("\(text)\n".utf8)
    }

    @Test("Files of the same formats that others wrote are kept")
    func foreign() throws {
        let matrices = [("<f8", "(10, 3)"), ("<f4", "(3,)"), ("<f4", "(10, 3, 1)"), ("<i4", "(10, 3)")]
        var files: [(kind: OutputKind, bytes: [UInt8])] = []
        for (type, shape) in matrices {
            files.append((.npy, Self.matrix(type, shape, bytes: OutputKind.npyHeaderBytes)))
        }
        // As NumPy writes what this program writes too, and as nobody fills it up.
        for bytes in [128, 192, OutputKind.npyHeaderBytes + 64] {
            files.append((.npy, Self.matrix("<f4", "(10, 3)", bytes: bytes)))
        }
        let texts: [(OutputKind, [String])] = [
            (.csv, ["id,d0\n1,2\n", "text,d0,d2\n", "text\n", "text,d0,d1,note\n", "a,b\ntext,d0\n"]),
            (
                .jsonLines,
                ["{\"id\": 1, \"embedding\": [1]}\n", "{\"id\": 1}\n{\"text\": \"a\", \"embedding\": [1]}\n"]
            ),
            (.page, ["<!DOCTYPE html><title>My bellm report</title>", "<svg/>"]),
            (.drawing, ["<?xml version=\"1.0\"?><svg><text>bellm plot</text></svg>"]),
            (.pdf, ["%PDF-1.5\nbellm plot\n%%EOF\n", "%PDF"]),
        ]
        for (kind, texts) in texts { files += texts.map { (kind, Array($0.utf8)) } }
        files.append((.png, [0x89] + Array("PNG".utf8) + [UInt8](repeating: 0, count: 60)))
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/file"
            for (kind, bytes) in files {
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: Diagnostic.self) { try OutputDestination(path).refuseOtherThan(kind) }
                #expect(error?.suggestion == "name another file to write, or delete this one")
            }
        }
    }

    @Test("A name that ends as another known format's files do is refused; one that ends as none does is not")
    func endings() throws {
        for (kind, names) in [
            (OutputKind.hdf5, ["a.csv", "a.b.PARQUET", "x.html", "x.h5.gz"]), (.page, ["x.pdf", "r.h5", "a.txt"]),
        ] {
            for name in names {
                let error = #expect(throws: Diagnostic.self) {
                    try OutputDestination(name).refuseEnding(otherThan: kind)
                }
                #expect(error?.suggestion == "name it .\(kind.endings[0])")
            }
            for name in ["a", "layers.v2", "a.\(kind.endings[0].uppercased())", "/dev/null"] {
                try OutputDestination(name).refuseEnding(otherThan: kind)
            }
        }
    }

    @Test("A PNG file's mark is a chunk of text with the right check sum")
    func pngMark() {
        let png = Data([0x89] + Array("PNG".utf8) + [UInt8](repeating: 7, count: 40))
        let marked = [UInt8](OutputKind.png.marked(png))
        let chunk = Array(marked[33..<64])
        func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
        var sum: UInt32 = ~0
        for byte in chunk[4..<27] {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        #expect(marked.count == 44 + 31 && number(chunk[..<4]) == 19)
        #expect(number(chunk[27...]) == ~sum)
    }

    @Test("A pipe that nobody reads, or nobody writes, is waited for until the task is cancelled")
    func waiting() async throws {
        try await Fixtures.withTemporaryFolder { (folder: String) async throws in
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            let waits: [@Sendable () throws -> Void] = [
                { try OutputDestination(pipe).replace(with: "x") }, { _ = try TextFile.bytes(of: pipe) },
                { _ = try LineReader(pipe).next() },
            ]
            for wait in waits {
                let task = blockingTask { try wait() }
                try await Task.sleep(for: .milliseconds(50))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test("A folder is made whole or not at all, where there is none or an empty one")
    func folders() throws {
        try Fixtures.withTemporaryFolder { folder in
            let new = try OutputDestination(newFolder: folder + "/a/new/")
            try new.check()
            let error = #expect(throws: Diagnostic.self) {
                try new.makeFolder { try OutputDestination($0 + "/x/").replace(with: "text") }
            }
            #expect(error?.location?.file.hasPrefix(folder + "/a/new/") == true, "\(String(describing: error))")
            #expect(try names(in: folder + "/a").isEmpty)
            try new.makeFolder { try AtomicFile.replace($0 + "/inner/x", with: "text") }
            #expect(try names(in: folder + "/a") == ["new"])
            #expect(try TextFile.text(of: folder + "/a/new/inner/x") == "text")
            for (path, words) in [
                ("a/new", "not empty"), ("a/new/inner/x", "something else there"), ("", "an empty one"),
            ] {
                let error = #expect(throws: Diagnostic.self) {
                    try OutputDestination(newFolder: path.isEmpty ? "" : "\(folder)/\(path)")
                }
                #expect(error?.message.contains(words) == true, "\(String(describing: error))")
            }
        }
    }

    @Test("What killed processes left is swept; what the living and other machines' write stays")
    func sweeping() throws {
        try Fixtures.withTemporaryFolder { folder in
            let own = ProcessIdentity.current.description
            let parts = own.split(separator: "-")
            // A number above the largest that Linux gives.
            let dead = "\(parts[0])-4194305-77"
            let reused = "\(parts[0])-\(parts[1])-1"
            let far = "00000000-4194305-77"
            let names = [
                ".x.h5.\(dead).ab12.tmp", ".y.\(reused).1.tmp", ".x.h5.\(own).ab12.tmp", ".x.h5.\(far).ab12.tmp",
                ".x.tmp", ".a.b.c.tmp", "x.\(dead).1.tmp", ".mine.lock",
            ]
            for name in names { try Data("text".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            // A folder that was being filled.
            let inner = "\(folder)/.z.\(dead).2.tmp/inner"
            try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
            for (name, owner) in [(".dead.lock", dead), (".far.lock", far)] {
                try Data("bellm \(owner)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            try OutputDestination(folder + "/new").check()
            try OutputLock(for: OutputDestination(folder + "/new")) { _ in }.release()
            #expect(try self.names(in: folder) == (names.dropFirst(2) + [".far.lock"]).sorted())
        }
    }
}

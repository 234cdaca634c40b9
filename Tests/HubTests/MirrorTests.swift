import Diagnostics
import Files
import Foundation
import Hub
import TestSupport
import Testing

struct MirrorTests {
    @Test(
        "A file whose size nobody says leaves the disk its reserve, and nothing of it stays; one with a size is bounded"
    )
    func endless() async throws {
        try await HubTrial.run { trial in
            let content = HubTrial.weights
            let mirror = try LocalServer { FakeHub.ranged(content, for: $0) }
            let folder = trial.folder + "/data"
            trial.client.reservedBytes = .max
            for (size, isRefused) in [(Int?.none, true), (content.count, false)] {
                let file = MirroredFile(
                    path: "\(isRefused).bin", addresses: [mirror.address + "/x"], sha256: nil, size: size)
                guard isRefused else {
                    #expect(try trial.client.fetch([file], into: folder).fetched == [file])
                    continue
                }
                let error = #expect(throws: Diagnostic.self) { try trial.client.fetch([file], into: folder) }
                #expect(error?.message.hasPrefix("nobody says how large ") == true, "\(String(describing: error))")
                let left = try FileManager.default.attributesOfItem(atPath: folder + "/true.bin.incomplete")[.size]
                #expect(left as? Int == 0)
            }
            trial.client.reservedBytes = 0
            let file = MirroredFile(path: "c", addresses: [mirror.address + "/x"], sha256: nil)
            #expect(try trial.client.fetch([file], into: folder).fetched == [file])
        }
    }

    @Test("Mirrors are tried in turn until one has the right content")
    func mirrors() async throws {
        try await HubTrial.run { trial in
            let content = Array("The right sentences.\n".utf8)
            let mirror = try LocalServer { request in
                switch request.path {
                case "/right": FakeHub.ranged(content, for: request)
                case "/wrong": .init(200, Array("The other sentences.\n".utf8))
                default: .init(404)
                }
            }
            let ways = ["http://127.0.0.1:9/x", "\(mirror.address)/missing", "\(mirror.address)/wrong"]
            var files = [
                MirroredFile(
                    path: "a/b.txt", addresses: ways + ["\(mirror.address)/right"],
                    sha256: SHA256Digest(of: content).description),
                MirroredFile(path: "c.txt", addresses: ways, sha256: SHA256Digest(of: content).description, size: nil),
            ]
            let folder = trial.folder + "/data"
            var outcome = try trial.client.fetch(files, into: folder)
            #expect(outcome.fetched == [files[0]])
            #expect(outcome.failed.map(\.file) == [files[1]])
            #expect(outcome.failed.first?.reasons.count == 3)
            #expect(outcome.failed.first?.reasons[0] == "http://127.0.0.1:9 didn't answer before")
            #expect(outcome.failed.first?.reasons[1] == "\(mirror.address)/missing answers 404")
            #expect(try TextFile.bytes(of: "\(folder)/a/b.txt") == content)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/c.txt"))

            // Kept where it is right, fetched again where it isn't.
            files.removeLast()
            outcome = try trial.client.fetch(files, into: folder)
            #expect(outcome.kept == files)
            try Data("damaged".utf8).write(to: URL(fileURLWithPath: "\(folder)/a/b.txt"))
            outcome = try trial.client.fetch(files, into: folder)
            #expect(outcome.fetched == files)
            #expect(try TextFile.bytes(of: "\(folder)/a/b.txt") == content)
        }
    }
}

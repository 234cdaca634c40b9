import Diagnostics
import Files
import Foundation
import Hub
import TestSupport
import Testing

/// Servers and networks that fail, in every way.
struct DamageTests {
    private static let file = "model.safetensors"

    private static func isContent(_ request: LocalServer.Request) -> Bool {
        request.method == "GET" && request.path.hasSuffix(file)
    }

    private func expectWhole(_ trial: HubTrial) throws {
        let snapshot = try trial.client.fetch(trial.id, .model)
        #expect(try trial.content(snapshot, Self.file) == HubTrial.weights)
        #expect(trial.blobs.allSatisfy { !$0.contains("incomplete") })
    }

    @Test("A connection that is cut, wherever, is taken up where it was", arguments: 0..<4)
    func cut(_ seed: UInt64) async throws {
        try await HubTrial.run(change: { request, number, answer in
            var random = SeededRandom(seed: seed &* 100 &+ UInt64(number))
            if Self.isContent(request) { answer.cut = Int.random(in: 0...answer.body.count / 2, using: &random) }
            if number == 12 { answer.cut = nil }
        }) { trial in
            try expectWhole(trial)
            let starts = trial.gets(Self.file).map { $0.rangeStart ?? 0 }
            #expect(starts == starts.sorted())
            #expect(starts.count > 1)
        }
    }

    @Test("A head that is cut, and no answer at all, are asked for again")
    func cutHead() async throws {
        try await HubTrial.run(change: { request, number, answer in
            if number < 2 { answer = .init(500) }
            if number == 2 { answer.headers["Content-Length"] = String(answer.body.count + 1) }
        }) { trial in
            try expectWhole(trial)
            #expect(trial.events.retries.count >= 8)
        }
    }

    @Test("A server that refuses ranges, or answers others, sends the file from its beginning", arguments: 0..<4)
    func ranges(_ way: Int) async throws {
        try await HubTrial.run(change: { request, number, answer in
            guard Self.isContent(request) else { return }
            if number == 0 { answer.cut = 1000 }
            guard let start = request.rangeStart else { return }
            switch way {
            case 0: answer = .init(200, HubTrial.weights)
            case 1: answer.headers["Content-Range"] = "bytes \(start - 7)-299999/300000"
            case 2: answer = .init(416)
            default: answer.headers["Content-Range"] = nil
            }
        }) { trial in
            try expectWhole(trial)
            #expect(trial.gets(Self.file).compactMap(\.rangeStart) == [1000])
        }
    }

    @Test("A length that isn't the file's is an error; what came is kept and completed later")
    func wrongLength() async throws {
        try await HubTrial.run(change: { request, number, answer in
            if Self.isContent(request), number < 6 {
                answer.body = Array(HubTrial.weights.prefix(2000))
                answer.headers = ["Content-Length": "300000"]
                answer.status = 200
            }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.description.contains("model.safetensors: ") == true)
            #expect(error?.description.contains("tried 6 times; what was downloaded is kept") == true)
            #expect(trial.blobs.contains { $0.hasSuffix(".incomplete") })
            #expect(trial.events.delays.withLock(\.count) == 5)
            try expectWhole(trial)
        }
    }

    @Test(
        "A file that is shorter or longer than the hub says is refused before it is taken",
        arguments: [299_999, 300_001])
    func wrongSize(_ size: Int) async throws {
        try await HubTrial.run(change: { request, _, answer in
            if Self.isContent(request) { answer = .init(200, [UInt8](repeating: 7, count: size)) }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("should have 300000 bytes, the server has \(size)") == true)
        }
    }

    @Test("A file with another content than its name promises is never seen; once is tried again")
    func wrongContent() async throws {
        try await HubTrial.run(change: { request, number, answer in
            if Self.isContent(request), number < 2 { answer.body[12_345] ^= 1 }
            if request.method == "GET", request.path.hasSuffix("config.json"), number == 0 { answer.body[0] = 32 }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            let digest = try #require(trial.hub.files[Self.file]?.etag)
            #expect(error?.message.contains("model.safetensors: expected SHA-256 \(digest), the server sent ") == true)
            #expect(!trial.blobs.contains { $0.hasPrefix(digest) })
            #expect(trial.events.retries.contains { $0.contains("config.json: expected git's SHA-1") })
            try expectWhole(trial)
        }
    }

    @Test(
        "What an earlier program left is completed, and thrown away where it is something else",
        arguments: [true, false])
    func leftover(_ isRight: Bool) async throws {
        try await HubTrial.run { trial in
            let blobs = trial.repository + "/blobs"
            try AtomicFile.createFolder(blobs)
            let digest = try #require(trial.hub.files[Self.file]?.etag)
            let left = isRight ? Array(HubTrial.weights.prefix(123_456)) : [UInt8](repeating: 1, count: 123_456)
            try Data(left).write(to: URL(fileURLWithPath: "\(blobs)/\(digest).incomplete"))
            try expectWhole(trial)
            #expect(trial.gets(Self.file).map(\.rangeStart) == (isRight ? [123_456] : [123_456, nil]))
            #expect(trial.events.progress.contains { $0.resumedBytes == 123_456 })
        }
    }

    @Test("Servers that are busy are asked again later, as late as they ask for")
    func busy() async throws {
        try await HubTrial.run(change: { request, number, answer in
            if number == 0 { answer = .init(429, headers: ["Retry-After": "97"]) }
            if number == 1 { answer = .init(503) }
        }) { trial in
            try expectWhole(trial)
            let delays = trial.events.delays.withLock(\.self)
            #expect(delays.filter { $0 == .seconds(97) }.count == 7)
            #expect(delays.count == 14)
            #expect(delays.allSatisfy { $0 >= .seconds(1) })
        }
        try await HubTrial.run(change: { _, _, answer in answer = .init(429, headers: ["Retry-After": "7200"]) }) {
            trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("answers 429, and asks to come back in 120 minutes") == true)
        }
    }

    @Test(
        "A time that none is, or that nobody waits for, is said",
        arguments: [
            ("-5", "answers 429, with a Retry-After that is no time: \"-5\""), ("soon", "no time: \"soon\""),
            ("1e9", "no time: \"1e9\""), ("99999999999999999999", "asks to come back in 525600 minutes or more"),
        ])
    func retryAfter(_ header: String, _ message: String) async throws {
        try await HubTrial.run(change: { _, _, answer in answer = .init(429, headers: ["Retry-After": header]) }) {
            trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    @Test("A server that says nothing for too long is given up on; a slow one isn't")
    func slow() async throws {
        try await HubTrial.run(change: { request, _, answer in
            if request.path.hasPrefix("/api") { answer.delay = 0.2 }
            if Self.isContent(request) { answer.drip = 30_000 }
        }) { trial in try expectWhole(trial) }
        try await HubTrial.run(change: { _, _, answer in answer.delay = 3 }) { trial in
            trial.client.environment.stallTimeout = 1
            trial.client.retries.attempts = 1
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("cannot reach http://127.0.0.1:") == true)
        }
    }

    @Test("An address without a file's content behind it is an error: no ETag, a page instead of the hub's answer")
    func noHub() async throws {
        try await HubTrial.run(change: { request, _, answer in answer.headers["ETag"] = nil }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("has no ETag") == true)
        }
        try await HubTrial.run(change: { _, _, answer in answer = .init(200, Array("<html>Log in!".utf8)) }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.description.contains("this is not what a hub answers") == true)
            #expect(error?.description.contains("check HF_ENDPOINT") == true)
        }
    }

    @Test("A full disk is one clear error, and no file is seen")
    func fullDisk() async throws {
        try await HubTrial.run { trial in
            let blobs = trial.repository + "/blobs"
            try AtomicFile.createFolder(blobs)
            let digest = try #require(trial.hub.files[Self.file]?.etag)
            symlink("/dev/full", "\(blobs)/\(digest).incomplete")
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message == "cannot write: No space left on device")
            #expect(!trial.blobs.contains(digest))
        }
        try await HubTrial.run(change: { request, _, answer in
            if request.method == "HEAD" { answer.headers["X-Linked-Size"] = "1000000000000000000" }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("needs 1000000.0 TB more, the disk has ") == true)
        }
    }
}

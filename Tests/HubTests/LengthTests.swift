import Diagnostics
import Hub
import TestSupport
import Testing

/// Lengths that a server says wrongly: a transfer that waits for one would end by the stall time, twenty seconds here.
struct LengthTests {
    private static let name = "model.safetensors"

    private static func isContent(_ request: LocalServer.Request) -> Bool {
        request.method == "GET" && request.path.hasSuffix(name)
    }

    private func expectRefusal(
        saying words: String..., change: @escaping @Sendable (LocalServer.Request, inout LocalServer.Answer) -> Void
    ) async throws {
        try await HubTrial.run(change: { request, _, answer in change(request, &answer) }) { trial in
            let start = ContinuousClock.now
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(trial.events.retries.isEmpty)
            let message = error?.message ?? ""
            #expect(message.hasPrefix("http://127.0.0.1:"))
            #expect(words.allSatisfy { message.contains($0.debugDescription) }, "\(message)")
        }
    }

    @Test(
        "A length that is none is refused at once with what the server sent",
        arguments: [
            "9223372036854775807", "18446744073709551621", "1152921504606846977", "-1", "-0", "+300000", "0x493E0",
            "300000x", "3e5", "300000.0", "none", "", "300 000", "300000, 300000", "300000,300001", "\u{661}",
        ], ["GET", "HEAD"])
    func length(_ length: String, method: String) async throws {
        try await expectRefusal(saying: length) { request, answer in
            guard request.method == method, request.path.hasSuffix(Self.name) else { return }
            answer.headers["Content-Length"] = length
            if method == "GET" { answer.hold = (300_000, .init(value: 0)) }
        }
    }

    @Test("A listing's length, too, and that of a refusal", arguments: [200, 404, 503])
    func listing(_ status: Int) async throws {
        try await expectRefusal(saying: "9223372036854775806") { request, answer in
            guard request.path.hasPrefix("/api") else { return }
            answer.status = status
            answer.headers["Content-Length"] = "9223372036854775806"
            answer.hold = (10, .init(value: 0))
        }
    }

    @Test(
        "What else a server writes that isn't read is said with its address, and on one line",
        arguments: [
            ("ETag", "\"\(String(repeating: "a", count: 5000))\""),
            ("X-Linked-Size", String(repeating: "7", count: 5000)),
            ("Location", "x:" + String(repeating: "/", count: 5000)),
            ("X-Much", String(repeating: "a", count: 400_000)),
        ])
    func bounded(_ name: String, value: String) async throws {
        try await HubTrial.run(change: { request, _, answer in
            guard request.path.hasSuffix(Self.name) else { return }
            if name == "Location" { answer.status = 302 }
            answer.headers[name] = value
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            let message = error?.message ?? ""
            #expect(message.contains("http://127.0.0.1:") && message.count < 400, "\(message)")
        }
    }

    @Test(
        "A length that stands twice is refused, whether the two agree or not",
        arguments: [["300000", "300001"], ["300000", "300000"]])
    func twice(_ lengths: [String]) async throws {
        try await expectRefusal(saying: lengths.joined(separator: ", ")) { request, answer in
            if Self.isContent(request) { answer.lines = lengths.map { "Content-Length: \($0)" } }
        }
    }

    @Test(
        "A range that is none is refused at once",
        arguments: [
            "bytes 1000-299999/9223372036854775807", "bytes 1000-299999/18446744073709551621", "bytes 1000-999/300000",
            "bytes 1000-300000/300000", "bytes -1000-299999/300000", "bytes 1000-299999", "bytes 1000-/300000",
            "bytes 9223372036854775808-9223372036854775809/*", "lines 1000-299999/300000", "1000",
            "bytes 1000-299999/300000, bytes 0-1/2",
        ])
    func range(_ range: String) async throws {
        try await HubTrial.run(change: { request, number, answer in
            guard Self.isContent(request) else { return }
            if number == 0 { answer.cut = 1000 } else { answer.headers["Content-Range"] = range }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("as Content-Range: \"\(range)\"") == true, "\(error?.message ?? "")")
            #expect(trial.gets(Self.name).count == 2)
        }
    }

    private static func chunked(_ pieces: [(line: String, bytes: ArraySlice<UInt8>)]) -> [UInt8] {
        pieces.reduce(into: []) { $0 += Array("\($1.line)\r\n".utf8) + $1.bytes + Array("\r\n".utf8) }
    }

    @Test(
        "A chunk whose size is none is refused at once",
        arguments: [
            "7fffffffffffffff", "10000000000000005", "fffffffffffffffffffffffffffffffff", "1000000000000001", "-5",
            "+5",
            "", "zz", "5x", "0x5", "5 5", "\u{665}",
        ])
    func chunk(_ size: String) async throws {
        try await expectRefusal(saying: size) { request, answer in
            guard Self.isContent(request) else { return }
            answer.lines = ["Transfer-Encoding: chunked"]
            answer.body = Self.chunked([("5", HubTrial.weights[..<5]), (size, HubTrial.weights[5..<10])])
            answer.hold = (answer.body.count, .init(value: 0))
        }
    }

    @Test(
        "A body in chunks of all sizes comes whole, with extensions and a trailer, however it is cut", arguments: 0..<4)
    func chunks(_ seed: UInt64) async throws {
        try await HubTrial.run(change: { request, number, answer in
            guard Self.isContent(request) else { return }
            var random = SeededRandom(seed: seed)
            var pieces: [(String, ArraySlice<UInt8>)] = []
            var rest = HubTrial.weights[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...(pieces.count < 50 ? 9 : 40_000), using: &random))
                pieces.append((String(piece.count, radix: 16, uppercase: pieces.count % 2 == 0), piece))
                if pieces.count % 3 == 0 { pieces[pieces.count - 1].0 = "00\(pieces[pieces.count - 1].0) ;a=\"b\"" }
                rest = rest.dropFirst(piece.count)
            }
            answer.lines = ["Transfer-Encoding: Chunked"]
            answer.body = Self.chunked(pieces) + Array("0\r\nX-Trailer: 5\r\n\r\n".utf8)
            answer.drip = seed == 0 ? 4001 : nil
            answer.cut = number == 0 && seed == 1 ? 100_000 : nil
        }) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(try trial.content(snapshot, Self.name) == HubTrial.weights)
        }
    }

    @Test("An encoding that was not asked for is refused", arguments: ["gzip, chunked", "deflate", ""])
    func encoding(_ name: String) async throws {
        try await expectRefusal(saying: name) { request, answer in
            guard Self.isContent(request) else { return }
            answer.lines = ["Transfer-Encoding: \(name)"]
        }
    }
}

import Diagnostics
import Files
import Foundation
import Hub
import TestSupport
import Testing

/// What is known of a file whose ETag is no hash.
struct ListingTests {
    private static let name = "model.safetensors"

    /// A mirror whose ETags are all the same.
    private static func mirror(_ listed: String? = nil) -> FakeHub {
        var hub = FakeHub(HubTrial.model.files.mapValues { FakeHub.File($0.content, etag: "5f3-17a") })
        hub.listing[name] = listed
        return hub
    }

    private static let digest = SHA256Digest(of: HubTrial.weights).description

    private func complaint(_ hub: FakeHub) async throws -> String {
        try await HubTrial.run(hub) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(trial.gets(Self.name).count <= 2)
            return error?.description ?? ""
        }
    }

    @Test("Files of one ETag that is no hash have a blob each")
    func sameETag() async throws {
        try await HubTrial.run(Self.mirror()) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            for (name, file) in trial.hub.files where name != "pytorch_model.bin" {
                #expect(try trial.content(snapshot, name) == file.content)
            }
            #expect(trial.blobs.count == 3 && trial.blobs.allSatisfy { $0.hasPrefix("unhashed-") })
        }
    }

    @Test("The listing's size and SHA-256 are checked where the ETag is no hash, and name the blob")
    func listed() async throws {
        let right = "\"size\": 300000, \"lfs\": {\"sha256\": \"\(Self.digest)\", \"size\": 300000}"
        try await HubTrial.run(Self.mirror(right)) { trial in
            _ = try trial.client.fetch(trial.id, .model)
            #expect(trial.blobs.contains(Self.digest))
        }
        let wrong = String(repeating: "a", count: 64)
        #expect(
            try await complaint(Self.mirror("\"lfs\": {\"sha256\": \"\(wrong)\", \"size\": 300000}")).contains(
                "expected SHA-256 \(wrong), the server sent \(Self.digest)"))
        #expect(
            try await complaint(Self.mirror("\"size\": 299999")).contains(
                "the hub lists 299999 bytes, the server has 300000"))
    }

    @Test(
        "A listing that contradicts a hash of the server, or is none, is refused",
        arguments: [
            "\"size\": -1", "\"size\": 9223372036854775807", "\"size\": 1e308", "\"size\": \"3\"",
            "\"lfs\": {\"sha256\": \"x\"}",
            "\"blobId\": 7",
        ])
    func malformed(_ listed: String) async throws {
        #expect(try await complaint(Self.mirror(listed)).contains("this is not what a hub answers"))
    }

    @Test(
        "A size in a header that no file has is an error, not a trap",
        arguments: [
            "9223372036854775807", "-1", "99999999999999999999", "nan",
        ])
    func header(_ size: String) async throws {
        try await HubTrial.run(change: { request, _, answer in
            if request.method == "HEAD" { answer.headers["X-Linked-Size"] = size }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.hasPrefix("http://127.0.0.1:") == true)
            #expect(error?.message.contains(": X-Linked-Size: expected 0 to ") == true)
        }
    }

    @Test("A server that drips is dropped, and the rest is asked for")
    func drips() async throws {
        try await HubTrial.run(change: { request, number, answer in
            guard request.method == "GET", request.path.hasSuffix(Self.name), number == 0 else { return }
            answer.drip = 1
        }) { trial in
            trial.client.environment.stallTimeout = 1
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(try trial.content(snapshot, Self.name) == HubTrial.weights)
            let starts = trial.gets(Self.name).map { $0.rangeStart ?? 0 }
            #expect(starts.count == 2 && starts[1] > 0)
        }
    }
}

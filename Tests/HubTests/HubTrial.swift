import Diagnostics
import Files
import Foundation
import Hub
import Synchronization
import TestSupport

/// A hub, a cache and a client for one test.
struct HubTrial: Sendable {
    let hub: FakeHub
    let server: LocalServer
    let folder: String
    var client: HubClient
    let events = Events()
    let id: HubID

    final class Events: Sendable {
        let all = Mutex<[HubEvent]>([])
        let delays = Mutex<[Duration]>([])

        var retries: [String] {
            all.withLock { $0 }.compactMap { if case .retrying(let reason, _) = $0 { reason } else { nil } }
        }
        var progress: [HubProgress] {
            all.withLock { $0 }.compactMap { if case .progress(let progress) = $0 { progress } else { nil } }
        }
    }

    var cache: HubCache { client.environment.cache }
    var repository: String { cache.folder(of: id.repository) }

    static func file(_ content: [UInt8], isLarge: Bool = false) -> FakeHub.File {
        if isLarge { return .init(content, etag: SHA256Digest(of: content).description) }
        let path = NSTemporaryDirectory() + "/bellm-hub-" + UUID().uuidString
        defer { unlink(path) }
        guard FileManager.default.createFile(atPath: path, contents: Data(content)),
            let etag = try? FileDigest.gitBlob.hexadecimal(of: path)
        else { return .init(content, etag: "") }
        return .init(content, etag: etag)
    }

    static let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

    /// A model in three files.
    static let model = FakeHub([
        "config.json": file(Array(#"{"model_type": "llama"}"#.utf8)), "tokenizer.json": file(Array("{}".utf8)),
        "model.safetensors": file(weights, isLarge: true), "pytorch_model.bin": file([1, 2, 3], isLarge: true),
    ])

    /// - Parameters:
    ///   - change: what becomes of the hub's right answer to a request; the number is that of the request for this path
    ///     and method, from 0.
    @discardableResult static func run<R>(
        _ hub: FakeHub = model, id: String = "org/name", token: String? = nil,
        change: @escaping @Sendable (LocalServer.Request, Int, inout LocalServer.Answer) -> Void = { _, _, _ in },
        _ body: (inout HubTrial) async throws -> R
    ) async throws -> R {
        try await Fixtures.withTemporaryFolder { folder in
            let counts = Counts()
            let server = try LocalServer { request in
                var answer = hub.answer(request)
                change(request, counts.next("\(request.method) \(request.path)"), &answer)
                return answer
            }
            var environment = try HubEnvironment(["HF_HOME": folder, "HF_ENDPOINT": server.address + "/"])
            environment.token = token
            environment.stallTimeout = 20
            var trial = HubTrial(
                hub: hub, server: server, folder: folder, client: HubClient(environment), id: try HubID(id))
            let events = trial.events
            trial.client.retries.sleep = { delay in events.delays.withLock { $0.append(delay) } }
            trial.client.observe = { event in events.all.withLock { $0.append(event) } }
            return try await body(&trial)
        }
    }

    private final class Counts: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func next(_ key: String) -> Int {
            counts.withLock { counts in
                defer { counts[key, default: 0] += 1 }
                return counts[key, default: 0]
            }
        }
    }

    func content(_ snapshot: HubSnapshot, _ file: String) throws -> [UInt8] {
        try TextFile.bytes(of: "\(snapshot.folder)/\(file)")
    }

    /// The names in `blobs`.
    var blobs: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(repository)/blobs")) ?? []).sorted()
    }

    /// The requests for a file's content.
    func gets(_ file: String) -> [LocalServer.Request] {
        server.requests.filter { $0.method == "GET" && $0.path.hasSuffix("/\(file)") }
    }
}

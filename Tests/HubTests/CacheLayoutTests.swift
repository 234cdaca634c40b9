import Diagnostics
import Files
import Foundation
import Hub
import TestSupport
import Testing

struct CacheLayoutTests {
    @Test("A snapshot is relative links to blobs named by ETag, and a ref names its commit")
    func layout() async throws {
        var hub = HubTrial.model
        hub.files["modules.json"] = HubTrial.file(Array(#"[{"path": ""}, {"path": "1_Pooling"}]"#.utf8))
        hub.files["1_Pooling/config.json"] = HubTrial.file(Array("{}\n".utf8))
        try await HubTrial.run(hub) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(snapshot.folder == "\(trial.repository)/snapshots/\(hub.commit)")
            #expect(snapshot.pinned == "org/name@\(hub.commit)")
            #expect(try TextFile.text(of: "\(trial.repository)/refs/main") == hub.commit)
            for (name, up) in [("config.json", "../../"), ("1_Pooling/config.json", "../../../")] {
                let link = try FileManager.default.destinationOfSymbolicLink(atPath: "\(snapshot.folder)/\(name)")
                #expect(link == "\(up)blobs/\(try #require(hub.files[name]).etag)")
            }
            // git hash-object of "{}"
            #expect(trial.blobs.contains("9e26dfeeb6e641a33dae4961196235bdb965b21b"))
            #expect(try trial.content(snapshot, "model.safetensors") == HubTrial.weights)
            #expect(trial.gets("pytorch_model.bin").isEmpty)
            #expect(trial.blobs.allSatisfy { !$0.contains("incomplete") })
        }
    }

    @Test("What is here isn't fetched again, and a commit's files aren't even asked for")
    func secondFetch() async throws {
        try await HubTrial.run { trial in
            let first = try trial.client.fetch(trial.id, .model)
            let count = trial.server.requests.count
            #expect(try trial.client.fetch(trial.id, .model) == first)
            #expect(trial.server.requests.count == count + 1)
            #expect(try trial.client.cached(trial.id, .model) == first)
            #expect(trial.server.requests.count == count + 1)
        }
    }

    @Test("Where a branch moves on, only what changed is fetched; the old snapshot stays")
    func movedBranch() async throws {
        try await HubTrial.run { trial in
            let old = try trial.client.fetch(trial.id, .model)
            var hub = HubTrial.model
            hub.commit = String(repeating: "d", count: 40)
            hub.files["config.json"] = HubTrial.file(Array("{ }".utf8))
            let server = try LocalServer { [hub] in hub.answer($0) }
            trial.client.environment.endpoint = server.address
            let new = try trial.client.fetch(trial.id, .model)
            #expect(new.commit == hub.commit)
            #expect(try trial.content(new, "config.json") == Array("{ }".utf8))
            #expect(try trial.content(old, "config.json") != Array("{ }".utf8))
            #expect(
                server.requests.filter { $0.method == "GET" }.map(\.path).sorted() == [
                    "/api/models/org/name/revision/main", "/org/name/resolve/\(hub.commit)/config.json",
                ])
            // The older one is still there by its commit.
            #expect(try trial.client.cached(HubID("org/name@\(old.commit)"), .model)?.folder == old.folder)
        }
    }

    @Test(
        "A link that leads out of the cache is not followed",
        arguments: [
            "config.json", "1_Pooling", "the snapshot", "a blob", "refs/main", "refs", "trees", "trees/COMMIT.json",
            ".no_exist",
        ])
    func strayLinks(what: String) async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            let files = FileManager.default
            let outside = trial.folder + "/outside"
            try files.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: URL(fileURLWithPath: outside + "/config.json"))
            switch what {
            case "the snapshot":
                try files.copyItem(atPath: snapshot.folder, toPath: outside + "/copy")
                try files.removeItem(atPath: snapshot.folder)
                symlink(outside + "/copy", snapshot.folder)
            case "a blob":
                let blob = try #require(trial.blobs.first)
                try files.removeItem(atPath: "\(trial.repository)/blobs/\(blob)")
                symlink(outside + "/config.json", "\(trial.repository)/blobs/\(blob)")
            case "refs/main", "refs", "trees", "trees/COMMIT.json", ".no_exist":
                let path = "\(trial.repository)/" + what.replacing("COMMIT", with: snapshot.commit)
                try files.createDirectory(
                    atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                    withIntermediateDirectories: true)
                if files.fileExists(atPath: path) {
                    try files.moveItem(atPath: path, toPath: outside + "/moved")
                } else if what.hasSuffix(".json") {
                    try Data(#"{"format_version": 1, "files": {}}"#.utf8).write(
                        to: URL(fileURLWithPath: outside + "/moved"))
                } else {
                    try files.createDirectory(
                        atPath: outside + "/moved/\(snapshot.commit)", withIntermediateDirectories: true)
                    try Data("{}".utf8).write(to: URL(fileURLWithPath: outside + "/moved/\(snapshot.commit).json"))
                }
                symlink(outside + "/moved", path)
            default:
                let path = "\(snapshot.folder)/\(what)"
                try? files.removeItem(atPath: path)
                symlink("../../../../outside" + (what == "1_Pooling" ? "" : "/config.json"), path)
            }
            for offline in [true, false] {
                trial.client.environment.isOffline = offline
                let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
                #expect(
                    error?.message.contains("a link leads out of the hub's cache, to ") == true,
                    "\(String(describing: error))")
            }
        }
    }

    @Test(
        "A ref that is no file is not waited for, and a pipe in its place is replaced",
        arguments: ["/dev/zero", "pipe"])
    func oddRef(target: String) async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            let ref = "\(trial.repository)/refs/main"
            try FileManager.default.removeItem(atPath: ref)
            if target == "pipe" { #expect(mkfifo(ref, 0o600) == 0) } else { symlink(target, ref) }
            trial.client.environment.isOffline = true
            #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            guard target == "pipe" else { return }
            trial.client.environment.isOffline = false
            #expect(try trial.client.fetch(trial.id, .model) == snapshot)
            #expect(try TextFile.text(of: ref) == snapshot.commit)
        }
    }

    @Test("A link in the place of a partial file is replaced, and what it leads to stays", arguments: [true, false])
    func linkedPartial(leadsSomewhere: Bool) async throws {
        try await HubTrial.run { trial in
            try trial.client.fetch(trial.id, .model)
            let blobs = trial.blobs
            let precious = trial.folder + "/precious"
            if leadsSomewhere { try Data("mine".utf8).write(to: URL(fileURLWithPath: precious)) }
            for blob in blobs {
                try FileManager.default.removeItem(atPath: "\(trial.repository)/blobs/\(blob)")
                symlink(precious, "\(trial.repository)/blobs/\(blob).incomplete")
            }
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(trial.blobs.sorted() == blobs.sorted())
            #expect(try trial.client.cached(trial.id, .model)?.commit == snapshot.commit)
            #expect((try? String(contentsOfFile: precious, encoding: .utf8)) == (leadsSomewhere ? "mine" : nil))
        }
    }

    @Test("A repository's folder may be a link, to another disk")
    func linkedRepository() async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            try FileManager.default.moveItem(atPath: trial.repository, toPath: trial.folder + "/moved")
            symlink(trial.folder + "/moved", trial.repository)
            for offline in [true, false] {
                trial.client.environment.isOffline = offline
                #expect(try trial.client.fetch(trial.id, .model).commit == snapshot.commit)
            }
        }
    }

    @Test("The cache may be a link itself, and its files real ones")
    func linkedCache() async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            symlink(trial.cache.path, trial.folder + "/soft")
            let real = "\(snapshot.folder)/config.json"
            let content = try Data(contentsOf: URL(fileURLWithPath: real))
            try FileManager.default.removeItem(atPath: real)
            try content.write(to: URL(fileURLWithPath: real))
            trial.client.environment.cache = HubCache(path: trial.folder + "/soft")
            #expect(try trial.client.cached(trial.id, .model)?.commit == snapshot.commit)
        }
    }

    @Test("A ref moves only once all files are here")
    func refComesLast() async throws {
        try await HubTrial.run(change: { request, _, answer in
            if request.method == "GET", request.path.hasSuffix(".safetensors") { answer = .init(404) }
        }) { trial in
            #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(!FileManager.default.fileExists(atPath: "\(trial.repository)/refs/main"))
            let cached = try trial.client.cached(trial.id, .model)
            #expect(cached == nil)
        }
    }

    @Test("A revision with a slash is one segment in the address, and folders in refs")
    func revision() async throws {
        try await HubTrial.run(id: "org/name@refs/pr/1") { trial in
            _ = try trial.client.fetch(trial.id, .model)
            #expect(trial.server.requests[0].path == "/api/models/org/name/revision/refs%2Fpr%2F1")
            #expect(try TextFile.text(of: "\(trial.repository)/refs/refs/pr/1") == trial.hub.commit)
        }
    }

    @Test("A sharded model's index says which files are its weights")
    func shards() async throws {
        var hub = HubTrial.model
        hub.files["model.safetensors"] = nil
        hub.files["model.safetensors.index.json"] = HubTrial.file(
            Array(
                #"{"weight_map": {"a": "part-1.safetensors", "b": "part-2.safetensors", "c": "part-1.safetensors"}}"#
                    .utf8))
        for part in ["part-1", "part-2", "part-3"] {
            hub.files["\(part).safetensors"] = HubTrial.file(Array(part.utf8), isLarge: true)
        }
        try await HubTrial.run(hub) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(trial.gets("part-1.safetensors").count == 1)
            #expect(trial.gets("part-2.safetensors").count == 1)
            #expect(trial.gets("part-3.safetensors").isEmpty)
            #expect(snapshot.modelPath == snapshot.folder)
            unlink("\(snapshot.folder)/part-2.safetensors")
            #expect(snapshot.modelPath == nil)
        }
    }

    @Test(
        "Names that a server sends don't lead out of the cache",
        arguments: ["../evil", "/etc/evil", "a/../../evil", ""])
    func hostileNames(_ name: String) async throws {
        let named = HubTrial.model
        try await HubTrial.run(change: { request, _, answer in
            if request.path.hasPrefix("/api") {
                answer = .init(
                    200, Array(#"{"sha": "\#(named.commit)", "siblings": [{"rfilename": "\#(name)"}]}"#.utf8))
            }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("expected a relative path, found \"\(name)\"") == true)
        }
        var sharded = HubTrial.model
        sharded.files["model.safetensors"] = nil
        sharded.files["model.safetensors.index.json"] = HubTrial.file(Array(#"{"weight_map": {"a": "\#(name)"}}"#.utf8))
        try await HubTrial.run(sharded) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains("expected the names of files, found \"\(name)\"") == true)
        }
        try await HubTrial.run(change: { request, _, answer in
            if request.method == "HEAD" { answer.headers["ETag"] = "\"\(name)\"" }
        }) { trial in
            #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
        }
    }
}

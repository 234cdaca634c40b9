import Diagnostics
import Hub
import TestSupport
import Testing

struct RefusalTests {
    @Test(
        "A refusal says in one line what to do",
        arguments: [
            (401, nil, nil, ["the hub has no repository org/name that you may see (401)", "HF_TOKEN"]),
            (401, nil, "hf_x", ["doesn't accept the token for org/name (401)", "/settings/tokens"]),
            (
                401, "GatedRepo", nil,
                ["org/name is gated", "accept them at http://127.0.0.1", "/org/name", "set HF_TOKEN"]
            ),
            (403, "GatedRepo", "hf_x", ["org/name is gated", "use the HF_TOKEN of that account"]),
            (403, nil, "hf_x", ["refuses access to org/name (403)", "accept its terms at", "HF_TOKEN"]),
            (404, "RepoNotFound", nil, ["the hub has no repository org/name that you may see (404)"]),
            (404, nil, nil, ["the hub has no repository org/name that you may see (404)"]),
            (404, "RevisionNotFound", nil, ["org/name has no revision \"main\" (404)"]),
            (418, nil, nil, ["answers 418"]),
        ] as [(Int, String?, String?, [String])])
    func repository(_ status: Int, _ code: String?, _ token: String?, _ parts: [String]) async throws {
        try await HubTrial.run(
            token: token,
            change: { _, _, answer in
                answer = .init(status, headers: code.map { ["X-Error-Code": $0] } ?? [:])
            }
        ) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            let text = try #require(error).description
            for part in parts { #expect(text.contains(part)) }
            #expect(!text.contains("\n"))
            #expect(trial.server.requests.count == 1)
        }
    }

    @Test("Of a file that a server hasn't, and of a revision without a code, the message names both")
    func file() async throws {
        try await HubTrial.run(change: { request, _, answer in
            if request.path.hasSuffix("tokenizer.json") { answer = .init(404) }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message == "org/name has no file \"tokenizer.json\" (404)")
        }
        try await HubTrial.run(id: "org/name@v2", change: { _, _, answer in answer = .init(404) }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message == "the hub has no repository org/name, or it has no revision \"v2\" (404)")
        }
    }

    @Test("Offline nothing is asked, and what the cache has whole is taken")
    func offline() async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            let count = trial.server.requests.count
            trial.client.environment.isOffline = true
            #expect(try trial.client.fetch(trial.id, .model) == snapshot)
            let client = trial.client
            let error = #expect(throws: Diagnostic.self) { try client.fetch(HubID("org/nmae"), .model) }
            #expect(
                error?.message == "org/nmae is not in the hub's cache \(trial.cache.path), and HF_HUB_OFFLINE is set")
            #expect(error?.suggestion == "did you mean \"org/name\", which is here?")
            #expect(throws: Diagnostic.self) { try client.fetch(HubID("org/name"), .adapter) }
            #expect(trial.server.requests.count == count)
        }
    }

    @Test("Where nobody answers, the cache's copy is taken, and said so; without one the error names the nearest")
    func unreachable() async throws {
        try await HubTrial.run { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            trial.client.environment.endpoint = "http://127.0.0.1:9"
            trial.client.knownNames = ["smollm2-135m"]
            let client = trial.client
            #expect(try client.fetch(trial.id, .model) == snapshot)
            #expect(trial.events.all.withLock { $0 }.contains { if case .unreachable = $0 { true } else { false } })
            #expect(trial.events.retries.isEmpty)
            let error = #expect(throws: Diagnostic.self) { try client.fetch(HubID("smollm-135m"), .model) }
            #expect(error?.message.contains("cannot reach http://127.0.0.1:9 (") == true)
            #expect(error?.message.contains("tried 3 times), and smollm-135m is not in the hub's cache") == true)
            #expect(error?.suggestion == "did you mean \"smollm2-135m\", which is here?")
        }
    }

    @Test(
        "What isn't a model is named for what it is",
        arguments: [
            (
                ["adapter_config.json", "adapter_model.safetensors"],
                "org/name is an adapter, not a model; bellm fetch adapter org/name"
            ),
            (["config.json", "pytorch_model.bin"], "org/name has no safetensors weights"),
            (["a-q4.gguf", "a-q8.gguf"], "org/name has 2 GGUF files: a-q4.gguf, a-q8.gguf; choose with --file"),
            (["README.md"], "org/name has no file \"config.json\"; it has README.md"),
        ])
    func noModel(_ files: [String], _ message: String) async throws {
        let hub = FakeHub(.init(uniqueKeysWithValues: files.map { ($0, HubTrial.file(Array($0.utf8))) }))
        try await HubTrial.run(hub) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.description.hasPrefix(message) == true)
        }
    }

    @Test("Files are chosen by pattern; a GGUF file alone is a model, an adapter its two files and its head's")
    func selections() async throws {
        let head = ["2_Dense/config.json", "2_Dense/model.safetensors"]
        let names = ["a-q4.gguf", "a-q8.gguf", "adapter_config.json", "adapter_model.safetensors"] + head
        let hub = FakeHub(.init(uniqueKeysWithValues: names.map { ($0, HubTrial.file(Array($0.utf8), isLarge: true)) }))
        try await HubTrial.run(hub) { trial in
            let client = trial.client
            let snapshot = try client.fetch(trial.id, .files(["*q8*"]))
            #expect(snapshot.modelPath == snapshot.folder + "/a-q8.gguf")
            #expect(snapshot.adapterPath == nil)
            #expect(trial.gets("a-q4.gguf").isEmpty)
            #expect(try client.fetch(trial.id, .adapter).adapterPath == snapshot.folder)
            for name in head { #expect(!trial.gets(name).isEmpty) }
            let error = #expect(throws: Diagnostic.self) { try client.fetch(trial.id, .files(["a-q6.gguf"])) }
            #expect(error?.description == "org/name has no file \"a-q6.gguf\"; did you mean \"a-q4.gguf\"?")
        }
    }
}

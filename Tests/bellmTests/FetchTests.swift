import Files
import Foundation
import HDF5
import TestSupport
import Testing

/// Repositories of a hub of this machine, on the command line and in experiments.
struct FetchTests {
    private static let weights = TinyLlama.programFile.bytes
    private static let hub: FakeHub = {
        var hub = FakeHub([
            "tiny.gguf": .init(weights, etag: SHA256Digest(of: weights).description),
            "README.md": .init(Array("# Tiny\n".utf8), etag: String(repeating: "0", count: 40)),
        ])
        hub.repository = "org/tiny"
        return hub
    }()

    private func withHub(
        drip: Int? = nil, hold: (bytes: Int, semaphore: DispatchSemaphore)? = nil,
        _ check: (LocalServer, _ folder: String, _ environment: [String: String]) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            let server = try LocalServer { request in
                var answer = Self.hub.answer(request)
                // The first transfer is slow, those that go on are not.
                if request.method == "GET", request.path.hasSuffix(".gguf"), request.rangeStart == nil {
                    (answer.drip, answer.hold) = (drip, hold)
                }
                return answer
            }
            let environment = [
                "HF_HOME": folder + "/hf", "HF_ENDPOINT": server.address, "HF_HUB_CACHE": "", "HF_HUB_OFFLINE": "",
                "HUGGINGFACE_HUB_CACHE": "", "TRANSFORMERS_OFFLINE": "", "HF_TOKEN": "",
            ]
            try check(server, folder, environment)
        }
    }

    private static var snapshot: String { "hf/hub/models--org--tiny/snapshots/\(hub.commit)" }

    private func contentRequests(_ server: LocalServer) -> [LocalServer.Request] {
        server.requests.filter { $0.method == "GET" && $0.path.hasSuffix(".gguf") }
    }

    private func partial(_ folder: String) -> String {
        "\(folder)/hf/hub/models--org--tiny/blobs/\(SHA256Digest(of: Self.weights)).incomplete"
    }

    @Test("fetch prints the snapshot's folder, which is whole, and offline again")
    func fetch() throws {
        try withHub { server, folder, environment in
            let outcome = try Program.run(["fetch", "model", "org/tiny"], in: folder, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "\(folder)/\(Self.snapshot)\n")
            #expect(try TextFile.bytes(of: "\(folder)/\(Self.snapshot)/tiny.gguf") == Self.weights)
            let count = server.requests.count
            let offline = environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
            let again = try Program.run(["fetch", "model", "org/tiny"], in: folder, environment: offline)
            #expect(again.output == outcome.output)
            let missing = try Program.run(["fetch", "model", "org/tinny"], in: folder, environment: offline)
            #expect(missing.status == 1)
            #expect(missing.errors.contains("org/tinny is not in the hub's cache"))
            #expect(missing.errors.contains("did you mean \"org/tiny\", which is here?"))
            #expect(server.requests.count == count)
        }
    }

    @Test(
        "A repository in an experiment is downloaded to run it; the result names the commit; a plan downloads nothing")
    func experiment() throws {
        try withHub { server, folder, environment in
            let tasks = folder + "/data/downstream/STS/STSBenchmark"
            let rows = (0..<3).map { "main-captions\tMSRvid\t2012test\t\($0)\t\($0).000\tA dog \($0).\tA man eats.\n" }
            try AtomicFile.replace("\(tasks)/sts-test.csv", with: rows.joined())
            try AtomicFile.replace("\(folder)/x.yaml", with: "model: org/tiny\ntasks: [STS-B]\npooling: mean\n")

            let plan = try Program.run(["plan", "x.yaml", "--data", "data"], in: folder, environment: environment)
            #expect(plan.status == 1)
            #expect(plan.errors.hasPrefix("Error: x.yaml:1:8: the model org/tiny is not downloaded yet"))
            #expect(plan.errors.contains("bellm fetch model org/tiny"))
            let validation = try Program.run(["validate", "x.yaml"], in: folder, environment: environment)
            #expect(validation.status == 0, "\(validation.errors)")
            #expect(validation.errors.contains("warning: org/tiny is not downloaded yet"))
            #expect(server.requests.isEmpty)

            let arguments = ["run", "x.yaml", "--data", "data", "--output", "x.h5"]
            let run = try Program.run(arguments, in: folder, environment: environment)
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: folder + "/x.h5")).range(
                    of: Data("org/tiny@\(Self.hub.commit)".utf8)) != nil)
            let resolved = try Program.run(["validate", "x.yaml"], in: folder, environment: environment)
            #expect(resolved.output.contains("model: \"org/tiny@\(Self.hub.commit)\"\n"))
        }
    }

    @Test(
        "A model whose config names a repository and a method is fetched by its name, and embeds as the options would")
    func named() throws {
        try withHub { _, folder, environment in
            try AtomicFile.replace(
                folder + "/configs/models/named.yaml",
                with: """
                    name: named
                    hub: org/tiny
                    method: { template: { sentence: "So {text}", query: "Q {text}" }, pooling: last, bidirectional: all }
                    unit_length: true

                    """)
            func run(_ arguments: [String]) throws -> Program.Outcome {
                try Program.run(arguments, in: folder, input: "A dog walks.\nOne.\n", environment: environment)
            }
            #expect(try run(["list", "models"]).output.contains(/named +no/))
            let fetched = try run(["fetch", "model", "named"])
            #expect(fetched.output == "\(folder)/\(Self.snapshot)\n", "\(fetched.errors)")
            #expect(
                try run(["fetch", "model", "named", "--revision", "main"]).errors.contains(
                    "name the repository: org/tiny"))
            #expect(try run(["list", "models"]).output.contains(/named +yes/))

            func rows(_ arguments: [String]) throws -> [[Float]] {
                let outcome = try run(["embed", "--output", "out.h5"] + arguments)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let matrix = try HDF5.readMatrix(in: folder + "/out.h5")
                return (0..<2).map { row in
                    Array(matrix.values[row * matrix.columns..<(row + 1) * matrix.columns])
                }
            }
            func unit(_ row: [Float]) -> [Float] {
                let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return row.map { $0 / norm }
            }
            let options = ["--model", "org/tiny", "--template", "So {text}", "--bidirectional", "all", "--pooling"]
            for (arguments, pooling) in [([], "last"), (["--pooling", "mean"], "mean")] {
                let named = try rows(["--model", "named"] + arguments)
                let said = try rows(options + [pooling]).map(unit)
                for (one, other) in zip(named, said) {
                    #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-6 }, "\(pooling)")
                }
            }
            try AtomicFile.replace("\(folder)/x.yaml", with: "model: named\ntasks: [STS-B]\n")
            let resolved = try run(["validate", "x.yaml"])
            #expect(resolved.output.contains("model: \"org/tiny@\(Self.hub.commit)\"\n"), "\(resolved.errors)")
            #expect(resolved.output.contains("sentence: \"So {text}\"") && resolved.output.contains("pooling: last"))
        }
    }

    /// A repository as the sentence-transformers library stores a model: modules in folders of their own.
    private static let modules: FakeHub = {
        func file(_ text: String) -> FakeHub.File {
            .init(Array(text.utf8), etag: SHA256Digest(of: text).description)
        }
        var hub = FakeHub([
            "config.json": file(TinyBERT.config()), "vocab.txt": file(TinyBERT.vocabulary.joined(separator: "\n")),
            "modules.json": file(
                """
                [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
                """),
            "1_Pooling/config.json": file("{\"pooling_mode_cls_token\": true}"),
            "sentence_bert_config.json": file("{\"max_seq_length\": 6}"), "README.md": file("# Tiny"),
            "onnx/model.onnx": file("no weights of ours"),
            "model.safetensors": .init(
                TinyBERT.weights, etag: SHA256Digest(of: TinyBERT.weights).description),
        ])
        hub.repository = "org/modules"
        return hub
    }()

    @Test(
        "A repository with modules of its own is fetched with their configs, and an experiment needs no pooling for it")
    func ownModules() throws {
        try Fixtures.withTemporaryFolder { folder in
            let server = try LocalServer { Self.modules.answer($0) }
            let environment = [
                "HF_HOME": folder + "/hf", "HF_ENDPOINT": server.address, "HF_HUB_CACHE": "", "HF_HUB_OFFLINE": "",
                "HUGGINGFACE_HUB_CACHE": "", "TRANSFORMERS_OFFLINE": "", "HF_TOKEN": "",
            ]
            try AtomicFile.replace("\(folder)/t.csv", with: "a,b,s\na b a,b b,1\na,a b b a b a b,2\nb,a b,3\n")
            try AtomicFile.replace(
                "\(folder)/x.yaml",
                with: """
                    model: org/modules
                    tasks: [{name: own, kind: sts, file: t.csv, columns: {first: a, second: b, score: s}}]
                    """)
            let before = try Program.run(["validate", "x.yaml"], in: folder, environment: environment)
            #expect(before.status == 0, "\(before.errors)")
            #expect(server.requests.isEmpty)
            let run = try Program.run(["run", "x.yaml", "--output", "x.h5"], in: folder, environment: environment)
            #expect(run.status == 0, "\(run.errors)")
            // The length limit of its own file.
            #expect(
                run.errors.contains("1 sentences cut") || run.output.contains("1 sentence cut"),
                "\(run.errors)\(run.output)")
            let fetched = Set(
                server.requests.filter { $0.method == "GET" }.map { $0.path.split(separator: "/").last ?? "" })
            #expect(fetched.isSuperset(of: ["modules.json", "sentence_bert_config.json", "model.safetensors"]))
            #expect(server.requests.contains { $0.path.hasSuffix("/1_Pooling/config.json") })
            #expect(!fetched.contains("model.onnx") && !fetched.contains("README.md"))
            // Offline, from the cache, with the folder's method: the first token's state, of length 1.
            let offline = environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
            let count = server.requests.count
            for pooling in [[], ["--pooling", "first"]] {
                let embedded = try Program.run(
                    ["embed", "--model", "org/modules", "--input", "-", "--output", "-", "--output-format", "csv"]
                        + pooling,
                    in: folder, input: "a b\n", environment: offline)
                #expect(embedded.status == 0, "\(embedded.errors)")
                let row = embedded.output.split(whereSeparator: \.isNewline).last ?? ""
                let vector = row.split(separator: ",").suffix(4).compactMap { Double($0) }
                let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                #expect((abs(length - 1) < 1e-5) == pooling.isEmpty, "\(embedded.output)")
            }
            #expect(server.requests.count == count)
        }
    }

    @Test("--model takes a repository; where the hub doesn't have it, one line says so")
    func commandLine() throws {
        try withHub { _, folder, environment in
            let arguments = ["tokenize", "--input", "-", "--model"]
            let outcome = try Program.run(
                arguments + ["org/tiny"], in: folder, input: #"{"text": "a"}"#, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(!outcome.output.isEmpty)
            let missing = try Program.run(arguments + ["org/none"], in: folder, input: "a\n", environment: environment)
            #expect(missing.status == 1)
            #expect(
                missing.errors.hasPrefix(
                    "Error: the hub has no repository org/none that you may see (404); and there is no such folder here;"
                ))
            #expect(missing.errors.split(separator: "\n").count == 1)
        }
    }

    private func startFetching(_ environment: [String: String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["fetch", "model", "org/tiny"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = nil
        process.standardError = nil
        try process.run()
        return process
    }

    @Test("A download that Ctrl-C ends, or a kill, goes on where it was", arguments: [SIGINT, SIGKILL])
    func interrupted(_ signal: Int32) throws {
        let end = DispatchSemaphore(value: 0)
        try withHub(hold: (5000, end)) { server, folder, environment in
            let process = try startFetching(environment)
            while process.isRunning, FileSizes.bytes(of: partial(folder)) < 5000 { usleep(2000) }
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            end.signal()
            #expect(process.terminationStatus == (signal == SIGINT ? 130 : SIGKILL))
            let left = FileSizes.bytes(of: partial(folder))
            #expect(left == 5000)

            let outcome = try Program.run(["fetch", "model", "org/tiny"], in: folder, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(contentRequests(server).map(\.rangeStart) == [nil, left])
            #expect(try TextFile.bytes(of: "\(folder)/\(Self.snapshot)/tiny.gguf") == Self.weights)
            #expect(!FileManager.default.fileExists(atPath: partial(folder)))
        }
    }

    @Test("Two processes that want a model at once download it once")
    func together() async throws {
        try withHub(drip: Self.weights.count / 20) { server, folder, environment in
            let processes = try (0..<2).map { _ in try startFetching(environment) }
            for process in processes {
                process.waitUntilExit()
                #expect(process.terminationStatus == 0)
            }
            #expect(contentRequests(server).count == 1)
        }
    }

    @Test("fetch data takes each file from the first mirror that has it with its SHA-256, and fails where none has")
    func data() throws {
        try Fixtures.withTemporaryFolder { folder in
            let text = Array("0\tA dog.\tA cat.\n".utf8)
            let server = try LocalServer { request in
                switch request.path {
                case "/good/x.txt": FakeHub.ranged(text, for: request)
                case "/bad/x.txt": .init(200, Array("0\tA cow.\tA cat.\n".utf8))
                default: .init(404)
                }
            }
            func manifest(_ file: String) throws {
                try AtomicFile.replace(
                    "\(folder)/configs/data/mine.yaml",
                    with: """
                        mirrors: { bad: \(server.address)/bad, good: ["\(server.address)/none", "\(server.address)/good"] }
                        files:
                          - path: raw/x.txt
                            sha256: \(SHA256Digest(of: text))
                            from: { bad: \(file), good: \(file) }

                        """)
            }
            let arguments = ["fetch", "data", "mine", "--data", "there"]
            let environment = ["BELLM_CONFIGS": folder + "/configs", "HF_HUB_OFFLINE": ""]
            try manifest("y.txt")
            let missing = try Program.run(arguments, in: folder, environment: environment)
            #expect(missing.status == 1)
            #expect(missing.errors.contains("raw/x.txt: \(server.address)/bad/y.txt answers 404; "))
            try manifest("x.txt")
            let outcome = try Program.run(arguments, in: folder, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "there\n")
            #expect(outcome.errors.hasSuffix("mine: 1 files fetched, 0 were here, 0 could not be had\n"))
            #expect(try TextFile.bytes(of: folder + "/there/raw/x.txt") == text)
            let unknown = try Program.run(["fetch", "data", "mime"], in: folder, environment: environment)
            #expect(unknown.errors == "Error: unknown data \"mime\"; expected one of: mine; did you mean \"mine\"?\n")
        }
    }
}

private enum FileSizes {
    /// 0 for a file that isn't there.
    static func bytes(of path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}

import Foundation

/// Files that tests read.
public enum Fixtures {
    /// The package's root folder.
    public static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// A committed golden file, such as `tokens.jsonl`.
    public static func golden(_ name: String) -> String { "\(packageRoot)/Tests/Golden/\(name)" }

    /// The folder of an adapter that PEFT wrote, of `peft_tiny.json`, for one test.
    public static func withPEFTAdapter<R>(_ body: (String) throws -> R) throws -> R {
        let data = try Data(contentsOf: URL(fileURLWithPath: golden("peft_tiny.json")))
        let files = try JSONDecoder().decode([String: Data].self, from: data)
        return try withTemporaryFolder { folder in
            for (name, content) in files { try content.write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            return try body(folder)
        }
    }

    /// The names of the shared parts in a folder of `configs`, such as `prompts`: those of its files, sorted.
    public static func partNames(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(packageRoot)/configs/\(folder)")) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// The short names of the papers in `results/reference/published.yaml`, in its order.
    public static let publishedPapers: [String] = {
        let path = "\(packageRoot)/results/reference/published.yaml"
        let lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
        return lines.filter { $0.first?.isLetter == true && $0.hasSuffix(":") }.map { String($0.dropLast()) }
    }()

    /// Where `make setup` puts the embedded defaults.
    public static let cache: String = {
        let environment = ProcessInfo.processInfo.environment
        if let cache = environment["BELLM_CACHE"], !cache.isEmpty { return cache }
        if let caches = environment["XDG_CACHE_HOME"], !caches.isEmpty { return caches + "/bellm" }
        return NSHomeDirectory() + "/.cache/bellm"
    }()

    /// The embedded backbone's file.
    public static let smolLM2 = cache + "/models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf"

    /// A data folder with all seven tasks in SentEval's layout, where `BELLM_TEST_DATA`, which `make test` sets, or
    /// `BELLM_DATA` names it, or a folder with one for each text.
    public static func dataFolder(_ text: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let named = [environment["BELLM_TEST_DATA"], environment["BELLM_DATA"]].compactMap(\.self)
        return named.flatMap { [$0 + "/" + text, $0] }.first {
            FileManager.default.fileExists(atPath: $0 + "/downstream/STS/STS12-en-test")
        }
    }

    /// A folder of its own for one test, removed when `body` ends.
    public static func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
        let folder = NSTemporaryDirectory() + "/bellm-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    /// As the other, for what waits.
    public static func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
        let folder = NSTemporaryDirectory() + "/bellm-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }
}

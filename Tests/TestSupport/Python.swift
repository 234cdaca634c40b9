import Foundation

/// Python with what `make setup-tests` installs.
public enum Python {
    private static let libraries = Fixtures.cache + "/python"
    /// Whether h5py and pandas are there.
    public static let hasPandas = ["h5py", "pandas"].allSatisfy {
        FileManager.default.fileExists(atPath: "\(libraries)/\($0)")
    }

    /// What a script prints, errors included.
    ///
    /// - Parameter path: its only argument
    public static func run(_ script: String, _ path: String) throws -> String {
        try run(script, path, by: "python3", ["PYTHONPATH": libraries])
    }

    private static func run(
        _ script: String, _ path: String, by program: String, _ environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program, "-c", script, path]
        process.environment = ProcessInfo.processInfo.environment.merging(
            environment.merging(["PYTHONIOENCODING": "utf-8"]) { $1 }, uniquingKeysWith: { $1 })
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Python {
    /// That of `make bench`, with PyTorch and transformers.
    private static let peers = Fixtures.cache + "/bench-python/bin/python"
    /// Whether it has sentence-transformers.
    public static let hasSentenceTransformers: Bool = {
        guard FileManager.default.fileExists(atPath: peers) else { return false }
        let script = "import importlib.util as u; print(u.find_spec('sentence_transformers') is not None)"
        return (try? runPeers(script, "")) == "True\n"
    }()

    /// What a script prints there, errors included.
    ///
    /// - Parameter path: its only argument
    public static func runPeers(_ script: String, _ path: String) throws -> String {
        try run(script, path, by: peers)
    }
}

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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, path]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONPATH": libraries, "PYTHONIOENCODING": "utf-8"], uniquingKeysWith: { $1 })
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}

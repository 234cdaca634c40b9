import Foundation
import TestSupport
import Testing

/// The built program, run as a user runs it.
enum Program {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Beside the test bundle.
    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("bellm").path

    /// Runs the program in `folder`, for at most three minutes.
    ///
    /// - Parameter interruptAfter: seconds from when the program has taken charge of Ctrl-C until it gets it.
    static func run(
        _ arguments: [String], in folder: String, input: String = "", environment: [String: String] = [:],
        interruptAfter: Double? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var variables = ProcessInfo.processInfo.environment
        variables["BELLM_DATA"] = nil
        // What one test computes must not spare another the work.
        variables["BELLM_CACHE_SIZE"] = "0"
        // The help is as wide as the terminal is said to be.
        variables["COLUMNS"] = "80"
        process.environment = variables.merging(environment) { $1 }

        // Files, not pipes: a full pipe that nobody reads stops the program.
        let streams = folder + "/.streams-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: streams, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: streams) }
        try Data(input.utf8).write(to: URL(fileURLWithPath: streams + "/in"))
        for name in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: "\(streams)/\(name)")) }
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: streams + "/in"))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: streams + "/out"))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: streams + "/err"))

        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if let interruptAfter {
            while process.isRunning, !handlesInterrupts(process.processIdentifier) { usleep(2000) }
            if ended.wait(timeout: .now() + interruptAfter) == .timedOut { process.interrupt() }
        }
        if process.isRunning, ended.wait(timeout: .now() + 180) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            Issue.record("bellm \(arguments.joined(separator: " ")) took more than 180 seconds")
        }
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOfFile: streams + "/out", encoding: .utf8),
            errors: try String(contentsOfFile: streams + "/err", encoding: .utf8))
    }

    /// Runs a command of the shell, in which `$0` is the program and `$@` are the arguments, to its end.
    static func shell(
        _ command: String, _ arguments: [String] = [], in folder: String = NSTemporaryDirectory()
    ) throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command, path] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static func handlesInterrupts(_ process: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let caught = status.firstMatch(of: /SigCgt:\s*([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) } ?? 0
        return caught & 1 << (SIGINT - 1) != 0
    }

    /// Runs the program in a folder of its own, with the tiny model in it as `tiny.gguf` and `files` beside it.
    static func run(
        _ arguments: [String], files: [String: String] = [:], input: String = "",
        then check: (_ outcome: Outcome, _ folder: String) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            for (name, text) in files {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            try check(run(arguments, in: folder, input: input), folder)
        }
    }
}

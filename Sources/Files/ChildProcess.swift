import Diagnostics
import Foundation

/// A program that this one starts and waits for.
package struct ChildProcess: Sendable {
    let program: String
    let arguments: [String]

    /// - Parameter program: a path, or a name to be found as a shell finds it
    package init(program: String, arguments: [String]) { (self.program, self.arguments) = (program, arguments) }

    /// This program's file.
    package static var ownProgram: String { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path }

    /// Where a shell would find a program; nil where it wouldn't.
    package static func path(of name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { FilePath.join(String($0), name) }.first { access($0, X_OK) == 0 }
    }

    package struct Outcome: Sendable {
        /// The exit code, or the signal that ended it.
        package var status: Int32
        package var wasKilled: Bool
        package var output: String
        package var errors: String
    }

    /// Runs it, and gives all that it wrote. Cancelling the task ends it.
    ///
    /// - Parameter patience: how long it may go on when the task is cancelled: what changes something elsewhere should get to
    ///   say what it did
    /// - Throws: where there is no such program; `CancellationError` where it was ended.
    package func run(patience: Duration = .zero) throws -> Outcome {
        let process = process()
        let streams = NSTemporaryDirectory() + "/bellm-" + UUID().uuidString
        defer { ["out", "err"].forEach { unlink("\(streams).\($0)") } }
        // Files, not pipes: a full pipe that nobody reads stops the program.
        process.standardOutput = try Self.file(streams + ".out")
        process.standardError = try Self.file(streams + ".err")
        let end = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in end.signal() }
        try start(process)
        try Self.wait(for: end, of: process.processIdentifier, patience: patience)
        func text(_ ending: String) -> String {
            (try? String(contentsOfFile: "\(streams).\(ending)", encoding: .utf8)) ?? ""
        }
        return Outcome(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: text("out"), errors: text("err"))
    }

    /// Runs it with its messages in a file, and with a standard input that ends when this process does. Cancelling the task sends it SIGTERM, and still waits for it.
    ///
    /// - Returns: the exit code.
    package func run(log: String) async throws -> Int32 {
        let process = process()
        let log = try Self.file(log)
        (process.standardOutput, process.standardError) = (log, log)
        // Nobody writes into it; it closes when this process ends, however it ends, and the child reads that.
        let life = Pipe()
        process.standardInput = life
        let (ends, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            withExtendedLifetime(life) { _ = ended.yield(process.terminationStatus) }
            ended.finish()
        }
        try start(process)
        let number = process.processIdentifier
        return await withTaskCancellationHandler {
            // In a task of its own: a cancelled task's stream ends at once.
            await Task { await ends.first { _ in true } ?? 1 }.value
        } onCancel: {
            kill(number, SIGTERM)
        }
    }

    /// How long a program has to end by itself when it is asked to.
    private static let courtesy = Duration.seconds(1)

    private static func wait(for end: DispatchSemaphore, of child: pid_t, patience: Duration) throws {
        func hasEnded(within time: Duration) -> Bool {
            end.wait(timeout: .now() + .milliseconds(Int(time / .milliseconds(1)))) == .success
        }
        while !hasEnded(within: .milliseconds(50)) {
            guard Task.isCancelled else { continue }
            if hasEnded(within: patience) { return }
            kill(child, SIGTERM)
            if !hasEnded(within: courtesy) {
                kill(child, SIGKILL)
                end.wait()
            }
            throw CancellationError()
        }
    }

    private func process() -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
        process.arguments = program.contains("/") ? arguments : [program] + arguments
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private func start(_ process: Process) throws(Diagnostic) {
        do {
            try process.run()
        } catch {
            throw Diagnostic("cannot start \(program): \(error.localizedDescription)")
        }
    }

    private static func file(_ path: String) throws(Diagnostic) -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot write", path) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}

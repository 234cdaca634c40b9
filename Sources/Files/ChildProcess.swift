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

    /// Runs it, and gives all that it wrote. Cancelling the task ends it, and what it started.
    ///
    /// - Parameter patience: how long it may go on when the task is cancelled: what changes something elsewhere should get to
    ///   say what it did
    /// - Throws: where there is no such program; `CancellationError` where it was ended.
    package func run(patience: Duration = .zero) throws -> Outcome {
        try OpenFiles.checkForProgram()
        let streams = try FilePath.join(TemporaryFile.folder(), "bellm-" + UUID().uuidString)
        defer { ["out", "err"].forEach { unlink("\(streams).\($0)") } }
        // Files, not pipes: a full pipe that nobody reads stops the program.
        let child = try Child(
            self, output: try Self.file(streams + ".out"), errors: try Self.file(streams + ".err"))
        let status = try child.wait(patience: patience)
        func text(_ ending: String) -> String {
            (try? String(contentsOfFile: "\(streams).\(ending)", encoding: .utf8)) ?? ""
        }
        let signal = status & 0x7F
        return Outcome(
            status: signal == 0 ? status >> 8 & 0xFF : signal, wasKilled: signal != 0, output: text("out"),
            errors: text("err"))
    }

    /// Runs it with its messages in a file, and with a standard input that ends when this process does. Cancelling the task sends it SIGTERM, and still waits for it.
    ///
    /// - Returns: the exit code.
    package func run(log: String) async throws -> Int32 {
        try OpenFiles.checkForProgram()
        let process = process()
        let log = try Self.file(log)
        (process.standardOutput, process.standardError) = (log, log)
        // Nobody writes into it; it closes when this process ends, however it ends, and the child reads that.
        let life = Pipe()
        process.standardInput = life
        let (ends, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            StartedPrograms.remove(process.processIdentifier)
            withExtendedLifetime(life) { _ = ended.yield(process.terminationStatus) }
            ended.finish()
        }
        try start(process)
        let number = process.processIdentifier
        StartedPrograms.add(number)
        // It may have ended before it was added.
        if !process.isRunning { StartedPrograms.remove(number) }
        return await withTaskCancellationHandler {
            // In a task of its own: a cancelled task's stream ends at once.
            await Task { await ends.first { _ in true } ?? 1 }.value
        } onCancel: {
            kill(number, SIGTERM)
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

/// A started program in a process group of its own, so that what it started ends with it.
///
/// Not Foundation's `Process`: that takes a program for running as long as something that it started is.
private struct Child {
    private let number: pid_t

    init(_ command: ChildProcess, output: FileHandle, errors: FileHandle) throws(Diagnostic) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.fileDescriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.fileDescriptor, 2)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = ([command.program] + command.arguments).map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var number: pid_t = 0
        let code = posix_spawnp(&number, command.program, &actions, &attributes, &arguments, environ)
        guard code == 0 else {
            throw Diagnostic("cannot start \(command.program): \(String(cString: strerror(code)))")
        }
        self.number = number
        StartedPrograms.add(-number)
    }

    /// How long a program has to end by itself when it is asked to.
    private static let courtesy = Duration.seconds(1)

    /// Waits for its end.
    ///
    /// - Returns: the status that `waitpid` gives
    func wait(patience: Duration) throws -> Int32 {
        while true {
            if let status = try status(within: .milliseconds(50)) { return status }
            guard Task.isCancelled else { continue }
            if let status = try status(within: patience) { return status }
            kill(-number, SIGTERM)
            let isOver = try status(within: Self.courtesy) != nil
            // Also what it started, and left behind.
            kill(-number, SIGKILL)
            if !isOver { while try status(within: .seconds(1)) == nil {} }
            throw CancellationError()
        }
    }

    /// The status behind its end; nil where it hasn't come in that time.
    private func status(within time: Duration) throws(Diagnostic) -> Int32? {
        let end = ContinuousClock.now + time
        var (status, pause) = (Int32(0), UInt32(500))
        repeat {
            let found = waitpid(number, &status, WNOHANG)
            if found == number {
                StartedPrograms.remove(-number)
                return status
            }
            guard found == 0 || errno == EINTR else {
                throw Diagnostic("cannot wait for a started program: \(String(cString: strerror(errno)))")
            }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        } while ContinuousClock.now < end
        return nil
    }
}

import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite("Programs that are started and waited for")
struct ChildProcessTests {
    private func shell(_ command: String) -> ChildProcess {
        ChildProcess(program: "/bin/sh", arguments: ["-c", command])
    }

    @Test("All that it wrote is there at its end, with its exit code or signal")
    func outcome() throws {
        let outcome = try shell("echo one; echo two >&2; exit 3").run()
        #expect(outcome.status == 3 && !outcome.wasKilled && outcome.output == "one\n" && outcome.errors == "two\n")
        let killed = try shell("kill -9 $$").run()
        #expect(killed.wasKilled && killed.status == 9)
    }

    @Test(
        "Cancelling the task ends the wait, also where the program won't end, or started another",
        arguments: ["sleep 3600", "exec sleep 3600", "trap '' TERM; while :; do sleep 0.1; done", "sleep 3600 & wait"])
    func cancelling(_ command: String) async throws {
        let task = blockingTask { _ = try shell(command).run() }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A program that isn't there, or can't be run, is an error that names it")
    func missing() throws {
        for program in ["no-such-program-\(UUID())", "/etc/hostname"] {
            let error = #expect(throws: Diagnostic.self) { _ = try ChildProcess(program: program, arguments: []).run() }
            #expect(error?.message.contains("cannot start \(program)") == true)
        }
        // What it leaves behind when it ends isn't waited for.
        #expect(try shell("sleep 5 & echo done").run().output == "done\n")
    }

    @Test("What should say what it did has time for it")
    func patience() async throws {
        let task = blockingTask { try shell("sleep 2; echo 42").run(patience: .seconds(30)).output }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(try await task.value == "42\n")
    }
}

import Files
import Foundation
import TestSupport
import Testing

/// Signals, and the end of whoever started the program.
struct StopTests {
    private func status(_ process: Int32) -> String {
        (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    }

    private func handles(_ number: Int32, _ process: Int32) -> Bool {
        let caught = status(process).firstMatch(of: /SigCgt:\s*([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) } ?? 0
        return caught & 1 << (number - 1) != 0
    }

    /// Waits for something that happens in another process.
    private func wait(_ what: String, until isSo: () -> Bool) {
        for _ in 0..<6000 where !isSo() { usleep(10_000) }
        if !isSo() { Issue.record("in a minute it didn't happen that \(what)") }
    }

    private func start(
        _ arguments: [String], of program: String = Program.path, in folder: String, input: Any,
        output: Any = FileHandle.nullDevice,
        errors: Any = FileHandle.nullDevice, path: String? = nil
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = errors
        var environment = ProcessInfo.processInfo.environment
        environment["BELLM_CACHE_SIZE"] = "0"
        if let path { environment["PATH"] = path + ":" + environment["PATH", default: ""] }
        process.environment = environment
        try process.run()
        return process
    }

    /// The arguments of embedding a tiny model's sentences.
    private func embedding(_ input: String, to output: String, _ options: String...) -> [String] {
        ["embed", "--model", "./tiny.gguf", "--pooling", "last", "--input", input, "--output", output] + options
    }

    @Test(
        "The first signal ends a program that waits for the other end of a pipe",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func first(_ number: Int32) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data("A dog.\n".utf8).write(to: URL(fileURLWithPath: folder + "/in.txt"))
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            for (input, output) in [("-", "out.npy"), ("pipe", "out.npy"), ("in.txt", "pipe")] {
                // Starting a process closes the end that it reads from.
                let sentences = Pipe()
                let process = try start(
                    embedding(input, to: output, "--input-format", "text", "--output-format", "npy"), in: folder,
                    input: sentences)
                defer { kill(process.processIdentifier, SIGKILL) }
                wait("signals are handled") { handles(number, process.processIdentifier) }
                usleep(200_000)
                #expect(process.isRunning)
                kill(process.processIdentifier, number)
                process.waitUntilExit()
                #expect(process.terminationReason == .exit && process.terminationStatus == 128 + number)
                #expect(!FileManager.default.fileExists(atPath: folder + "/out.npy"))
                withExtendedLifetime(sentences) {}
            }
        }
    }

    @Test(
        "The first signal ends a program that writes and nobody reads: embeddings, tables, messages",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func unread(_ number: Int32) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let lines = String(repeating: "A dog.\n", count: 4000)
            try Data(lines.utf8).write(to: URL(fileURLWithPath: folder + "/in.txt"))
            let embedding = embedding("in.txt", to: "-", "--output-format", "jsonl")
            let pairs = (0..<3).map { "\($0),A dog \($0).,A man.\n" }
            try Data(("s,a,b\n" + pairs.joined()).utf8).write(to: URL(fileURLWithPath: folder + "/pairs.csv"))
            let yaml =
                "model: ./tiny.gguf\npooling: last\ntasks: [{name: mine, kind: sts, file: pairs.csv, "
                + "columns: {first: a, second: b, score: s}}]\n"
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            for (arguments, isFull) in [(embedding, false), (["run", "x.yaml", "--output", "r.h5"], true)] {
                let pipe = Pipe()
                if isFull { fill(pipe) }
                let process = try start(arguments, in: folder, input: FileHandle.nullDevice, output: pipe)
                defer { kill(process.processIdentifier, SIGKILL) }
                if isFull {
                    wait("the result is there") { FileManager.default.fileExists(atPath: folder + "/r.h5") }
                } else {
                    wait("the pipe is full") { isFilled(pipe) }
                }
                usleep(200_000)
                #expect(process.isRunning)
                kill(process.processIdentifier, number)
                process.waitUntilExit()
                #expect(process.terminationReason == .exit && process.terminationStatus == 128 + number)
                withExtendedLifetime(pipe) {}
            }
        }
    }

    @Test("The first signal ends a program whose messages nobody reads")
    func unheard() throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            #expect(mkfifo(folder + "/in", 0o600) == 0)
            let messages = Pipe()
            fill(messages)
            let process = try start(
                embedding("in", to: "out.npy", "--input-format", "text"), in: folder, input: FileHandle.nullDevice,
                errors: messages)
            defer { kill(process.processIdentifier, SIGKILL) }
            wait("signals are handled") { handles(SIGTERM, process.processIdentifier) }
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
            withExtendedLifetime(messages) {}
        }
    }

    @Test(
        "The first signal ends a launcher that has all parts and waits to write the result", arguments: [true, false])
    func merging(_ isPipe: Bool) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data("s,a,b\n1,A.,B.\n2,C.,D.\n3,E.,F.\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/pairs.csv"))
            let yaml =
                "model: ./tiny.gguf\npooling: last\ntasks: [{name: mine, kind: sts, file: pairs.csv, "
                + "columns: {first: a, second: b, score: s}}]\n"
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            // A pipe without a reader, or a file that another process is writing.
            if isPipe { #expect(mkfifo(folder + "/r.h5", 0o600) == 0) }
            let lock = isPipe ? nil : try OutputLock(for: OutputDestination(folder + "/r.h5")) { _ in }
            let process = try start(
                ["run", "x.yaml", "--launcher", "local", "--jobs", "1", "--output", "r.h5"], in: folder,
                input: FileHandle.nullDevice)
            defer { kill(process.processIdentifier, SIGKILL) }
            wait("the part is there") {
                let parts = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/r.parts/runs")) ?? []
                return parts.contains { $0.hasSuffix(".h5") && !$0.hasPrefix(".") }
            }
            usleep(500_000)
            #expect(process.isRunning)
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
            lock?.release()
        }
    }

    private func fill(_ pipe: Pipe) {
        let end = pipe.fileHandleForWriting.fileDescriptor
        let flags = fcntl(end, F_GETFL)
        _ = fcntl(end, F_SETFL, flags | O_NONBLOCK)
        let bytes = [UInt8](repeating: 10, count: 4096)
        while write(end, bytes, bytes.count) > 0 {}
        _ = fcntl(end, F_SETFL, flags)
    }

    private func isFilled(_ pipe: Pipe) -> Bool {
        var count: Int32 = 0
        return ioctl(pipe.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &count) == 0 && count > 60_000
    }

    @Test(
        "A second signal ends the program and what it started at once, also while Slurm may still say the number of a job",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func second(_ number: Int32) throws {
        try withSlurm(["sbatch": Self.hanging, "squeue": ""], number) { process in
            usleep(200_000)
            #expect(process.isRunning)
            kill(process.processIdentifier, number)
        }
    }

    @Test("The first signal ends the wait for a queue that never answers", arguments: [SIGINT, SIGTERM, SIGHUP])
    func queue(_ number: Int32) throws {
        let slurm = [
            "sbatch": "touch submitted; echo 7",
            "squeue": "if [ -e submitted ]; then \(Self.hanging); fi",
        ]
        try withSlurm(slurm, number) { _ in }
    }

    /// Of the shell: a program that is long in coming to an end, with one that it started, and says their numbers in a file.
    private static let hanging = "sleep 90 & echo $$ $! > numbers; mv numbers asked; wait"

    /// Waits for the end of all that `hanging` says.
    private func waitForStarted(in folder: String) throws {
        let numbers = try String(contentsOfFile: folder + "/asked", encoding: .utf8).split(
            whereSeparator: \.isWhitespace
        )
        .compactMap { Int32($0) }
        #expect(numbers.count == 2)
        defer { for number in numbers { kill(number, SIGKILL) } }
        // Nobody may ask for the end of one whose parent is gone.
        wait("what was started ends") {
            numbers.allSatisfy { status($0).isEmpty || status($0).contains(/State:\s*Z/) }
        }
    }

    @Test(
        "A signal ends a program that doesn't wait for signals, and what it started",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func drawing(_ number: Int32) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("#!/bin/sh\n\(Self.hanging)\n".utf8).write(to: URL(fileURLWithPath: folder + "/rsvg-convert"))
            chmod(folder + "/rsvg-convert", 0o755)
            // Whoever runs the tests may ignore signals, which what it starts inherits.
            let process = try start(
                ["--default-signal=INT,TERM,HUP", Program.path, "plot", Fixtures.golden("schema-1.h5")]
                    + ["--kind", "intervals", "--output", "o.pdf"], of: "/usr/bin/env", in: folder,
                input: FileHandle.nullDevice, path: folder)
            defer { kill(process.processIdentifier, SIGKILL) }
            wait("the drawing is converted") { FileManager.default.fileExists(atPath: folder + "/asked") }
            kill(process.processIdentifier, number)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
            try waitForStarted(in: folder)
        }
    }

    /// Sends the signal to a run that waits for one of Slurm's commands.
    ///
    /// - Parameter behind: what else happens before the program ends
    private func withSlurm(_ commands: [String: String], _ number: Int32, behind: (Process) -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let slurm = commands.merging(["scontrol": "echo MaxArraySize = 1001"]) { $1 }
            for (name, script) in slurm {
                try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                chmod("\(folder)/\(name)", 0o755)
            }
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data("s,a,b\n1,A.,B.\n2,C.,D.\n3,E.,F.\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/pairs.csv"))
            let yaml =
                "model: ./tiny.gguf\npooling: last\ntasks: [{name: mine, kind: sts, file: pairs.csv, "
                + "columns: {first: a, second: b, score: s}}]\n"
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            let process = try start(
                ["run", "x.yaml", "--launcher", "slurm", "--wait"], in: folder, input: FileHandle.nullDevice,
                path: folder)
            defer { kill(process.processIdentifier, SIGKILL) }
            wait("the queue is asked") {
                FileManager.default.fileExists(atPath: folder + "/asked")
                    && handles(number, process.processIdentifier)
            }
            usleep(100_000)
            kill(process.processIdentifier, number)
            behind(process)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 128 + number)
            try waitForStarted(in: folder)
        }
    }

    @Test(
        "The processes of a local launcher that is killed end",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func launcher() throws {
        try Fixtures.withTemporaryFolder { folder in
            let pairs = (0..<4000).map { "3,sentence \($0) of many that take a while,another \($0) of them\n" }
            try FileManager.default.createDirectory(
                atPath: folder + "/data/downstream", withIntermediateDirectories: true)
            try Data(("s,a,b\n" + pairs.joined()).utf8).write(to: URL(fileURLWithPath: folder + "/pairs.csv"))
            let yaml = """
                model: \(Fixtures.smolLM2)
                pooling: last
                tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]

                """
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            let process = try start(
                ["run", "x.yaml", "--data", "data", "--launcher", "local", "--jobs", "1"], in: folder,
                input: FileHandle.nullDevice)
            func children() -> [Int32] {
                let numbers =
                    (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
                return numbers.filter { number in
                    let line = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(number)/cmdline"))) ?? Data()
                    let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                    let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/cwd")
                    return words.contains("run-part")
                        && place.map { URL(fileURLWithPath: $0).lastPathComponent }
                            == URL(fileURLWithPath: folder).lastPathComponent
                }
            }
            defer { for child in children() { kill(child, SIGKILL) } }
            wait("a part is computed") { children().contains { handles(SIGTERM, $0) } || !process.isRunning }
            #expect(process.isRunning)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            wait("the parts end") { children().isEmpty }
        }
    }
}

/// `ulimit -v`.
struct AddressSpaceTests {
    @Test(
        "Under a limit of the address space the program works or says what it needs; it neither hangs nor crashes",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)),
        arguments: [700_000, 900_000, 1_100_000, 1_300_000, 2_500_000])
    func limited(_ kilobytes: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("A dog walks.\nA cat.\n".utf8).write(to: URL(fileURLWithPath: folder + "/in.txt"))
            let embedding =
                ["embed", "--model", Fixtures.smolLM2, "--pooling", "last", "--threads", "2", "--no-cache"]
                + ["--input", "in.txt", "--output", "out.npy"]
            let process = try run(embedding, within: kilobytes, in: folder)
            let errors = try String(contentsOfFile: folder + "/errors", encoding: .utf8)
            #expect(process.terminationReason == .exit)
            let isDone = process.terminationStatus == 0
            #expect(isDone || process.terminationStatus == 1, "\(errors)")
            #expect(isDone || errors.contains("the address space is limited to"), "\(errors)")
            #expect(isDone || kilobytes < 2_500_000)
        }
    }

    @Test(
        "So does whatever else computes products: trainings, what is known before them, looks at a model and the machine",
        arguments: [
            ["train", "x.yaml", "--threads", "2"], ["run", "x.yaml", "--threads", "2"], ["plan", "x.yaml"],
            ["inspect", "layers", "./tiny.gguf"], ["doctor"],
            [
                "embed", "--model", "./tiny.gguf", "--pooling", "last", "--input", "lines.txt", "--output", "-",
                "--output-format", "jsonl",
            ],
        ])
    func others(_ arguments: [String]) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let yaml = """
                model: ./tiny.gguf
                pooling: mean
                tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
                train: {data: lines.jsonl, steps: 2, batch_size: 2, rank: 1, targets: [q_proj], decontaminate: false}

                """
            for (name, text) in [
                ("x.yaml", yaml), ("pairs.csv", "s,a,b\n5,A girl.,A woman.\n1,Up.,A dog.\n3,One.,Two.\n"),
                ("lines.jsonl", "[\"It rains.\", \"Rain.\"]\n[\"Up.\", \"On.\"]\n"), ("lines.txt", "It rains.\nUp.\n"),
            ] { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            for kilobytes in [200_000, 250_000, 300_000, 400_000, 700_000] {
                let process = try run(arguments, within: kilobytes, in: folder)
                let errors = try String(contentsOfFile: folder + "/errors", encoding: .utf8)
                #expect(process.terminationReason == .exit && [0, 1].contains(process.terminationStatus), "\(errors)")
                let output = try String(contentsOfFile: folder + "/output", encoding: .utf8)
                #expect(
                    process.terminationStatus == 0 || (errors + output).contains("the address space is limited to"),
                    "\(kilobytes): \(errors)")
            }
        }
    }

    @Test(
        "What computes nothing works and ends, though no buffer of a product has room", arguments: [200_000, 300_000])
    func withoutBuffers(_ kilobytes: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            let process = try run(["--version"], within: kilobytes, in: folder)
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }

    /// Runs the program to its end, for a minute at most.
    private func run(_ arguments: [String], within kilobytes: Int, in folder: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let command = "ulimit -v \(kilobytes); exec timeout -s KILL 60 \"$0\" \"$@\" > output 2> errors"
        process.arguments = ["-c", command, Program.path] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        try process.run()
        process.waitUntilExit()
        return process
    }
}

import Files
import Foundation
import TestSupport
import Testing

/// Where what a path, a file or a server says is shown escaped, and where it goes out as it is.
struct TerminalTests {
    private static let nasty = "n\u{1B}]0;x\u{7}\u{9B}31m\u{202E}\nQq"
    private static let shown = #"n\u{1B}]0;x\u{7}\u{9B}31m\u{202E}\nQq"#

    /// A verb, its words, and whether its standard output is the path alone.
    private static let verbs: [(words: [String], isPath: Bool)] = [
        (["run", "x.yaml", "--data", "data", "--output", "\(nasty).h5", "--overwrite"], false),
        (["train", "t.yaml", "--output", "c\(nasty)"], false),
        (["train", "t.yaml"], false),
        (["plan", "x.yaml", "--data", "data"], false),
        (["validate", "x.yaml"], false),
        (["show", "old\(nasty).h5"], false),
        (["report", "old\(nasty).h5", "--output", "\(nasty).html"], false),
        (embedding + ["--output", "\(nasty).npy"], false),
        (["tokenize", "--model", "./\(nasty).gguf", "--input", "\(nasty).jsonl"], false),
        (["inspect", "--model", "./\(nasty).gguf", "--pooling", "last", "--text", "A dog.\(nasty)"], false),
        (["list", "experiments"], false),
        (["doctor"], false),
        (["fetch", "model", "org/tiny"], true),
        (["fetch", "data", nasty, "--data", "d\(nasty)"], true),
        (["bench", "--model", "./\(nasty).gguf"], false),
    ]
    private static let embedding = [
        "embed", "--model", "./\(nasty).gguf", "--pooling", "last", "--input", "\(nasty).txt", "--input-format", "text",
    ]

    private func withFiles(_ check: (_ folder: String, _ environment: [String: String]) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let nasty = Self.nasty
            let start = "model: ./tiny.gguf\npooling: last\n"
            let files = [
                "\(nasty).txt": "A dog walks.\n", "\(nasty).jsonl": "{\"text\": \"A dog.\"}\n",
                "pairs.csv": "s,a,b\n5,A girl.,A woman.\n1,Up.,A dog.\n3,One.,Two.\n",
                "lines.jsonl":
                    "{\"anchor\": \"It rains.\", \"positive\": \"Rain.\"}\n{\"anchor\": \"Up.\", \"positive\": \"On.\"}\n",
                "x.yaml": start
                    + "tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]\n",
                "t.yaml": start
                    + "tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]\n"
                    + "train: {data: lines.jsonl, steps: 2, batch_size: 2, rank: 1, alpha: 1, targets: [q_proj]}\n",
            ]
            for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            for name in [nasty, "tiny"] { try TinyLlama.writeProgramFile(to: "\(folder)/\(name).gguf") }
            try FileManager.default.createDirectory(
                atPath: folder + "/data/downstream", withIntermediateDirectories: true)
            // The commit of the hub's cache that is offline, and so the last name of the path that fetch prints.
            let environment = [
                "BELLM_CACHE": "\(folder)/b\(nasty)", "HF_HOME": "\(folder)/h\(nasty)", "HF_HUB_OFFLINE": "1",
                "HF_HUB_CACHE": "", "HUGGINGFACE_HUB_CACHE": "", "TERM": "xterm", "NO_COLOR": "1",
            ]
            let snapshot = "\(folder)/h\(nasty)/hub/models--org--tiny/snapshots/abc"
            try AtomicFile.createFolder(snapshot)
            try TinyLlama.writeProgramFile(to: snapshot + "/tiny.gguf")
            try AtomicFile.replace("\(folder)/h\(nasty)/hub/models--org--tiny/refs/main", with: "abc")
            let first = try Program.run(
                ["run", "x.yaml", "--data", "data", "--output", "old\(nasty).h5"], in: folder,
                environment: environment)
            #expect(first.status == 0, "\(first.errors)")
            try check(folder, environment)
        }
    }

    private func acts(_ text: String) -> Bool {
        text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || $0 == "\u{9B}" || $0 == "\u{202E}" }
    }

    @Test("A path within a line is shown in every verb's output and messages; one that is the answer goes out as it is")
    func files() throws {
        try withFiles { folder, environment in
            for (words, isPath) in Self.verbs {
                let outcome = try Program.run(words, in: folder, environment: environment)
                #expect(!acts(outcome.errors), "\(words[0]): \(outcome.errors.debugDescription)")
                #expect(!outcome.errors.contains("31m\u{202E}") && !outcome.errors.contains("\nQq"), "\(words[0])")
                if isPath, outcome.status == 0 {
                    #expect(outcome.output.hasPrefix("\(folder)/h\(Self.nasty)/hub/"))
                } else {
                    #expect(!acts(outcome.output), "\(words[0]): \(outcome.output.debugDescription)")
                    #expect(!outcome.output.contains("\nQq"), "\(words[0]): \(outcome.output.debugDescription)")
                }
            }
        }
    }

    @Test("A terminal gets CSV a row a line, with nothing in it that acts, and without carriage returns")
    func rows() throws {
        try withFiles { folder, environment in
            for verb in ["show", "compare"] {
                let words = [verb, "old\(Self.nasty).h5", "old\(Self.nasty).h5", "--format"]
                for format in ["csv", "table", "markdown", "latex", "json"] {
                    let output = try onTerminal(words + [format], in: folder, environment)
                    #expect(!acts(output) && !output.contains("\\r\n"), "\(verb) \(format): \(output.debugDescription)")
                    #expect(!output.contains("\nQq"), "\(verb) \(format): \(output.debugDescription)")
                }
            }
        }
    }

    @Test("Nothing of a path reaches a terminal as it is, whatever the verb")
    func terminal() throws {
        try withFiles { folder, environment in
            for (words, isPath) in Self.verbs {
                let output = try onTerminal(words, in: folder, environment)
                #expect(!acts(output), "\(words[0]): \(output.debugDescription)")
                #expect(!output.contains("\nQq"), "\(words[0]): \(output.debugDescription)")
                if isPath, words[1] == "model" { #expect(output.contains("/h\(Self.shown)/hub/")) }
            }
        }
    }

    /// What a terminal gets of a program's standard output, its line ends as the program writes them.
    private func onTerminal(_ words: [String], in folder: String, _ environment: [String: String]) throws -> String {
        // Glibc's functions for this aren't imported: Linux' own numbers for unlocking a terminal and asking for its name.
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(master) }
        var (lock, number): (Int32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
            throw POSIXError(.ENOTTY)
        }
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(fileDescriptor: slave)
        process.standardError = FileHandle.nullDevice
        try process.run()
        close(slave)
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while true {
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    }
}

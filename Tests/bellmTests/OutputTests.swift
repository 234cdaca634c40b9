import Foundation
import TestSupport
import Testing

/// Where the program's output goes, for each verb that writes.
struct OutputTests {
    private struct Verb: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        /// A file that it reads.
        let input: String
        var testDescription: String { name }
    }

    private static let verbs: [Verb] =
        ["hdf5", "npy", "jsonl", "csv"].map { format in
            Verb(
                name: "embed, \(format)",
                arguments: [
                    "embed", "--model", "./tiny.gguf", "--pooling", "last", "--input", "in.txt", "--output-format",
                    format,
                ], input: "in.txt")
        } + [
            Verb(
                name: "embed, weights",
                arguments: [
                    "embed", "--model", "./tiny.gguf", "--pooling", "last", "--input", "in.txt", "--output-format",
                    "npy",
                ], input: "tiny.gguf"),
            Verb(name: "run", arguments: ["run", "x.yaml", "--data", "data"], input: "base.yaml"),
            Verb(name: "run, data", arguments: ["run", "x.yaml", "--data", "data"], input: "pairs.csv"),
            Verb(name: "report", arguments: ["report", "old.h5"], input: "old.h5"),
        ]

    private func withFiles(_ check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let files = [
                "in.txt": "A dog walks.\nA cat.\n",
                "pairs.csv": "s,a,b\n5,A girl.,A woman.\n1,Up.,A dog.\n3,One.,Two.\n",
                "base.yaml": "model: ./tiny.gguf\npooling: last\n",
                "x.yaml": """
                extends: base.yaml
                tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]

                """,
            ]
            try FileManager.default.createDirectory(
                atPath: folder + "/data/downstream", withIntermediateDirectories: true)
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            let first = try Program.run(["run", "x.yaml", "--data", "data", "--output", "old.h5"], in: folder)
            #expect(first.status == 0, "\(first.errors)")
            try check(folder)
        }
    }

    @Test("An input is no output: itself, a link, a hard link; it stays, and nothing is computed", arguments: verbs)
    private func inputs(_ verb: Verb) throws {
        try withFiles { folder in
            let before = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(verb.input)"))
            symlink(verb.input, folder + "/soft")
            #expect(link("\(folder)/\(verb.input)", folder + "/hard") == 0)
            for output in [verb.input, "soft", "hard"] {
                let outcome = try Program.run(verb.arguments + ["--output", output], in: folder)
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("\(output): cannot write here: the command reads this file"))
                #expect(!outcome.errors.contains("[1/1]"))
                #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(verb.input)")) == before)
            }
        }
    }

    @Test("A link stays and its target is replaced; a device stays a device; a long name is a name", arguments: verbs)
    private func kinds(_ verb: Verb) throws {
        try withFiles { folder in
            symlink("target", folder + "/soft")
            let long = String(repeating: "n", count: 230)
            for output in ["soft", long, "/dev/null"] {
                let outcome = try Program.run(verb.arguments + ["--output", output], in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            let files = FileManager.default
            #expect(try files.destinationOfSymbolicLink(atPath: folder + "/soft") == "target")
            #expect(files.fileExists(atPath: folder + "/target") && files.fileExists(atPath: "\(folder)/\(long)"))
            var status = stat()
            #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
            let left = try files.contentsOfDirectory(atPath: folder)
            #expect(!left.contains { $0.hasSuffix(".tmp") || $0.hasSuffix(".lock") })
            let out = try Program.run(verb.arguments + ["--output", "/dev/full"], in: folder)
            #expect(out.status == 1 && out.errors.contains("/dev/full: cannot write: No space left on device"))
        }
    }

    @Test("What can be known to fail fails before the work", arguments: verbs)
    private func refusals(_ verb: Verb) throws {
        try withFiles { folder in
            symlink("nowhere", folder + "/dangling")
            symlink("dangling", folder + "/chain")
            for (output, message) in [
                ("data", "it is a folder"), ("in.txt/x", "Not a directory"),
                ("/proc/x", "cannot write to the folder /proc"),
                ("dangling/x", "dangling: it is a link that leads nowhere"),
                ("chain/a/b/x", "chain: it is a link that leads nowhere"),
                (String(repeating: "n", count: 256), "a name has at most 255 bytes"),
            ] {
                let outcome = try Program.run(verb.arguments + ["--output", output], in: folder)
                #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome.errors)")
                #expect(!outcome.errors.contains("[1/1]"))
            }
        }
    }

    @Test("A result goes into a pipe that is read from before the program started")
    func pipe() throws {
        try withFiles { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            let reader = Process()
            reader.executableURL = URL(fileURLWithPath: "/bin/sh")
            reader.currentDirectoryURL = URL(fileURLWithPath: folder)
            reader.arguments = ["-c", "cat pipe > got.h5"]
            try reader.run()
            let outcome = try Program.run(["run", "x.yaml", "--data", "data", "--output", "pipe"], in: folder)
            reader.terminate()
            reader.waitUntilExit()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let shown = try ["got.h5", "old.h5"].map { try Program.run(["show", $0], in: folder).output }
            #expect(shown[0] == shown[1] && !shown[0].isEmpty)
        }
    }

    @Test("Standard output that is a file which the command reads is refused, for verbs that print, and the file stays")
    func ownInput() throws {
        try withFiles { folder in
            let lines = "{\"text\": \"A dog walks.\"}\n{\"text\": \"Up.\"}\n"
            try Data(lines.utf8).write(to: URL(fileURLWithPath: folder + "/tk.jsonl"))
            #expect(link(folder + "/tk.jsonl", folder + "/hard") == 0)
            let tokenize = "\"$0\" tokenize --model ./tiny.gguf --input"
            for (command, file) in [
                ("\(tokenize) tk.jsonl 1<> tk.jsonl", "tk.jsonl"), ("\(tokenize) tk.jsonl >> hard", "tk.jsonl"),
                ("\(tokenize) - < tk.jsonl >> tk.jsonl", "tk.jsonl"), ("\"$0\" show old.h5 >> old.h5", "old.h5"),
                ("\"$0\" show old.h5 --format json 1<> old.h5", "old.h5"),
                ("\"$0\" inspect model ./tiny.gguf >> tiny.gguf", "tiny.gguf"),
                ("\"$0\" plan x.yaml --data data >> x.yaml", "x.yaml"),
                ("\"$0\" report old.h5 --output - >> old.h5", "old.h5"),
            ] {
                let before = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
                let (status, text) = try Program.shell(command, in: folder)
                #expect(
                    status == 1 && text.contains("cannot write here: the command reads this file"),
                    "\(command): \(text)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")) == before, "\(command)")
            }
            let (status, text) = try Program.shell("\(tokenize) tk.jsonl >> other; test -s other", in: folder)
            #expect(status == 0, "\(text)")
        }
    }

    @Test("An output that is also what is printed to is refused, and the file stays")
    func printedTo() throws {
        try withFiles { folder in
            let run = "\"$0\" run x.yaml --data data --output out.h5"
            for (command, stream) in [("\(run) > out.h5", "standard output"), ("\(run) 2> out.h5", "standard error")] {
                let (status, text) = try Program.shell(command, in: folder)
                let file = try String(contentsOfFile: folder + "/out.h5", encoding: .utf8)
                let said = "out.h5: cannot write here: \(stream) goes to the same file"
                #expect(status == 1 && (text + file).contains(said), "\(text)\(file)")
            }
        }
    }

    @Test("The hub's cache is no place for an output, wherever it is said to be")
    func hubCache() throws {
        try withFiles { folder in
            try FileManager.default.createDirectory(
                atPath: folder + "/hf/hub/models--a--b", withIntermediateDirectories: true)
            symlink("hf/hub/models--a--b", folder + "/soft")
            for (variable, value) in [("HF_HOME", "hf"), ("HF_HUB_CACHE", "hf/hub")] {
                for output in ["hf/hub/x.npy", "soft/x.npy", "hf/hub/new/x.npy"] {
                    let outcome = try Program.run(
                        ["embed", "--model", "./tiny.gguf", "--pooling", "last", "--input", "in.txt"]
                            + ["--output", output], in: folder, environment: [variable: "\(folder)/\(value)"])
                    #expect(
                        outcome.status == 1 && outcome.errors.contains("it is in the cache folder"), "\(outcome.errors)"
                    )
                }
            }
        }
    }

    @Test("A pipe that is read is not written to, whether a name or the shell leads there")
    func pipeOfItsOwn() throws {
        try withFiles { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            for command in ["--input pipe --output pipe", "--input - --output - <> pipe >&0"] {
                let (status, text) = try Program.shell(
                    "exec timeout 20 \"$0\" embed --model ./tiny.gguf --pooling last --output-format npy \(command)",
                    in: folder)
                #expect(status == 1 && text.contains("reads this pipe or device"), "\(text)")
            }
        }
    }

    @Test("A file of another kind is replaced by no verb, also where it isn't read", arguments: verbs)
    private func others(_ verb: Verb) throws {
        try withFiles { folder in
            try Data("model: x\n".utf8).write(to: URL(fileURLWithPath: folder + "/other"))
            let more = verb.arguments[0] == "run" ? ["--overwrite"] : []
            let outcome = try Program.run(verb.arguments + more + ["--output", "other"], in: folder)
            #expect(outcome.status == 1 && outcome.errors.contains("other: cannot write here: expected "))
            #expect(try String(contentsOfFile: folder + "/other", encoding: .utf8) == "model: x\n")
        }
    }

    @Test("The name of a written file is on one line, whatever is in it", arguments: verbs)
    private func names(_ verb: Verb) throws {
        try withFiles { folder in
            let outcome = try Program.run(verb.arguments + ["--output", "two\nlines"], in: folder)
            #expect(outcome.status == 0 && outcome.errors.contains("written: two\\nlines"), "\(outcome.errors)")
        }
    }

    @Test(
        "Help that can't be written is a failure",
        arguments: [["--help"], ["--version"], ["show", "--help"], ["help", "run"]])
    func help(_ arguments: [String]) throws {
        for (redirection, reason) in [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")] {
            let (status, said) = try Program.shell("\"$0\" \"$@\" \(redirection)", arguments)
            #expect(status == 1)
            #expect(said == "Error: cannot write to standard output: \(reason)\n")
        }
    }

    @Test("Nothing of a path or a file acts on a terminal that shows an error")
    func raw() throws {
        try Program.run(
            ["embed", "--model", "./no\u{1B}]0;x\u{7}\u{202E}.gguf", "--pooling", "last", "--output", "x.npy"]
        ) { outcome, _ in
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains("\\u{1B}]0;x\\u{7}\\u{202E}"))
            #expect(!outcome.errors.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        }
    }
}

import Embedding
import Foundation
import TestSupport
import Testing

/// What goes wrong is one line on standard error, an exit code other than 0, and no file.
struct MessageTests {
    private static let poolings = Pooling.allCases.map(\.rawValue).joined(separator: ", ")
    private static let normalisers = Normaliser.allCases.map(\.rawValue).joined(separator: ", ")
    private static let embed = ["embed", "--model", "./tiny.gguf", "--output", "out.h5"]

    private func expectFailure(
        _ arguments: [String], files: [String: String] = [:], _ message: String, status: Int32 = 1
    ) throws {
        try Program.run(arguments, files: files) { outcome, folder in
            #expect(outcome.errors == "Error: \(message)\n")
            #expect(outcome.status == status)
            #expect(outcome.output.isEmpty)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(Set(left) == Set(files.keys).union(["tiny.gguf"]))
        }
    }

    @Test(
        "A word that a verb doesn't take is an error that says what to do with it",
        arguments: [
            (
                "run", ["PromptEOL"],
                "unexpected argument \"PromptEOL\"; to choose a run of the experiment: --only PromptEOL"
            ),
            (
                "plan", ["mean", "causal"],
                "unexpected arguments \"mean\", \"causal\"; to choose a run of the experiment: --only 'mean causal'"
            ),
            (
                "train", ["it's"],
                "unexpected argument \"it's\"; to choose a run of the experiment: --only 'it'\\''s'"
            ),
            (
                "validate", ["layer=3", "pooling=last"],
                "unexpected arguments \"layer=3\", \"pooling=last\"; to change keys: --set layer=3 pooling=last"
            ),
            ("run", ["b.yaml"], "unexpected argument \"b.yaml\"; it takes one experiment: call it once for each"),
            (
                "compare", ["b.h5", "c.h5"],
                "unexpected argument \"c.h5\"; see bellm compare --help for what it takes; a name with spaces stands in quotes"
            ),
        ])
    func unexpectedWords(_ verb: String, _ words: [String], _ message: String) throws {
        try expectFailure([verb, "a.yaml"] + words, "bellm \(verb): \(message)", status: 64)
    }

    @Test(
        "An unreadable input is named",
        arguments: [
            ("missing.txt", "missing.txt: no such file"), (".", ".: expected a file, found a folder"),
        ])
    func unreadableInput(_ input: String, _ message: String) throws {
        try expectFailure(Self.embed + ["--pooling", "mean", "--input", input], message)
    }

    @Test("Text that is not UTF-8 is an error with its line")
    func invalidUTF8() throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data([0x61, 0x0A, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: folder + "/bad.txt"))
            let outcome = try Program.run(Self.embed + ["--pooling", "mean", "--input", "bad.txt"], in: folder)
            #expect(outcome.errors == "Error: bad.txt:2: expected UTF-8 text\n")
            #expect(outcome.status == 1)
        }
    }

    @Test(
        "A method that cannot be is an error that says what can",
        arguments: [
            (
                ["--pooling", "meen"],
                "unknown pooling \"meen\"; expected one of: \(poolings); did you mean \"mean\"?"
            ),
            (
                ["--pooling", "mean", "--normaliser", "prompteo"],
                "unknown normaliser \"prompteo\"; expected one of: \(normalisers); did you mean \"prompteol\"?"
            ),
            (
                ["--pooling", "mean", "--template", "{txt}"],
                "unknown placeholder \"{txt}\"; expected one of: {text}, {text:pool}, {text:half}, {text:half:pool}, {prepend}, {piece:WORDS}, {end:TOKEN}; did you mean \"{text}\"?"
            ),
            (
                ["--pooling", "mean", "--bidirectional", "lasst 1"],
                "unreadable attention plan \"lasst 1\"; expected native, none, all, last N, from N or a list of layers such "
                    + "as [28, 29]; did you mean \"last 1\"?"
            ),
            (
                ["--pooling", "mean", "--bidirectional", "last 3"],
                "attention plan \"last 3\": the model has 2 layers, 0…1"
            ),
            (
                ["--pooling", "mean", "--layer", "3"],
                "there is no hidden layer 3: the model has 2 layers, so expected 0…2 or -1…-3"
            ),
            (
                ["--pooling", "mean", "--template", "{ \"query\" : a {text}}"],
                "expected a template, found the text of a mapping of roles to templates; an experiment file takes such a "
                    + "mapping; here, say the template of the role that is meant"
            ),
            (["--pooling", "mean", "--threads", "0"], "--threads: expected 1 to 1024, found 0"),
        ])
    func method(_ options: [String], _ message: String) throws {
        try expectFailure(Self.embed + options + ["--input", "in.txt"], files: ["in.txt": "a\n"], message)
    }

    @Test("Decoders have no default pooling: the message lists the choices")
    func missingPooling() throws {
        try Program.run(Self.embed + ["--input", "in.txt"], files: ["in.txt": "a\n"]) { outcome, _ in
            #expect(outcome.status == 1)
            let choices = "expected --pooling with one of: \(Self.poolings)"
            #expect(outcome.errors == "Error: the model has no pooling of its own; \(choices)\n")
        }
    }

    @Test(
        "A result that could not be written is refused before the work",
        arguments: [
            (".", ".: cannot write a file here: it is a folder"),
            ("new/", "new/: cannot write a file here: it is a folder"),
            ("", "expected the path of a file to write, found an empty one"),
        ])
    func unwritable(_ output: String, _ message: String) throws {
        let arguments = ["embed", "--model", "tiny.gguf", "--pooling", "mean", "--input", "in.txt", "--output", output]
        try expectFailure(arguments, files: ["in.txt": "a\n"], message)
    }

    @Test("A model file that is not GGUF, or cut short, is an error that names it")
    func foreignModel() throws {
        try Fixtures.withTemporaryFolder { folder in
            let whole = TinyLlama.programFile.bytes
            try Data(whole.dropLast(100)).write(to: URL(fileURLWithPath: folder + "/cut.gguf"))
            let arguments = ["tokenize", "--input", "-", "--model"]
            let cut = try Program.run(arguments + ["./cut.gguf"], in: folder)
            #expect(cut.status == 1)
            #expect(cut.errors.hasPrefix("Error: ./cut.gguf: tensor "))
            #expect(cut.errors.hasSuffix("the file is cut short or damaged: fetch it again\n"))

            let foreign = try Program.run(arguments + [Fixtures.golden("smollm2.h5")], in: folder)
            #expect(foreign.status == 1)
            #expect(foreign.errors.contains("smollm2.h5: expected a GGUF file, which begins with \"GGUF\", found"))
        }
    }

    @Test("A misspelt verb or option gets a guess")
    func misspelt() throws {
        let folder = NSTemporaryDirectory()
        let verb = try Program.run(["emebd"], in: folder)
        #expect(verb.status == 1)
        #expect(
            verb.errors
                == "Error: unknown command \"emebd\"; expected one of: run, train, plan, validate, show, "
                + "compare, report, plot, embed, export, tokenize, inspect, fetch, list, doctor, bench, help; did you mean \"embed\"?\n"
        )
        let option = try Program.run(Self.embed + ["--pooling", "mean", "--input", "-", "--tempate", "x"], in: folder)
        #expect(option.status == 64)
        #expect(option.errors.hasPrefix("Error: Unknown option '--tempate'. Did you mean '--template'?\n"))
    }

    @Test("A benchmark file with six columns is an error with its line")
    func sixColumns() throws {
        try Fixtures.withTemporaryFolder { folder in
            let tasks = folder + "/data/downstream/STS/STSBenchmark"
            try FileManager.default.createDirectory(atPath: tasks, withIntermediateDirectories: true)
            let row = "main-captions\tMSRvid\t2012test\t0024\t2.500\tA girl is styling her hair.\n"
            try Data(row.utf8).write(to: URL(fileURLWithPath: tasks + "/sts-test.csv"))
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let yaml = "model: ./tiny.gguf\ntasks: [STS-B]\npooling: mean\n"
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            let outcome = try Program.run(["run", "x.yaml", "--data", "data"], in: folder)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors
                    == "Error: data/downstream/STS/STSBenchmark/sts-test.csv:1: expected 7 tab-separated columns "
                    + "(2 source, 3 year, 5 score, 6 first, 7 second), found 6\n")
        }
    }

    @Test("An experiment that is a folder, or missing, is an error", arguments: [".", "x"])
    func noExperiment(_ path: String) throws {
        let message = path == "." ? "expected a file, found a folder" : "no such file"
        try expectFailure(["run", path], "\(path): \(message)")
    }

    @Test("Limits below one are refused")
    func limit() throws {
        try expectFailure(["plan", "x.yaml", "--limit", "0"], "--limit: expected at least 1, found 0")
    }
}

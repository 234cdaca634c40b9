import Foundation
import TestSupport
import Testing

@Suite("What the program is started with, and what it is pointed at")
struct SurroundingsTests {
    private static let embed = [
        "embed", "--model", "./tiny.gguf", "--pooling", "mean", "--input", "in.txt", "--output", "-", "--output-format",
        "jsonl",
    ]

    private func embed(
        _ options: [String] = [], environment: [String: String] = [:]
    ) throws -> Program.Outcome {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data("A dog walks.\n".utf8).write(to: URL(fileURLWithPath: folder + "/in.txt"))
            return try Program.run(Self.embed + options, in: folder, environment: environment)
        }
    }

    @Test(
        "bfloat16 is computed under any limit of instructions that oneDNN has",
        arguments: ["SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE"])
    func instructions(limit: String) throws {
        let outcome = try embed(["--precision", "bfloat16"], environment: ["ONEDNN_MAX_CPU_ISA": limit])
        #expect(outcome.status == 0 && outcome.output.contains("["), "\(outcome.errors)")
    }

    @Test("What libraries would say of themselves stays out of the data")
    func chatter() throws {
        let quiet = try embed(["--no-cache"])
        let loud = try embed(["--no-cache"], environment: ["ONEDNN_VERBOSE": "2", "DNNL_VERBOSE": "1"])
        #expect(loud.output == quiet.output && quiet.status == 0)
    }

    @Test("An argument that is no UTF-8 is refused: it would name another file")
    func arguments() throws {
        try Fixtures.withTemporaryFolder { folder in
            let command = "exec \"$0\" embed --model x --input in.txt --output \"$(printf 'r\\377.npy')\""
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", command, Program.path]
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            let errors = Pipe()
            process.standardError = errors
            try process.run()
            let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 1 && text.hasPrefix("Error: argument 7 is no UTF-8: r"), "\(text)")
        }
    }

    @Test("A pipe is no result: nobody waits for it", arguments: ["show", "report", "compare"])
    func pipe(verb: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            let outcome = try Program.run([verb, "pipe"] + (verb == "compare" ? ["pipe"] : []), in: folder)
            #expect(outcome.status == 1 && outcome.errors.contains("expected an HDF5 file, found a device or a pipe"))
        }
    }

    @Test("A result is one file: links out of it are not followed", .enabled(if: Python.hasPandas))
    func externalLinks() throws {
        try Fixtures.withTemporaryFolder { folder in
            let script = """
                import sys, h5py, numpy
                folder = sys.argv[1]
                with h5py.File(folder + "/a.h5", "w", libver="v110") as f:
                    f.attrs["schema_version"], f.attrs["experiment"] = 2, numpy.bytes_("x")
                    f["runs"] = h5py.ExternalLink(folder + "/b.h5", "/runs")
                with h5py.File(folder + "/b.h5", "w") as f: f["runs"] = [1]
                """
            #expect(try Python.run(script, folder).isEmpty)
            let outcome = try Program.run(["show", "a.h5"], in: folder)
            #expect(outcome.status == 1 && outcome.errors.hasPrefix("Error: a.h5: HDF5 cannot"), "\(outcome.errors)")
        }
    }
}

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
            let (status, text) = try Program.shell(command, in: folder)
            #expect(status == 1 && text.hasPrefix("Error: argument 7 is no UTF-8: r"), "\(text)")
        }
    }

    @Test("A small stack is raised where that may be, and refused else, also for files of the deepest nesting")
    func stack() throws {
        try Fixtures.withTemporaryFolder { folder in
            let nested = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
            try Data("model: ./tiny.gguf\npooling: \(nested)\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/x.yaml"))
            let verb = "exec \"$0\" validate x.yaml"
            let usual = try Program.shell(verb, in: folder)
            for limit in ["ulimit -S -s 64", "ulimit -S -s 1024", "ulimit -s 1024"] {
                let outcome = try Program.shell("\(limit); export OPENBLAS_NUM_THREADS=1; \(verb)", in: folder)
                #expect(outcome.status == usual.status && outcome.errors == usual.errors, "\(limit): \(outcome.errors)")
            }
            let refused = try Program.shell("ulimit -s 128; \(verb)", in: folder)
            #expect(refused.status == 1 && refused.errors.contains("the stack is limited to 128 KiB"), "\(refused)")
        }
    }

    /// A folder with `x.yaml`, on three pairs of its own, and its tiny model.
    private func withExperiment(_ keys: String, _ body: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let columns = "columns: {first: a, second: b, score: s}"
            let yaml = "model: ./tiny.gguf\ntasks: [{name: mine, kind: sts, file: pairs.csv, \(columns)}]\n\(keys)\n"
            for (name, text) in [("pairs.csv", "s,a,b\n1,A.,B.\n2,C.,D.\n3,E.,F.\n"), ("x.yaml", yaml)] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            try body(folder)
        }
    }

    @Test("Few open files are raised to what may be, and refused else; a launcher has its processes or says why not")
    func openFiles() throws {
        try withExperiment("matrix: {pooling: [last, mean], layer: [1, 2]}") { folder in
            // A shell that turns an output elsewhere wants descriptors of its own.
            let verb = "exec \"$0\" run x.yaml --launcher local --jobs 4"
            for hard in ["24", "40"] {
                let outcome = try Program.shell("ulimit -n \(hard); \(verb)", in: folder)
                #expect(
                    outcome.status == 1 && outcome.errors.contains("open files are limited to \(hard)"), "\(outcome)")
            }
            let raised = try Program.shell("ulimit -S -n 16; \(verb)", in: folder)
            #expect(raised.status == 0, "\(raised.errors)")
            // As many as are taken for it, whatever the system gives otherwise.
            let few = try Program.shell("ulimit -n 64; \(verb)", in: folder)
            #expect(few.status == 0 || few.errors.contains("open files are limited to 64"), "\(few)")
        }
    }

    @Test("A limit of files' sizes is an error line, also where a table or a page is written")
    func fileSizes() throws {
        try withExperiment("pooling: mean") { folder in
            #expect(try Program.run(["run", "x.yaml", "--output", "x.h5"], in: folder).status == 0)
            for verb in ["report x.h5 --output p.html", "show x.h5 --format json > table.json"] {
                let outcome = try Program.shell("ulimit -f 0; \"$0\" \(verb)", in: folder)
                #expect(outcome.status == 1 && outcome.errors.contains("File too large"), "\(verb): \(outcome)")
            }
        }
    }

    @Test("A kernel that OpenBLAS hasn't is refused, whatever it would take instead; its names have any case")
    func kernels() throws {
        for name in ["nonsense", "Haswel", "0", "SkylakeXX"] {
            let outcome = try embed(environment: ["OPENBLAS_CORETYPE": name])
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("Error: OPENBLAS_CORETYPE: OpenBLAS has no kernels \"\(name)\" here"))
        }
        for name in ["prescott", "NEHALEM", ""] {
            let outcome = try embed(environment: ["OPENBLAS_CORETYPE": name])
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test("TMPDIR that is no folder is refused with its name, before the work")
    func temporaryFolder() throws {
        for path in ["/nowhere/tmp", "/etc/hostname"] {
            try Fixtures.withTemporaryFolder { folder in
                try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
                try Data("A dog walks.\n".utf8).write(to: URL(fileURLWithPath: folder + "/in.txt"))
                let outcome = try Program.run(
                    Self.embed.map { $0 == "-" ? "/dev/stdout" : $0 == "jsonl" ? "hdf5" : $0 }, in: folder,
                    environment: ["TMPDIR": path])
                #expect(outcome.status == 1 && outcome.output.isEmpty)
                #expect(
                    outcome.errors.hasPrefix("Error: TMPDIR: expected a folder, found \"\(path)"), "\(outcome.errors)")
            }
        }
    }

    @Test("Every variable that the program reads is in the documentation's table, and no other")
    func variables() throws {
        let root = Fixtures.packageRoot
        let page = try String(contentsOfFile: root + "/docs/environment.md", encoding: .utf8)
        let listed = Set(
            page.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
                row.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.1) }
            })
        var read: Set<String> = ["TMPDIR", "NO_COLOR", "OPENBLAS_NUM_THREADS"]
        let files =
            FileManager.default.enumerator(atPath: root + "/Sources")?.allObjects.compactMap { $0 as? String } ?? []
        for file in files where file.hasSuffix(".swift") {
            let source = try String(contentsOfFile: "\(root)/Sources/\(file)", encoding: .utf8)
            let named = source.matches(
                of:
                    /"((?:BELLM|HF|HUGGING|HUGGINGFACE|XDG|TRANSFORMERS)_\w+|SLURM_(?:JOB_ID|RESTART_COUNT|MEM_PER_NODE)|HOME|TERM|OPENBLAS_CORETYPE)"/
            )
            read.formUnion(named.map { String($0.1) })
        }
        let others: Set = [
            "BELLM_NLI", "BELLM_TEST_DATA", "BELLM_FUZZ_SECONDS", "BELLM_CHOSE_CORETYPE", "BELLM_ELEMENT_OFFSET",
        ]
        #expect(listed == read.subtracting(others))
    }

    @Test("A misspelt variable of the program's own is said; other programs' are theirs")
    func misspelt() throws {
        let outcome = try Program.run(
            ["list", "models"], in: Fixtures.packageRoot,
            environment: ["BELLM_CACH_SIZE": "1 GB", "BELLM_SOMETHING_ELSE": "1", "BELLM_NLI": ""])
        #expect(outcome.errors == "warning: no variable BELLM_CACH_SIZE is read; did you mean BELLM_CACHE_SIZE?\n")
    }

    @Test("A file whose name has control characters names no experiment")
    func names() throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            for name in ["a\u{1B}[31m.yaml", "two\nlines.yaml", " x .yaml"] {
                let yaml = "model: ./tiny.gguf\npooling: last\n"
                try Data(yaml.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                let outcome = try Program.run(["validate", name], in: folder)
                #expect(outcome.status == 1 && outcome.errors.contains("the file's name can't name the experiment"))
                try Data((yaml + "name: x\n").utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                #expect(try Program.run(["validate", name], in: folder).status == 0)
            }
        }
    }

    @Test(
        "An experiment from a pipe of the shell means files of the current folder",
        arguments: ["validate", "plan", "run"])
    func experimentFromPipe(verb: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data("s,a,b\n1,A.,B.\n2,C.,D.\n3,E.,F.\n".utf8).write(to: URL(fileURLWithPath: folder + "/pairs.csv"))
            let yaml =
                "name: x\nmodel: ./tiny.gguf\npooling: last\ntasks: [{name: mine, kind: sts, file: pairs.csv, "
                + "columns: {first: a, second: b, score: s}}]\n"
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            let (status, errors) = try Program.shell(
                "cat x.yaml | \"$0\" \"$1\" /dev/stdin > out", [verb], in: folder)
            #expect(status == 0, "\(errors)")
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

    @Test("A run that stands twice in a result is refused, and not shown once", .enabled(if: Python.hasPandas))
    func twice() throws {
        try withExperiment("pooling: last") { folder in
            #expect(try Program.run(["run", "x.yaml", "--output", "r.h5"], in: folder).status == 0)
            let script = """
                import sys, h5py, numpy
                with h5py.File(sys.argv[1] + "/r.h5", "r+", libver="v110") as f:
                    runs = f["runs"][:]
                    del f["runs"]
                    f["runs"] = numpy.concatenate([runs, runs])
                """
            #expect(try Python.run(script, folder).isEmpty)
            let outcome = try Program.run(["show", "r.h5"], in: folder)
            #expect(outcome.status == 1 && outcome.errors.contains("found two named \"x\""), "\(outcome.errors)")
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

import Files
import Foundation
import HDF5
import Results
import TestSupport
import Testing

@Suite("Paths of the user's own folder stay with the user")
struct HomeFolderTests {
    @Test("A home folder's path is written with a tilde, which reads back; its likes are not")
    func abbreviated() {
        #expect(HomeFolder.abbreviated("/folders/u/x.gguf", home: "/folders/u") == "~/x.gguf")
        #expect(HomeFolder.expanded("~/x.gguf", home: "/folders/u") == "/folders/u/x.gguf")
        for path in ["/folders/uu/x", "/folders/u", "x", "/"] {
            #expect(HomeFolder.abbreviated(path, home: "/folders/u") == path)
        }
        #expect(HomeFolder.abbreviated("/x", home: "/") == "/x")
    }

    @Test("No result, report or file of embeddings has them; the result's experiment is the same when it is read again")
    func outputs() throws {
        try Fixtures.withTemporaryFolder { folder in
            let home = URL(fileURLWithPath: folder).standardizedFileURL.path
            try AtomicFile.createFolder(home + "/data/downstream")
            try TinyLlama.writeProgramFile(to: home + "/tiny.gguf")
            try AtomicFile.replace(
                home + "/pairs.csv", with: "s,a,b\n5,A girl sings.,A girl.\n1,Up.,A dog.\n3,One.,Two.\n")
            try AtomicFile.replace(
                home + "/x.yaml",
                with: """
                    model: ./tiny.gguf
                    pooling: last
                    tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
                    """)
            func run(_ arguments: [String]) throws {
                let outcome = try Program.run(arguments, in: home, environment: ["HOME": home])
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            let command = ["run", home + "/x.yaml", "--data", home + "/data", "--output", "r.h5"]
            try run(command)
            let result = try ExperimentResult(contentsOf: home + "/r.h5")
            #expect(!"\(result)".contains(home), "\(result.provenance)")
            #expect(result.value(of: "experiment_yaml")?.contains("~/tiny.gguf") == true)
            // What would replace it asks the same.
            try run(command)
            try run(["report", home + "/r.h5", "--output", "r.html"])
            #expect(!(try String(contentsOfFile: home + "/r.html", encoding: .utf8)).contains(home))
            try run([
                "embed", "--model", home + "/tiny.gguf", "--pooling", "last", "--input", home + "/pairs.csv",
                "--column",
                "a", "--output", "e.h5",
            ])
            let bytes = try Data(contentsOf: URL(fileURLWithPath: home + "/e.h5"))
            #expect(bytes.range(of: Data(home.utf8)) == nil)
        }
    }

    @Test("An experiment that is listed is named by its name")
    func listed() throws {
        let outcome = try Program.run(["validate", "reproduce-bellm"], in: Fixtures.packageRoot)
        #expect(
            outcome.status == 0 && outcome.errors.contains("experiments/reproduce-bellm.yaml: "), "\(outcome.errors)")
        let other = try Program.run(["validate", "reproduce-bell"], in: Fixtures.packageRoot)
        #expect(other.status == 1 && other.errors.contains("reproduce-bell: no such file"), "\(other.errors)")
    }

    @Test("A text with a colon that isn't quoted is said to need quotes; a model of the catalogue is no repository")
    func advice() throws {
        try Program.run(
            ["validate", "x.yaml"], files: ["x.yaml": "model: ./tiny.gguf\ntemplate: Gist of {text}: \n"]
        ) { outcome, _ in
            #expect(outcome.errors.contains("x.yaml:2:25: unreadable YAML: mapping values are not allowed"))
            #expect(
                outcome.errors.contains(
                    "; put a text with a colon and a space in it, or with one at its end, in quotes"))
        }
        let fetched = try Program.run(["fetch", "model", "smollm2-135m"], in: Fixtures.packageRoot)
        #expect(fetched.errors.contains("is a model of configs/models, not a repository of the hub; run make setup"))
        #expect(!fetched.errors.contains("did you mean"))
    }
}

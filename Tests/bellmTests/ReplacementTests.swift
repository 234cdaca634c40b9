import Files
import Foundation
import Results
import TestSupport
import Testing

/// What becomes of a result that is there when another is written.
struct ReplacementTests {
    private static let pairs = "s,a,b\n5,A girl sings.,A girl is singing.\n1,A dog runs.,A man eats.\n3,One.,Two.\n"
    private static let yaml = """
        name: tiny
        model: ./tiny.gguf
        pooling: last
        tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
        variants: { one: {}, "two, a b": { pooling: mean } }

        """

    private func withResult(_ check: (_ folder: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.createFolder(folder + "/data/downstream")
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try AtomicFile.replace(folder + "/pairs.csv", with: Self.pairs)
            try AtomicFile.replace(folder + "/x.yaml", with: Self.yaml)
            try expect(folder, [], writes: "results/tiny.h5")
            try check(folder)
        }
    }

    private func expect(_ folder: String, _ options: [String], writes path: String) throws {
        let outcome = try Program.run(["run", "x.yaml", "--data", "data"] + options, in: folder)
        #expect(outcome.status == 0 && outcome.errors.contains("written: \(path)\n"), "\(outcome.errors)")
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(path)"))
    }

    private func expect(_ folder: String, _ options: [String], loses what: String) throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/results/tiny.h5"))
        let command = ["run", "x.yaml", "--data", "data", "--output", "results/tiny.h5"] + options
        let outcome = try Program.run(command, in: folder)
        let message = "Error: results/tiny.h5: is not replaced, because this would be lost: \(what);"
        #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/results/tiny.h5")) == before)
    }

    @Test("Scores of other weights are another result, though nothing else has changed")
    func weights() throws {
        try withResult { folder in
            let path = folder + "/tiny.gguf"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // The lowest bit of a number.
            bytes[bytes.count - 4] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            try expect(folder, [], loses: "other weights, adapters or training data of the runs \"one\", \"two, a b\"")
        }
    }

    @Test("A part of an experiment has a file of its own")
    func names() throws {
        try withResult { folder in
            let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "/results/tiny.h5"))
            try expect(folder, ["--limit", "2"], writes: "results/tiny.limit2.h5")
            try expect(folder, ["--only", "one"], writes: "results/tiny.only-one.h5")
            try expect(folder, ["--only", "one", "--limit", "2"], writes: "results/tiny.only-one.limit2.h5")
            let outcome = try Program.run(["run", "x.yaml", "--data", "data", "--only", "two*"], in: folder)
            #expect(
                outcome.errors.contains(/written: results\/tiny\.only-two--a-b-[0-9a-f]{8}\.h5\n/), "\(outcome.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/results/tiny.h5")) == whole)
            try expect(folder, ["--only", "*"], writes: "results/tiny.h5")
        }
    }

    @Test(
        "A result that would lose runs, items, tasks or settings stays, whoever computes; --overwrite says what it replaces"
    )
    func losses() throws {
        try withResult { folder in
            try expect(folder, ["--limit", "2"], loses: "scores of all items of each task instead of 2")
            try expect(folder, ["--only", "one"], loses: "run \"two, a b\"")
            try expect(folder, ["--set", "one.pooling=max"], loses: "other settings of the run \"one\"")
            try expect(
                folder, ["--only", "one", "--limit", "1", "--launcher", "local"],
                loses: "scores of all items of each task instead of 1; run \"two, a b\"")
            let forced = try Program.run(
                ["run", "x.yaml", "--data", "data", "--only", "one", "--output", "results/tiny.h5", "--overwrite"],
                in: folder)
            #expect(forced.status == 0 && forced.errors.contains("replaces in results/tiny.h5: run \"two, a b\"\n"))
            #expect(try ExperimentResult(contentsOf: folder + "/results/tiny.h5").runs.map(\.name) == ["one"])
            // More than before is no loss.
            try expect(folder, [], writes: "results/tiny.h5")
            try AtomicFile.replace(folder + "/pairs.csv", with: Self.pairs.replacing("Two", with: "Three"))
            try expect(folder, [], loses: "other files, columns or classes of the task \"mine\"")
        }
    }

    @Test("A result of another experiment is kept, whatever name the command line gives this one, and whoever computes")
    func experiments() throws {
        try withResult { folder in
            try AtomicFile.replace(folder + "/y.yaml", with: Self.yaml.replacing("name: tiny", with: "name: other"))
            for options in [["--set", "name=tiny"], ["--output", "results/tiny.h5"]] {
                for launcher in [[], ["--launcher", "local"]] {
                    let refused = try Program.run(["run", "y.yaml", "--data", "data"] + options + launcher, in: folder)
                    #expect(
                        refused.status == 1
                            && refused.errors.contains("lost: the result of another experiment, \"tiny\";"),
                        "\(refused.errors)")
                }
            }
            // One that is only called otherwise is the same one.
            for launcher in [[], ["--launcher", "local"], []] {
                let renamed = try Program.run(
                    ["run", "x.yaml", "--data", "data", "--set", "name=renamed"] + launcher, in: folder)
                #expect(renamed.status == 0 && renamed.errors.contains("results/renamed.h5\n"), "\(renamed.errors)")
            }
            try AtomicFile.replace(folder + "/y.yaml", with: Self.yaml.replacing("name: tiny", with: "name: renamed"))
            let late = try Program.run(["run", "y.yaml", "--data", "data"], in: folder)
            #expect(late.status == 1 && late.errors.contains("another experiment, \"tiny\""), "\(late.errors)")
            let forced = try Program.run(["run", "y.yaml", "--data", "data", "--overwrite"], in: folder)
            #expect(
                forced.status == 0 && forced.errors.contains("replaces in results/renamed.h5: the result of another"))
        }
    }

    @Test("A limited result is replaced by one of more items, not of fewer")
    func limits() throws {
        try withResult { folder in
            try expect(folder, ["--limit", "1", "--output", "q.h5"], writes: "q.h5")
            try expect(folder, ["--limit", "2", "--output", "q.h5"], writes: "q.h5")
            let fewer = try Program.run(
                ["run", "x.yaml", "--data", "data", "--limit", "1", "--output", "q.h5"], in: folder)
            #expect(fewer.errors.contains("scores of 2 items of each task instead of 1"), "\(fewer.errors)")
            try expect(folder, ["--output", "q.h5"], writes: "q.h5")
        }
    }

    @Test("A file that is no result is kept, an empty one is filled; no other verb writes over a result")
    func others() throws {
        try withResult { folder in
            try AtomicFile.replace(folder + "/notes", with: "mine\n")
            let notes = try Program.run(["run", "x.yaml", "--data", "data", "--output", "notes"], in: folder)
            #expect(notes.status == 1 && notes.errors.contains("a file that is no result"), "\(notes.errors)")
            let table = try Program.run(["run", "x.yaml", "--data", "data", "--output", "tab.csv"], in: folder)
            #expect(table.status == 1 && table.errors.contains("tab.csv: cannot write here: the name ends in .csv"))
            try AtomicFile.replace(folder + "/empty", with: "")
            try expect(folder, ["--output", "empty"], writes: "empty")
            let embed = [
                "embed", "--model", "./tiny.gguf", "--pooling", "last", "--input", "pairs.csv", "--column", "a",
            ]
            for command in [embed, ["report", "empty"]] {
                let outcome = try Program.run(command + ["--output", "results/tiny.h5"], in: folder)
                #expect(
                    outcome.status == 1 && outcome.errors.contains("cannot write here: it is an experiment's result"),
                    "\(outcome.errors)")
            }
        }
    }
}

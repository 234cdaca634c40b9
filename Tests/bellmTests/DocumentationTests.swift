import Foundation
import TestSupport
import Testing

@Suite("What the documentation says can be done")
struct DocumentationTests {
    /// The pages that users read, and the program's own help.
    private static let pages: [String] = {
        let root = Fixtures.packageRoot
        func files(_ folder: String, _ ending: String) -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
            return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
        }
        return ["README.md"] + files("docs", ".md") + files("Tests/Golden/help", ".txt")
    }()

    private static func text(_ page: String) throws -> String {
        try String(contentsOfFile: "\(Fixtures.packageRoot)/\(page)", encoding: .utf8)
    }

    // Experiments.

    private struct Block: Sendable, CustomTestStringConvertible {
        var page: String
        var line: Int
        var text: String
        var testDescription: String { "\(page):\(line)" }
    }

    /// Those of docs/extending.md are of other files, in which `ExtendingTests` finds them.
    private static let blocks: [Block] = pages.filter { $0 != "docs/extending.md" }.flatMap { page -> [Block] in
        var found: [Block] = []
        var open: Block?
        for (index, line) in ((try? text(page)) ?? "").components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                if let block = open { found.append(block) }
                open = open == nil && line == "```yaml" ? Block(page: page, line: index + 2, text: "") : nil
            } else {
                open?.text += line + "\n"
            }
        }
        return found
    }

    @Test(
        "Every YAML block is an experiment, or a part of one, that is read without a complaint",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)), arguments: blocks)
    private func yaml(_ block: Block) throws {
        // Lines of a recipe stand alone, each in the place of the others.
        let isRecipe = block.text.hasPrefix("objective:")
        let parts = isRecipe ? block.text.split(separator: "\n").map(Self.recipe) : [block.text]
        for part in parts {
            try Fixtures.withTemporaryFolder { folder in
                let files = FileManager.default
                try files.createSymbolicLink(
                    atPath: folder + "/configs", withDestinationPath: Fixtures.packageRoot + "/configs")
                try files.copyItem(atPath: Fixtures.packageRoot + "/experiments", toPath: folder + "/experiments")
                try files.createSymbolicLink(
                    atPath: folder + "/results", withDestinationPath: Fixtures.packageRoot + "/results")
                for (name, content) in [
                    ("pairs.csv", "a,b,s\nUp.,Upwards.,4\n"),
                    ("topics.jsonl", "{\"sentence\": \"Up.\", \"topic\": \"ways\"}\n"),
                    ("nli/adapter_config.json", "{}"), ("wordnet/adapter_config.json", "{}"),
                ] {
                    let file = URL(fileURLWithPath: folder + "/experiments/" + name)
                    try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(content.utf8).write(to: file)
                }
                let head = ["model: smollm2-135m\n", "pooling: last\n"].filter { line in
                    !part.contains("extends:") && !part.contains(line.prefix { $0 != ":" } + ":")
                }
                try Data((head.joined() + part).utf8).write(
                    to: URL(fileURLWithPath: folder + "/experiments/block.yaml"))
                let outcome = try Program.run(
                    ["validate", "experiments/block.yaml"], in: folder,
                    environment: ["BELLM_CONFIGS": folder + "/configs"])
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
        }
    }

    /// The line of a recipe in an experiment, with data that the loss learns from.
    private static func recipe(_ line: Substring) -> String {
        "train:\n  \(line)\n" + (line.contains("cosent") ? "  data: STS-B-train\n" : "")
    }

    // Commands.

    private struct Command: Sendable, CustomTestStringConvertible {
        var page: String
        var arguments: [String]
        var testDescription: String { "\(page): bellm \(arguments.joined(separator: " "))" }
    }

    /// The command lines of code blocks and of the help's examples, with their continuations.
    private static let commands: [Command] = pages.flatMap { page -> [Command] in
        let joined = ((try? text(page)) ?? "").replacing(/\\\n\s*/, with: " ")
        // The help breaks a long example's line.
        let lines = joined.replacing(/(Example: [^\n]+)\n(?=\S)/) { "\($0.output.1) " }.components(separatedBy: "\n")
        return lines.compactMap { line in
            let isCode = line.hasPrefix("    ") || line.hasPrefix("bellm ") || line.hasPrefix("  bellm ")
            let rest =
                line.firstMatch(of: /^Examples?: bellm (.+)$/)?.output.1
                ?? (isCode ? line.firstMatch(of: /^\s*(?:\.build\/release\/)?bellm ([a-z].*)$/)?.output.1 : nil)
            guard let rest else { return nil }
            let arguments = words(rest)
            // `…` stands for what the reader fills in.
            return arguments.contains("…") ? nil : Command(page: page, arguments: arguments)
        }
    }

    /// As a shell splits them; a comment ends the line.
    private static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                (quote, word) = (character, word ?? "")
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else if character == "#", word == nil {
                break
            } else if "|<>;&".contains(character) {
                break
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    @Test("The pages have blocks and commands to test")
    func isThere() {
        #expect(Self.blocks.count > 8 && Self.commands.count > 20)
    }

    @Test("Every command's verb and options are the program's", arguments: commands)
    private func options(_ command: Command) throws {
        // Its sources are no hub.
        guard Array(command.arguments.prefix(2)) != ["fetch", "data"] else { return }
        // Nothing is there to work on, so what is understood fails soon, and without the network.
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try Program.run(
                command.arguments, in: folder,
                environment: [
                    "BELLM_CACHE": folder + "/cache", "HF_HUB_OFFLINE": "1", "HF_HOME": folder + "/hub",
                    "BELLM_CONFIGS": Fixtures.packageRoot + "/configs",
                ])
            #expect(outcome.status != 64 && !outcome.errors.contains("Usage: "), "\(outcome.errors)")
        }
    }

    @Test(
        "Every experiment that a command names is there, with the runs and keys that it names",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)), arguments: commands)
    private func experiments(_ command: Command) throws {
        guard let file = command.arguments.dropFirst().first, file.hasPrefix("experiments/"),
            ["run", "plan", "train", "validate"].contains(command.arguments[0])
        else { return }
        var kept: [String] = []
        var isKept = false
        for word in command.arguments.dropFirst(2) {
            if word.hasPrefix("--") { isKept = ["--set", "--only", "--precision"].contains(word) }
            if isKept { kept.append(word) }
        }
        let outcome = try Program.run(["validate", file] + kept, in: Fixtures.packageRoot)
        // A model that is fetched on request may be missing; all else was read.
        let isMissing = outcome.errors.contains(/the file of the model "[^"]+" is not in the cache/)
        #expect(outcome.status == 0 || isMissing, "\(outcome.errors)")
    }

    // Snippets.

    @Test(
        "The Python of the page on results reads a result that the program wrote, as it stands",
        .enabled(if: Python.hasPandas))
    func python() throws {
        let snippets = try Self.text("docs/results-schema.md").components(separatedBy: "```python\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
        #expect(!snippets.isEmpty)
        let experiment = """
            model: ./tiny.gguf
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            pooling: mean
            """
        let pairs = "s,a,b\n5,A girl sings.,A girl is singing.\n1,A dog runs.,A man eats.\n3,One.,A dog runs.\n"
        let files = ["x.yaml": experiment, "pairs.csv": pairs]
        try Program.run(["run", "x.yaml", "--output", "result.h5"], files: files) { outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            for snippet in snippets {
                let printed = try Python.run("import os, sys; os.chdir(sys.argv[1])\n" + snippet, folder)
                #expect(printed.hasPrefix("x 2\n") && printed.contains("cosine"), "\(printed)")
                #expect(!printed.contains("Traceback"), "\(printed)")
            }
        }
    }
}

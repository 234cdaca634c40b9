import ArgumentParser
import Diagnostics
import Embedding
import Files
import Foundation

struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Print the token ids of texts: {\"text\": …} a line in, {\"ids\": […]} a line out.",
        discussion: """
            Special tokens that stand in a text are recognised; none is added.

            Example: echo '{"text": "A dog walks."}' | bellm tokenize --model smollm2-135m --input -
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("JSON lines; - for standard input.", valueName: "file"))
    var input: String

    private struct Line: Decodable { var text: String }

    func run() throws {
        let tokenizer = try model.open().tokenizer
        for warning in tokenizer.summary.warnings { Console.warning(warning) }
        let decoder = JSONDecoder()
        var output = ""
        var spacedCount = 0
        for (index, line) in try TextFile.lines(of: input).enumerated() {
            guard let parsed = try? decoder.decode(Line.self, from: Data(line.utf8)) else {
                throw Diagnostic(
                    "expected a JSON object such as {\"text\": \"A dog walks.\"}",
                    at: SourceLocation(file: input, line: index + 1))
            }
            if let first = parsed.text.unicodeScalars.first, first.properties.isWhitespace { spacedCount += 1 }
            let ids = try tokenizer.encode(parsed.text).map { String($0.id) }
            output += "{\"ids\": [\(ids.joined(separator: ", "))]}\n"
        }
        if let warning = Prompts.warning(ofSpaced: spacedCount, tokenizer) { Console.warning(warning) }
        if !output.isEmpty { try Console.print(String(output.dropLast())) }
    }
}

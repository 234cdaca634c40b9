import ArgumentParser
import Results

/// What the program starts to read a result that could crash it; users don't.
struct ReadResultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: OldResult.command, abstract: "Copy a result into this version's schema, within limits.",
        shouldDisplay: false)

    @Argument(help: "The result's file.")
    var result: String
    @Argument(help: "The copy.")
    var copy: String

    func run() throws { try OldResult.copy(result, to: copy) }
}

import ArgumentParser
import Specification

extension PartTable.Kind: ExpressibleByArgument {}

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the experiments, models, prompts or tasks there are.",
        discussion: "Example: bellm list prompts")

    @Argument(help: "experiments, models, prompts or tasks.")
    var kind: PartTable.Kind

    func run() throws {
        try Console.print(PartTable(kind, in: ConfigFolder.find(for: ".")).text)
    }
}

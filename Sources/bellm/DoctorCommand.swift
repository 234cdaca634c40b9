import ArgumentParser
import Tasks
import Files
import Foundation
import Numerics
import Running

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this machine has: libraries, kernels, threads, cache, data, disk.",
        discussion: "Example: bellm doctor --data ~/SentEval/data")

    @OptionGroup var dataOptions: DoctorDataOptions

    func run() throws {
        let lines = MachineReport(dataFolder: dataOptions.data).lines
        let width = lines.map(\.label.count).max() ?? 0
        for line in lines {
            let label = line.label.padding(toLength: width, withPad: " ", startingAt: 0)
            try Console.print("\(label)  \(line.text.visible())")
        }
        for advice in lines.compactMap(\.advice) { Console.warning(advice) }
    }
}

struct DoctorDataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The data folder to look at. Default: BELLM_DATA, else the cache.", valueName: "dir"))
    var data: String?
}

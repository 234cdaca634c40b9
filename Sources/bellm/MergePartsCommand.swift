import ArgumentParser
import Diagnostics
import Files
import Foundation
import Launching
import Results

/// What the job behind an array runs; users don't.
struct MergePartsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge-parts", abstract: "Merge the parts of a submitted experiment into its result.",
        shouldDisplay: false)

    @Argument(help: "The submission's folder.")
    var submission: String

    func run() throws { try Self.merge(Submission(folder: submission)) }

    static func merge(_ submission: Submission) throws {
        let result = try PartMerger(submission).merge()
        Console.message("written: \(submission.output.visible())")
        guard try !OutputDestination(submission.output).isStandardOutput else { return }
        try Console.print(ResultTable(result))
    }
}

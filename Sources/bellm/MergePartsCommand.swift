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

    /// - Parameter told: warnings of runs that were told before
    static func merge(_ submission: Submission, told: [(run: String, text: String)] = []) throws {
        let result = try PartMerger(submission).merge()
        try Console.show(result, in: OutputDestination(submission.output), told: told)
    }
}

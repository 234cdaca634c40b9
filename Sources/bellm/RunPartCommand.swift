import ArgumentParser
import Foundation
import Launching

/// What an array element runs; users don't.
struct RunPartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-part", abstract: "Compute one element of a submitted experiment.", shouldDisplay: false)

    @Argument(help: "The submission's folder.")
    var submission: String

    @Option(help: "Which element, from 0.")
    var element: Int

    @Flag(help: "Stop when standard input ends: whoever started this process has ended then.")
    var endsWithInput = false

    @OptionGroup var workers: WorkerOptions

    func run() async throws {
        if endsWithInput { StopSignals.sendAtEndOfInput() }
        let runner = try ElementRunner(Submission(folder: submission), element: element, workers: workers.threads)
        let observer = RunObserver()
        do {
            let outcome = try await interruptible(keepsWork: true) {
                try await runner.run(observe: observer.observe)
            }
            switch outcome {
            case .finished: Console.message("the run is finished")
            case .computedBlocks: Console.message("the blocks are computed; others of the run are missing")
            case .wasThere: Console.message("nothing to do: the run is finished already")
            case .isClaimed(let owner): Console.message("nothing to do: \(owner) works on it")
            }
        } catch let code as ExitCode where code.rawValue > 128 && runner.keepsWork {
            // Stopped by a signal: it makes sense to start again.
            throw ExitCode(EX_TEMPFAIL)
        }
    }
}

import ArgumentParser
import Diagnostics
import Files
import Foundation
import Results
import Running
import Specification
import Synchronization

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an experiment: embed, score, write the result, print the table.",
        discussion: """
            Examples:
              bellm run experiments/reproduce-bellm.yaml
              bellm run experiments/reproduce-bellm.yaml --only PromptEOL --limit 200
              bellm run experiments/layers.yaml --launcher slurm --wait
            """)

    @OptionGroup var experiment: ExperimentOptions
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var workers: WorkerOptions

    @OptionGroup var cacheOptions: CacheOptions
    @OptionGroup var launch: LaunchOptions

    @Flag(help: "Compute everything anew, and store it in place of what the cache has.")
    var fresh = false

    @Option(
        help: ArgumentHelp(
            "The result's file. Default: results/NAME.h5, or NAME.only-RUN.h5 and NAME.limitN.h5 of a part.",
            valueName: "file"))
    var output: String?

    @Flag(help: "Replace the result's file even where it holds more, or something else.")
    var overwrite = false

    func run() async throws {
        let spec = try await experiment.loadDownloading()
        let path = try output ?? "results/\(experiment.resultName(spec, limit: dataOptions.limit)).h5"
        let destination = try OutputDestination(path)
        try destination.check()
        let plan = try ExperimentPlan(spec, data: dataOptions.load(spec))
        try Console.warn(of: plan)
        try destination.refuseInputs()
        try destination.refuseEnding(otherThan: .hdf5)
        let configs = try ConfigFolder.find(for: experiment.file)
        let losses = overwrite ? plan.losses(at: destination, configs: configs) : []
        if overwrite {
            try destination.refuseOtherThan(.hdf5)
        } else {
            try plan.refuseLosses(at: destination, configs: configs)
        }
        for loss in losses { Console.message("replaces in \(path.visible()): \(loss)") }
        if let kind = launch.launcher {
            return try await PartRun(
                plan: plan, experiment: experiment.file, output: destination, options: launch, kind: kind,
                threads: workers.threads
            ).run(fresh: fresh)
        }
        let lock = try OutputLock.waiting(for: destination)
        defer { lock?.release() }
        // Another process may have written it meanwhile.
        if !overwrite { try plan.refuseLosses(at: destination, configs: configs) }
        var runner = ExperimentRunner(plan, workers: workers.count(spec.threads), limit: dataOptions.limit)
        runner.cache = try cacheOptions.open()
        runner.cache?.ignoresKnown = fresh
        let observer = RunObserver(plan, anew: fresh)
        let result = try await interruptible(keepsWork: runner.cache != nil) { [runner] in
            let result = try await runner.run(observe: observer.observe)
            try result.write(to: path)
            return result
        }
        try Console.show(result, in: destination, told: plan.warnings())
    }
}

extension Console {
    /// Says where a result was written, prints its table, and warns of what wasn't told before.
    ///
    /// - Parameter told: warnings of runs that were
    static func show(
        _ result: ExperimentResult, in destination: OutputDestination, told: [(run: String, text: String)] = []
    ) throws {
        ResultTable.warnings(of: result, besides: told).forEach { warning($0) }
        message("written: \(destination.path.visible())")
        guard !destination.isStandardOutput else { return }
        var options = TableOptions()
        options.showsWarnings = false
        try print(ResultTable(result).showing(options))
    }
}

extension OutputLock {
    /// Makes this process the only one that writes an output, and says where it waits for another. A pipe has no lock.
    static func waiting(for output: OutputDestination) throws -> OutputLock? {
        guard !output.isStream else { return nil }
        return try OutputLock(for: output) { holder in
            Console.message(
                "waiting for \(holder.map { "process \($0)" } ?? "another process"), which is writing \(output.path.visible())"
            )
        }
    }
}

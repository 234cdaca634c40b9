import ArgumentParser
import Files
import Foundation
import Results
import Running
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

    @Option(help: ArgumentHelp("The result's file. Default: results/NAME.h5.", valueName: "file"))
    var output: String?

    func run() async throws {
        let spec = try await experiment.loadDownloading()
        let path = output ?? "results/\(spec.name).h5"
        try AtomicFile.checkCanReplace(path)
        let plan = try ExperimentPlan(spec, data: dataOptions.load(spec))
        for warning in try plan.warnings() { Console.warning("\(warning.run): \(warning.text)") }
        if let kind = launch.launcher {
            return try await PartRun(
                plan: plan, experiment: experiment.file, output: path, options: launch, kind: kind,
                threads: workers.threads
            ).run(fresh: fresh)
        }
        let lock = try OutputLock(for: path) { holder in
            Console.message(
                "waiting for \(holder.map { "process \($0)" } ?? "another process"), which is writing \(path)")
        }
        defer { lock.release() }
        var runner = ExperimentRunner(plan, workers: workers.count(spec.threads), limit: dataOptions.limit)
        runner.cache = try cacheOptions.open()
        runner.cache?.ignoresKnown = fresh
        let observer = RunObserver()
        let result = try await interruptible(keepsWork: runner.cache != nil) { [runner] in
            let result = try await runner.run(observe: observer.observe)
            try result.write(to: path)
            return result
        }
        Console.message("written: \(path)")
        try Console.print(ResultTable(result).rendered(as: .table, highlighting: Console.hasColour(on: STDOUT_FILENO)))
    }
}

import ArgumentParser
import Files
import Launching
import Running
import Specification

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say what an experiment will do, and what it costs, without doing it.",
        discussion: "Example: bellm plan experiments/reproduce-bellm.yaml --data ~/SentEval/data")

    @OptionGroup var experiment: ExperimentOptions
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var workers: WorkerOptions
    @OptionGroup var cacheOptions: CacheOptions

    @Option(help: "Also say what the experiment costs as the launcher's parts: core-hours, the array's size.")
    var launcher: LauncherKind?

    func run() throws {
        let spec = try experiment.load()
        var plan = try ExperimentPlan(spec, data: dataOptions.load(spec))
        // A plan leaves nothing behind.
        if CacheUse.exists(), let cache = try cacheOptions.open() { try plan.lookUp(in: cache) }
        try Console.print(plan.summary(workers: workers.count(spec.threads)))
        try Console.warn(of: plan, data: true)
        guard launcher != nil else { return }
        let result = try OutputDestination("results/\(experiment.resultName(spec, limit: dataOptions.limit)).h5")
        try Console.print(
            plan.arraySummary(RecordedPeaks(plan, at: result, configs: ConfigFolder.find(for: experiment.file))))
    }
}

import ArgumentParser
import Diagnostics
import Files
import Foundation
import Models
import Running

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train the adapters of an experiment's runs, without evaluating them.",
        discussion: """
            Adapters are kept in the cache, where `bellm run` finds them; --output writes a copy of each as PEFT stores \
            adapters, one for all runs that have it. A training that is stopped goes on where it was.

            Examples:
              bellm train experiments/reproduce-bellm.yaml
              bellm train experiments/train-nli.yaml --output adapters
            """)

    @OptionGroup var experiment: ExperimentOptions
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var workers: WorkerOptions

    @Flag(help: "Train anew what is there already.")
    var fresh = false

    @Option(
        help: ArgumentHelp(
            "Where to write a copy of each adapter, a folder named after its first run.", valueName: "dir"))
    var output: String?

    @Flag(help: "Replace other adapters that are there.")
    var overwrite = false

    func run() async throws {
        let spec = try await experiment.loadDownloading()
        let plan = try ExperimentPlan(spec, data: dataOptions.load(spec))
        guard !plan.trainings.isEmpty else {
            throw ValidationError("no run of \(experiment.file) trains: a run does by the key train")
        }
        let copies = try copies(of: plan)
        // One copy of what several runs read in common.
        let written = plan.runs.filter { copies[$0.name]?.isFirst ?? false }
        for run in written {
            guard let folder = copies[run.name]?.folder else { continue }
            for file in try plan.files(ofCopy: folder, of: run) { try file.check() }
            if !overwrite { try plan.refuseOtherAdapter(in: folder, for: run) }
        }
        var configured = ExperimentRunner(plan, workers: workers.count(spec.threads))
        if plan.hasTeachers {
            configured.cache = try CacheUse(warn: Console.warning)
            configured.cache?.ignoresKnown = fresh
        }
        let runner = configured
        let (observer, fresh) = (RunObserver(plan, anew: fresh, trainsOnly: true), fresh)
        try await interruptible(keepsWork: true) {
            try await runner.trainAdapters(anew: fresh, observe: observer.observe)
        }
        try await interruptible(keepsWork: true) {
            for run in written {
                try Task.checkCancellation()
                if let copy = copies[run.name] { try plan.exportAdapter(of: run, to: copy.folder) }
            }
        }
        for run in plan.runs {
            guard let folder = copies[run.name]?.folder ?? plan.adapterFolder(of: run) else { continue }
            try Console.print("\(run.name): \(folder.visible())")
        }
    }

    /// A folder to write an adapter to, and whether the run is the first of those that have it.
    private struct Copy {
        var folder: String
        var isFirst: Bool
    }

    /// Where copies of the adapters go, by their runs: one of each, named after the first run that is declared with it.
    private func copies(of plan: ExperimentPlan) throws -> [String: Copy] {
        guard let output else { return [:] }
        guard !output.isEmpty else { throw Diagnostic("expected the path of a folder to write, found an empty one") }
        var known: [String: String] = [:]
        var copies: [String: Copy] = [:]
        for run in plan.runs {
            guard let source = plan.adapterFolder(of: run) else { continue }
            let declared = plan.declared(run)
            guard !declared.contains("/"), ![".", ".."].contains(declared) else {
                throw Diagnostic("the run \"\(declared)\" can't give a folder its name", at: run.location)
            }
            let folder = known[source] ?? output + "/" + declared
            copies[run.name] = Copy(folder: folder, isFirst: known[source] == nil)
            known[source] = folder
        }
        return copies
    }
}

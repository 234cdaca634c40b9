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
            adapters. A training that is stopped goes on where it was.

            Examples:
              bellm train experiments/reproduce-bellm.yaml
              bellm train experiments/train-nli.yaml --output adapters
            """)

    @OptionGroup var experiment: ExperimentOptions
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var workers: WorkerOptions

    @Flag(help: "Train anew what is there already.")
    var fresh = false

    @Option(help: ArgumentHelp("Where to write a copy of each adapter, a folder a run.", valueName: "dir"))
    var output: String?

    func run() async throws {
        let spec = try await experiment.loadDownloading()
        let plan = try ExperimentPlan(spec, data: dataOptions.load(spec))
        guard !plan.trainings.isEmpty else {
            throw ValidationError("no run of \(experiment.file) trains: a run does by the key train")
        }
        let copies = try copies(of: plan)
        let files = try plan.runs.flatMap { run in
            try copies[run.name].map { try plan.files(ofCopy: $0, of: run) } ?? []
        }
        for file in files { try file.check() }
        let runner = ExperimentRunner(plan, workers: workers.count(spec.threads))
        let (observer, fresh) = (RunObserver(plan, anew: fresh, trainsOnly: true), fresh)
        try await interruptible(keepsWork: true) {
            try await runner.trainAdapters(anew: fresh, observe: observer.observe)
        }
        try await interruptible(keepsWork: true) {
            for run in plan.runs {
                try Task.checkCancellation()
                if let copy = copies[run.name] { try plan.exportAdapter(of: run, to: copy) }
            }
        }
        for run in plan.runs {
            guard let folder = plan.adapterFolder(of: run) else { continue }
            if let copy = copies[run.name] {
                try Console.print("\(run.name): \(copy.visible())")
            } else {
                try Console.print("\(run.name): \(folder.visible())")
            }
        }
    }

    /// Where copies of the trained adapters go, by their runs.
    private func copies(of plan: ExperimentPlan) throws -> [String: String] {
        guard let output else { return [:] }
        guard !output.isEmpty else { throw Diagnostic("expected the path of a folder to write, found an empty one") }
        return Dictionary(
            plan.runs.filter { plan.adapterFolder(of: $0) != nil }.map {
                ($0.name, output + "/" + $0.name.replacing("/", with: "-"))
            }, uniquingKeysWith: { first, _ in first })
    }
}

import ArgumentParser
import Diagnostics
import Running

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check an experiment file and print it with everything resolved.",
        discussion: "Example: bellm validate experiments/reproduce-bellm.yaml --set pooling=mean")

    @OptionGroup var experiment: ExperimentOptions

    func run() throws {
        let checks = ModelChecks()
        let spec = try experiment.load(check: checks.check)
        for warning in try checks.checkMeanings(of: spec.runs) { Console.warning("\(warning.runs): \(warning.text)") }
        for (reference, _) in spec.missingFromHub {
            Console.warning("\(reference.id) is not downloaded yet; where it is a model, its layers weren't checked")
        }
        let open = spec.runs.filter(\.awaitsModel).map(\.name)
        if !open.isEmpty {
            Console.warning(
                "\(open.shortList()): no pooling is said, and what the model's folder says isn't known before it is here"
            )
        }
        try Console.print(spec.resolvedYAML)
        Console.message("\(experiment.file): \(spec.runs.count) runs, SHA-256 \(spec.sha256)")
    }
}

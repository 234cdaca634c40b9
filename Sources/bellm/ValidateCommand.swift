import ArgumentParser

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check an experiment file and print it with everything resolved.",
        discussion: "Example: bellm validate experiments/reproduce-bellm.yaml --set pooling=mean")

    @OptionGroup var experiment: ExperimentOptions

    func run() throws {
        let spec = try experiment.load()
        try spec.checkAgainstModels()
        for (reference, _) in spec.missingFromHub {
            Console.warning("\(reference.id) is not downloaded yet; where it is a model, its layers weren't checked")
        }
        try Console.print(spec.resolvedYAML)
        Console.message("\(experiment.file): \(spec.runs.count) runs, SHA-256 \(spec.sha256)")
    }
}

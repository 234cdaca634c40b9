import ArgumentParser
import Tasks
import Diagnostics
import Running
import Specification

/// Which experiment: shared by the commands that take one.
struct ExperimentOptions: ParsableArguments {
    @Argument(
        help: "The experiment file, such as experiments/reproduce-bellm.yaml; before --set and --only.",
        completion: .file(extensions: ["yaml"]))
    var file: String

    @Option(
        name: .customLong("set"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Change keys for once: in every run, or as 'RUN.key=value' in one.", valueName: "key=value"))
    var changes: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Only the runs of these names.", valueName: "name"))
    var only: [String] = []

    @Option(help: ArgumentHelp("float32 or bfloat16, in every run.", valueName: "name"))
    var precision: String?

    func load() throws -> ExperimentSpec {
        let overrides = Overrides(set: changes + (precision.map { ["precision=\($0)"] } ?? []), only: only)
        return try ExperimentSpec.load(
            path: file, overrides: overrides)
    }

    /// Loads the experiment, and downloads what it names on the hub and the cache has not.
    func loadDownloading() async throws -> ExperimentSpec {
        let missing = try load().missingFromHub
        guard !missing.isEmpty else { return try load() }
        let names = (try? ConfigFolder.find(for: file))?.names(of: .model) ?? []
        try await interruptible(keepsWork: true) {
            let download = HubDownload(knownNames: names)
            for (reference, location) in missing { try download.fetch(reference, at: location) }
        }
        // Now its models are files, at commits.
        return try load()
    }
}

/// On which data.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A folder of benchmarks in SentEval's layout (downstream/STS/…). Default: BELLM_DATA, else the embedded STS-B.",
            valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Only the first pairs of each task, for a quick look.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        if let limit { _ = try NumberRange("--limit", 1 ... .max).check(limit) }
    }

    func load(_ spec: ExperimentSpec) throws -> BenchmarkData {
        try BenchmarkData(spec, folder: BenchmarkData.folder(named: data, text: spec.text), limit: limit)
    }
}

/// With how many threads.
struct WorkerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads that compute at the same time. Default: the experiment's, else one a processor.", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads { _ = try NumberRange("--threads", 1...1024).check(threads) }
    }

    /// The threads to use, where an experiment may say a number too.
    func count(_ experiment: Int? = nil) -> Int { threads ?? experiment ?? ProcessFacts.processors }
}

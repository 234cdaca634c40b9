import ArgumentParser
import Tasks
import Diagnostics
import Files
import Foundation
import Running
import Specification

/// Which experiment: shared by the commands that take one.
struct ExperimentOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The experiment's file, or a name from `bellm list experiments`.",
            valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    var named: String

    /// The experiment's file: as it was named, or that of an experiment that is listed.
    var file: String { (try? ConfigFolder.experimentFile(named: named)) ?? named }

    @Option(
        name: .customLong("set"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Change keys for once: in every run, or as 'RUN.key=value' in one.", valueName: "key=value"))
    var changes: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Only the runs of these names.", valueName: "name"))
    var only: [String] = []

    @Option(help: ArgumentHelp("float32 or bfloat16, in every run.", valueName: "name"))
    var precision: String?

    /// What is wrong with the file is told together with what is wrong with its runs on their models.
    func load() throws -> ExperimentSpec {
        do {
            return try load(only: only)
        } catch is ConfigProblems {
            return try load(check: ModelChecks().check)
        }
    }

    /// - Parameter check: of each run of the experiment, besides what the file itself says
    func load(check: (RunSpec, ExperimentSpec) throws -> Void) throws -> ExperimentSpec {
        try load(only: only, check: check)
    }

    private func load(only: [String], check: (RunSpec, ExperimentSpec) throws -> Void = { _, _ in }) throws
        -> ExperimentSpec
    {
        let file = try ConfigFolder.experimentFile(named: named)
        let overrides = Overrides(set: changes + (precision.map { ["precision=\($0)"] } ?? []), only: only)
        return try ExperimentSpec.load(path: file, overrides: overrides, check: check)
    }

    /// The name of a result's file, without ending: the experiment's, and what is only a part of it.
    ///
    /// - Parameter spec: the experiment, as it was loaded
    func resultName(_ spec: ExperimentSpec, limit: Int?) throws -> String {
        var name = spec.name
        if try !only.isEmpty && load(only: []).runs.count > spec.runs.count {
            let runs = spec.runs.map(\.name).joined(separator: "+")
            let plain = String(
                runs.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.=+".contains($0)) ? $0 : "-" })
            // Runs whose names a file's name can't tell are told apart by a digest.
            let isTold = plain.replacing("-", with: " ") == runs.replacing("-", with: " ") && plain.utf8.count <= 60
            name += ".only-" + (isTold ? plain : plain.prefix(48) + "-" + SHA256Digest(of: runs).description.prefix(8))
        }
        return name + (limit.map { ".limit\($0)" } ?? "")
    }

    /// Loads the experiment, and downloads what it names on the hub and the cache has not.
    func loadDownloading() async throws -> ExperimentSpec {
        let spec = try load()
        let missing = spec.missingFromHub
        // Not read again: a pipe is read once.
        guard !missing.isEmpty else { return spec }
        let names = (try? ConfigFolder.find(for: file))?.names(of: .model) ?? []
        try await interruptible(keepsWork: true) {
            let download = try HubDownload(knownNames: names)
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

    @Option(
        help: ArgumentHelp(
            "Only so many items of each task, and of each of its parts, evenly spaced, for a quick look.",
            valueName: "n"))
    var limit: Int?

    func validate() throws {
        if let limit { _ = try NumberRange("--limit", 1 ... .max).check(limit) }
    }

    func load(_ spec: ExperimentSpec) throws -> BenchmarkData {
        try BenchmarkData(spec, folder: BenchmarkData.folder(of: spec, named: data), limit: limit)
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

extension Console {
    /// Says what a reader of the plan's scores must know, each kind once.
    ///
    /// - Parameter data: whether that of the data as well, which stands under a result's table
    static func warn(of plan: ExperimentPlan, data: Bool = false) throws {
        if data { plan.data.warnings.forEach { warning($0) } }
        for warning in try plan.warningsByKind() { Self.warning("\(warning.runs): \(warning.text)") }
    }
}

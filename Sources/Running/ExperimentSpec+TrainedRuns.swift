import Diagnostics
import Files
import Specification
import Tasks

extension ExperimentSpec {
    /// Whether it reads a data folder, or an experiment does whose run trained an adapter for it. One that can't be read is told
    /// of where it is needed.
    var readsDataFolder: Bool {
        guard !needsDataFolder else { return true }
        var experiments = TrainedRunExperiments()
        let files = Set(runs.flatMap { $0.adapter?.trainedRuns ?? [] }.map(\.file))
        return files.contains { (try? experiments.experiment($0))?.needsDataFolder ?? false }
    }

    /// The same with the folder of each adapter that a run of another experiment trained.
    ///
    /// - Parameters:
    ///   - data: what those trainings read, as this experiment does
    ///   - cache: where their adapters are
    ///   - chosen: the runs whose adapters are looked for; nil for all
    /// - Throws: `ConfigProblems`, at the lines that name them, where there is no such run, or none of the same model. That one
    ///   isn't trained yet is told where its folder is needed.
    func locatingTrainedRuns(
        on data: DataFolder, in cache: CacheFolder, only chosen: Set<String>? = nil
    ) throws -> ExperimentSpec {
        let runs = runs.filter { chosen?.contains($0.name) ?? true }
        var experiments = TrainedRunExperiments()
        var needed: [TrainedRun: String] = [:]
        try ConfigProblems.throwing { problems in
            for run in runs {
                try problems.collect { needed.merge(try experiments.declared(for: run)) { first, _ in first } }
            }
        }
        guard !needed.isEmpty else { return self }
        var found: [TrainedRun: TrainedRun] = [:]
        for (file, declared) in Dictionary(grouping: needed, by: \.key.file) {
            let spec = try experiments.experiment(file)
            let folder = try BenchmarkData.folder(of: spec, named: data.path)
            let plan = try ExperimentPlan(
                spec, data: BenchmarkData(spec, folder: folder), cache: cache, only: Set(declared.map(\.value)))
            for (trained, name) in declared {
                let row = plan.rowsOfRun[name]?.first.flatMap { row in plan.runs.first { $0.name == row } }
                guard let row, let training = plan.training(of: row) else { continue }
                let stages = plan.stages(of: row)
                var settled = trained
                settled.folder = training.isDone ? training.folder : nil
                settled.stages = stages.map(\.spec)
                settled.warnings = stages.flatMap { $0.warnings(where: tasks.map(\.task), are: trained.name) }
                found[trained] = settled
            }
        }
        var located = self
        for index in located.runs.indices {
            located.runs[index].adapter = located.runs[index].adapter?.replacingTrainedRuns { found[$0] ?? $0 }
        }
        return located
    }
}

/// The experiments whose runs trained adapters for others, each read once.
struct TrainedRunExperiments {
    private var read: [String: ExperimentSpec] = [:]

    mutating func experiment(_ file: String) throws -> ExperimentSpec {
        let spec = try read[file] ?? ExperimentSpec.load(path: file)
        read[file] = spec
        return spec
    }

    /// By the runs that a run's adapter is made of, the names of those that declare them.
    ///
    /// - Throws: where one isn't there, or trains no adapter of the run's model.
    mutating func declared(for run: RunSpec) throws -> [TrainedRun: String] {
        var declared: [TrainedRun: String] = [:]
        for trained in run.adapter?.trainedRuns ?? [] {
            do {
                declared[trained] = try trained.declared(in: experiment(trained.file), for: run).name
            } catch let error as Diagnostic where error.location == nil {
                throw error.placed(at: run.locations["adapter"])
            }
        }
        return declared
    }
}

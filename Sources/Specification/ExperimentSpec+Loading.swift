import Files
import Tasks

extension ExperimentSpec {
    /// Reads an experiment file, all it extends and the shared parts it names.
    ///
    /// - Parameters:
    ///   - tasks: the tasks that there are; those of the shared parts where nil.
    ///   - configs: the shared parts; looked for above the file where nil.
    ///   - check: of each run of the experiment, besides what the file itself says; what it throws is told with all else.
    /// - Throws: `ConfigProblems` with everything that is wrong, or a `Diagnostic` where a file is unreadable.
    public static func load(
        path: String, tasks: TaskCatalogue? = nil, overrides: Overrides = Overrides(), configs: ConfigFolder? = nil,
        cache: CacheFolder = CacheFolder(), check: (RunSpec, ExperimentSpec) throws -> Void = { _, _ in }
    ) throws -> ExperimentSpec {
        let root = try ConfigLoader.load(path)
        let folder = try configs ?? ConfigFolder.find(for: path)
        let context = ConfigContext(
            configs: folder, models: ModelCatalogue(configs: folder, cache: cache), tasks: try tasks ?? folder.tasks())
        var reader = ExperimentReader(path: path, root: root, context: context)
        return try reader.read(overrides: overrides, check: check)
    }

    /// Reads an experiment that was written out, as ``resolvedYAML`` is. Paths in it are absolute, or start at the current
    /// folder.
    ///
    /// - Parameter name: what errors call it
    package static func resolved(
        _ yaml: String, named name: String, configs: ConfigFolder
    ) throws -> ExperimentSpec {
        let root = try ConfigNode(parsing: yaml, from: .argument(name))
        let context = ConfigContext(
            configs: configs, models: ModelCatalogue(configs: configs), tasks: try configs.tasks())
        var reader = ExperimentReader(path: name, root: root, context: context)
        reader.isResolved = true
        return try reader.read(overrides: Overrides())
    }
}

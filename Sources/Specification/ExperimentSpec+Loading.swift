import Files

extension ExperimentSpec {
    /// Reads an experiment file, all it extends and the shared parts it names.
    ///
    /// - Parameters:
    ///   - knownTasks: the tasks that there are.
    ///   - configs: the shared parts; looked for above the file where nil.
    /// - Throws: `ConfigProblems` with everything that is wrong, or a `Diagnostic` where a file is unreadable.
    public static func load(
        path: String, knownTasks: [String], overrides: Overrides = Overrides(), configs: ConfigFolder? = nil,
        cache: CacheFolder = CacheFolder()
    ) throws -> ExperimentSpec {
        let root = try ConfigLoader.load(path)
        let folder = try configs ?? ConfigFolder.find(for: path)
        let context = ConfigContext(configs: folder, models: ModelCatalogue(configs: folder, cache: cache))
        var reader = ExperimentReader(path: path, root: root, context: context)
        return try reader.read(knownTasks: knownTasks, overrides: overrides)
    }

    /// Reads an experiment that was written out, as ``resolvedYAML`` is. Paths in it are absolute, or start at the current
    /// folder.
    ///
    /// - Parameter name: what errors call it
    package static func resolved(
        _ yaml: String, named name: String, knownTasks: [String], configs: ConfigFolder
    ) throws -> ExperimentSpec {
        let root = try ConfigNode(parsing: yaml, from: .argument(name))
        let context = ConfigContext(configs: configs, models: ModelCatalogue(configs: configs))
        var reader = ExperimentReader(path: name, root: root, context: context)
        return try reader.read(knownTasks: knownTasks, overrides: Overrides())
    }
}

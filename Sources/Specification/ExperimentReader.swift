import Diagnostics
import Foundation
import Tasks

/// Turns the merged YAML of an experiment into its spec; collects what is wrong on the way.
struct ExperimentReader {
    /// `variants`, `matrix` and `extends` shape the file, so the command line does not override them.
    static let overridableKeys = ["name", "description", "text", "tasks", "threads", "published", "checks", "launcher"]
    static let keys = [
        "extends", "name", "description", "text", "tasks", "threads", "variants", "matrix", "published", "checks",
        "launcher",
    ]

    let path: String
    /// Whether what is read was written out by this program: earlier versions wrote a `layer` beside `layers`, which said nothing.
    var isResolved = false
    private(set) var root: ConfigNode
    private(set) var context: ConfigContext
    var problems = ConfigProblems()
    /// The run keys that the matrix lists values of, in its order.
    var matrixKeys: [String] = []
    /// By the name of what has several `seeds`, its runs.
    var runsOfSeeds: [String: [String]] = [:]
    /// The keys found missing, with the places of the runs that lack them.
    var missingKeys: Set<String> = []

    init(path: String, root: ConfigNode, context: ConfigContext) {
        self.path = path
        self.root = root
        self.context = context
    }

    /// - Parameter check: of each chosen run that can be read, and the experiment as far as it can be; what it throws joins the problems.
    mutating func read(overrides: Overrides, check: (RunSpec, ExperimentSpec) throws -> Void = { _, _ in }) throws
        -> ExperimentSpec
    {
        let nameInFile = (try? root["name"]?.text("a name")) ?? fileName
        // The name comes before the other overrides: they may name an experiment's only run by it.
        if let override = try problems.collect({ try overrides.value(of: "name") }) ?? nil {
            root = root.merged(with: override)
        }
        let name = try name()
        let declared = try declaredRuns(name: name, overrides: overrides)
        let runNames = declared.map(\.key)
        let assignments =
            try problems.collect { try overrides.assignments(runNames: runNames + runsOfSeeds.keys) } ?? []
        for assignment in assignments where Self.overridableKeys.contains(assignment.key) {
            root = root.merged(with: assignment.value)
        }
        checkAssignments(assignments)
        checkKeys()

        let description = try problems.collect { try root["description"]?.freeText() } ?? nil
        let text = try problems.collect { try root["text"]?.textVariant() } ?? nil
        let tasks = try tasks()
        // What runs learn from, choose by and are fitted to may be the experiment's own.
        context.tasks = context.tasks.adding(tasks.map(\.task))
        let threads = try threads()
        let launcher = try problems.collect { try root["launcher"]?.launcher() } ?? nil
        let runs = try runs(declared, inheriting: root, overrides: assignments)
        let published = try published(root["published"], names: runNames, runs: runs)
        let checks = try checks(root["checks"], names: runNames, runs: runs)
        if problems.diagnostics.isEmpty { checkDistinct(runs) }
        checkColumns(of: tasks, beside: runs)
        let chosen = Set(try problems.collect { try overrides.chosen(from: runNames, seeds: runsOfSeeds) } ?? [])
        let chosenRuns = runs.filter { chosen.contains($0.name) }
        var spec = ExperimentSpec(
            name: name, description: description, text: text, tasks: tasks, threads: threads, runs: chosenRuns,
            published: published.map { $0.beside(oneOf: chosenRuns) })
        spec.nameInFile = nameInFile
        spec.checks = checks.filter { check in chosenRuns.contains { $0.name == check.run } }
        spec.launcher = launcher ?? LauncherSpec()
        spec.catalogue = context.tasks
        for run in chosenRuns { try problems.collect { try check(run, spec) } }
        try problems.throwIfAny()
        return spec
    }

    /// What runs differ in has columns of the tables, as tasks have.
    private mutating func checkColumns(of tasks: [TaskReference], beside runs: [RunSpec]) {
        let factors = Set(runs.flatMap { $0.tableNames.cells.map(\.name) })
        for task in tasks where factors.contains(task.name) {
            problems.add(
                Diagnostic(
                    "the task \"\(task.name)\" has the name of a column in which runs differ", at: task.location,
                    suggestion: "name your own task otherwise"))
        }
    }

    private mutating func checkKeys() {
        for var problem in root.unknownKeys("key", among: Self.keys + RunKey.names) {
            if problem.message.hasPrefix("unknown key \"\(RunMatrix.excludeKey)\"") {
                problem.suggestion = "\(RunMatrix.excludeKey) belongs inside matrix"
            }
            problems.add(problem)
        }
    }

    private var fileName: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

    private mutating func name() throws -> String {
        guard let node = root["name"] else {
            do throws(Diagnostic) {
                try Self.checkName(fileName, at: SourceLocation(file: path))
            } catch {
                problems.add(
                    Diagnostic(
                        "the file's name can't name the experiment: \(error.message)", at: error.location,
                        suggestion: "add the key name"))
            }
            return fileName
        }
        let name = try problems.collect { () throws -> String in
            let name = try node.freeText("a name")
            try Self.checkName(name, at: node.location)
            return name
        }
        return name ?? fileName
    }

    /// Names become names of files and of HDF5 groups.
    static func checkName(_ name: String, at location: SourceLocation) throws(Diagnostic) {
        let isSafe = !name.unicodeScalars.contains { $0 == "/" || $0.properties.generalCategory == .control }
        let isTrimmed = name == name.trimmingCharacters(in: .whitespaces)
        guard isSafe, isTrimmed, !["", ".", ".."].contains(name) else {
            throw Diagnostic(
                "expected a name without slashes, control characters or white space at its ends, found \"\(name)\"",
                at: location)
        }
    }

    /// The declared runs that are mappings; nil where the experiment declares none and is itself one run.
    mutating func variants() throws -> [ConfigEntry]? {
        guard let node = root["variants"] else { return nil }
        let variants = try problems.collect { try node.mapping() }
        if variants?.isEmpty == true {
            problems.add(Diagnostic("expected at least one run in variants", at: node.location))
        }
        return try variants?.filter { variant in
            let mapping = try problems.collect {
                try Self.checkName(variant.key, at: variant.location)
                return try variant.value.mapping()
            }
            return mapping != nil
        } ?? []
    }

    func wholeExperiment(_ name: String) -> ConfigEntry {
        let start = SourceLocation(file: path, line: 1, column: 1)
        return ConfigEntry(key: name, at: start, value: ConfigNode(.mapping([]), at: start, folder: ""))
    }

    private mutating func threads() throws -> Int? {
        guard let node = root["threads"] else { return nil }
        return try problems.collect {
            let count = try node.integer()
            guard (1...1024).contains(count) else { throw node.expected("1 to 1024 threads") }
            return count
        }
    }

    private mutating func tasks() throws -> [TaskReference] {
        guard let node = root["tasks"] else {
            let file = SourceLocation(file: path)
            let tasks = context.tasks.standardTasks.map { TaskReference($0, at: file) }
            if tasks.isEmpty {
                problems.add(
                    Diagnostic(
                        "says no tasks, and there are none by default: no folder configs/tasks was found", at: file,
                        suggestion: "set BELLM_CONFIGS"))
            }
            return tasks
        }
        guard let items = try problems.collect({ try node.list(of: "tasks, such as [STS-B, SICK-R]") }) else {
            return []
        }
        if items.isEmpty { problems.add(Diagnostic("expected at least one task", at: node.location)) }
        let known = context.tasks
        var tasks = [TaskReference]()
        for item in items {
            guard let task = try problems.collect({ try Self.task(item, among: known) }) else { continue }
            if tasks.contains(where: { $0.name == task.name }) {
                problems.add(Diagnostic("the task \"\(task.name)\" stands twice", at: item.location))
            } else {
                tasks.append(TaskReference(task, at: item.location))
            }
        }
        return tasks
    }

    /// A known task's name, or a mapping that says what a user's own is.
    private static func task(_ item: ConfigNode, among known: TaskCatalogue) throws -> TaskDescription {
        if case .mapping = item.content { return try item.ownTask(besides: known) }
        return try known.named(
            item.text("a task's name, or a mapping with the name, kind, file and columns of your own"),
            at: item.location)
    }
}

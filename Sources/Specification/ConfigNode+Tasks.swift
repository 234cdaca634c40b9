import Diagnostics
import Files
import Foundation
import Tasks

extension ConfigFolder {
    /// The tasks of this folder, and those of the folders beside the program and above the current one: an experiment's
    /// own `configs` adds to the tasks that come with `bellm`.
    ///
    /// - Throws: `ConfigProblems`, or a diagnostic, with the file and line of what is wrong in a task's file.
    public func tasks(program: String? = Bundle.main.executablePath) throws -> TaskCatalogue {
        var found: [TaskDescription] = []
        var seen = Set<String>()
        for folder in [self] + Self.shipped(program: program) {
            for name in folder.names(of: .task) where seen.insert(name).inserted {
                found.append(try folder.part(.task, named: name, at: nil).task(named: name))
            }
        }
        let catalogue = TaskCatalogue(found)
        if let task = found.first(where: { catalogue.isColumn($0.name) }) {
            throw Diagnostic("the name \"\(task.name)\" is another column's of the tables", at: task.location)
        }
        return catalogue
    }
}

extension ConfigNode {
    private static let taskKeys = [
        "kind", "description", "source", "language", "licence", "metric", "format", "columns", "files",
    ]
    /// Of a file of `configs/tasks`.
    static let catalogueKeys = taskKeys + ["suite", "count", "obtain", "shares_pairs_with"]
    /// Of an entry of an experiment's `tasks`.
    static let ownTaskKeys = ["name", "file"] + taskKeys

    /// The keys that the kind adds; all kinds' where it isn't known, which is an error of its own.
    private var kindKeys: [String] {
        let named = (try? self["kind"]?.text("a kind of task")).flatMap { name in
            TaskKinds.all.first { $0.name == name }
        }
        return named.map { $0.keys } ?? TaskKinds.all.flatMap { $0.keys }
    }

    /// A task of the catalogue, whose files are below a data folder's `downstream`.
    func task(named name: String) throws -> TaskDescription {
        var problems = ConfigProblems()
        unknownKeys("key of a task", among: Self.catalogueKeys + kindKeys).forEach { problems.add($0) }
        var task = try describedTask(named: name, &problems)
        try problems.collect { task.count = try self["count"]?.positive() }
        try problems.collect { task.obtain = try self["obtain"]?.freeText() ?? "" }
        try problems.collect {
            task.suite = try self["suite"].map { node throws in
                try node.refuseOtherKeys("key of a suite", than: ["average", "place"])
                return SuitePlace(
                    average: try node.required("average").freeText(), place: try node.required("place").positive())
            }
        }
        try problems.collect {
            task.sharesPairsWith =
                try self["shares_pairs_with"].map { try $0.distinctItems("tasks").map { try $0.text("a task") } } ?? []
        }
        try problems.throwIfAny()
        return try checked(task)
    }

    /// A user's own task, an entry of an experiment's `tasks`: its files' paths are relative to the experiment.
    func ownTask(besides known: TaskCatalogue) throws -> TaskDescription {
        var problems = ConfigProblems()
        unknownKeys("key of a task", among: Self.ownTaskKeys + kindKeys).forEach { problems.add($0) }
        let nameNode = try required("name")
        let name = try nameNode.freeText("a task's name")
        try ExperimentReader.checkName(name, at: nameNode.location)
        if known.names.contains(name) || known.isColumn(name) {
            let owner = known.names.contains(name) ? "a known task's" : "another column's of the tables"
            problems.add(
                Diagnostic(
                    "the name \"\(name)\" is \(owner)", at: nameNode.location,
                    suggestion: "name your own task otherwise; what begins with Avg is the mean of others"))
        }
        if TaskCatalogue.words.contains(name) {
            problems.add(
                Diagnostic(
                    "the name \"\(name)\" means something else where a task is named", at: nameNode.location,
                    suggestion: "name your own task otherwise"))
        }
        var task = try describedTask(named: name, &problems)
        // Absolute, or from the current folder as the experiment is: a resolved experiment may be read elsewhere.
        for index in task.files.indices {
            task.files[index].path = ConfigSource.resolve(task.files[index].path, in: folder)
            task.files[index].scores.map { task.files[index].scores?.path = ConfigSource.resolve($0.path, in: folder) }
        }
        for path in task.paths where !FileManager.default.fileExists(atPath: path) {
            problems.add(Diagnostic("no such file: \(path)", at: (self["file"] ?? self["files"])?.location ?? location))
        }
        // A terminal or /dev/zero has no end; a folder is no file.
        for path in task.paths where FileManager.default.fileExists(atPath: path) && FileIdentity(of: path) == nil {
            problems.add(
                Diagnostic(
                    "expected a file, found a folder or a device: \(path)",
                    at: (self["file"] ?? self["files"])?.location ?? location))
        }
        let formats = Set(task.files.map { task.format ?? RowFormat(ending: $0.path) })
        if formats == [.jsonl], let columns = try? self["columns"]?.mapping() {
            for entry in columns where entry.value.isInteger {
                problems.add(entry.value.expected("a key of JSON objects, which have no columns by number"))
            }
        }
        for file in task.files where task.format == nil && RowFormat(ending: file.path) == nil {
            problems.add(
                Diagnostic(
                    "expected a file that ends in .csv, .tsv or .jsonl, found \(file.path)", at: location,
                    suggestion: "say its format: \(RowFormat.allCases.map(\.rawValue).joined(separator: ", "))"))
        }
        task.isUsersOwn = true
        try problems.throwIfAny()
        return try checked(task)
    }

    private func describedTask(named name: String, _ problems: inout ConfigProblems) throws -> TaskDescription {
        var task = TaskDescription(name: name, kind: try required("kind").text("a kind of task"))
        task.location = location
        let kind = try TaskKinds.named(task.kind, at: self["kind"]?.location)
        try problems.collect { task.files = try files(isOwn: self["name"] != nil) }
        try problems.collect {
            for entry in try required("columns").mapping() {
                guard kind.columnNames.contains(entry.key) else {
                    throw Diagnostic.unknown("column", entry.key, among: kind.columnNames, at: entry.location)
                }
                let column = try entry.value.column()
                if let twin = task.columns.first(where: { $0.value == column }) {
                    throw Diagnostic(
                        "expected a column for each of \(twin.key) and \(entry.key), found one for both",
                        at: entry.value.location)
                }
                task.columns[entry.key] = column
            }
        }
        try problems.collect { task.format = try self["format"]?.choice("format") }
        try problems.collect { task.range = try self["range"]?.range() }
        try problems.collect {
            task.classes = try self["classes"].map { try $0.distinctItems("classes").map { try $0.freeText() } } ?? []
        }
        try problems.collect {
            guard let node = self["metric"] else { return }
            let metric = try node.text("a metric")
            guard kind.metrics.contains(metric) else {
                throw Diagnostic.unknown("metric", metric, among: kind.metrics, at: node.location)
            }
            task.metric = metric
        }
        let texts: [(String, WritableKeyPath<TaskDescription, String>)] = [
            ("description", \.summary), ("source", \.source), ("language", \.language), ("licence", \.licence),
        ]
        for (key, path) in texts {
            try problems.collect { task[keyPath: path] = try self[key]?.freeText() ?? "" }
        }
        return task
    }

    private func checked(_ task: TaskDescription) throws -> TaskDescription {
        try task.lookUpKind().check(task)
        return task
    }

    private func files(isOwn: Bool) throws -> [TaskFile] {
        if isOwn, let file = self["file"] {
            guard self["files"] == nil else {
                throw Diagnostic("expected either file or files, found both", at: file.location)
            }
            return [TaskFile(try file.text("a file's path"))]
        }
        guard !isOwn || self["files"] != nil else {
            throw Diagnostic("expected file, the path of the task's data, or files, a list of several", at: location)
        }
        let nodes = try required("files").list(of: "files")
        guard !nodes.isEmpty else { throw Diagnostic("expected at least one file", at: location) }
        return try nodes.map { node in
            let keys = ["file", "subset", "label", "part", "scores"] + (isOwn ? [] : ["sha256"])
            try node.refuseOtherKeys("key of a file", than: keys)
            var file = TaskFile(try node.required("file").text("a file's path"))
            file.digests = try node["sha256"]?.digests() ?? [:]
            file.subset = try node["subset"].map { node throws(Diagnostic) in
                let name = try node.freeText()
                guard !name.isEmpty, Aggregation(rawValue: name) == nil else {
                    throw node.expected("a subset's name other than all, mean and wmean")
                }
                return name
            }
            file.label = try node["label"]?.freeText()
            file.part = try node["part"]?.text()
            if let scores = node["scores"] {
                if case .text(let path) = scores.content {
                    file.scores = TaskFile.Scores(path: path)
                } else {
                    try scores.refuseOtherKeys("key of scores", than: ["file", "sha256"])
                    file.scores = TaskFile.Scores(
                        path: try scores.required("file").text("a file's path"),
                        digests: try scores["sha256"]?.digests() ?? [:])
                }
            }
            return file
        }
    }

    private func refuseOtherKeys(_ kind: String, than allowed: [String]) throws(Diagnostic) {
        if let problem = unknownKeys(kind, among: allowed).first { throw problem }
    }

    private var isInteger: Bool { if case .integer = content { true } else { false } }

    private func column() throws(Diagnostic) -> ColumnReference {
        switch content {
        case .text(let name): return .name(name)
        case .integer(let number) where number > 0: return .number(number)
        default: throw expected("a column's name, or its number from 1")
        }
    }

    private func range() throws(Diagnostic) -> ClosedRange<Double> {
        let bounds = try list(of: "two numbers").map { node throws(Diagnostic) in try node.number() }
        guard bounds.count == 2, bounds[0] < bounds[1] else {
            let found = bounds.map { Int(exactly: $0).map(String.init) ?? String($0) }.joined(separator: ", ")
            throw Diagnostic("expected the lowest score, then the highest, found [\(found)]", at: location)
        }
        return bounds[0]...bounds[1]
    }

    /// One digest for all texts, or one a text.
    private func digests() throws(Diagnostic) -> [TextVariant: String] {
        if case .mapping(let entries) = content {
            var digests: [TextVariant: String] = [:]
            for entry in entries {
                guard let variant = TextVariant.official.first(where: { $0.rawValue == entry.key }) else {
                    throw .unknown(
                        "text variant", entry.key, among: TextVariant.official.map(\.rawValue), at: entry.location)
                }
                digests[variant] = try entry.value.sha256()
            }
            return digests
        }
        let digest = try sha256()
        return Dictionary(uniqueKeysWithValues: TextVariant.official.map { ($0, digest) })
    }

    private func sha256() throws(Diagnostic) -> String {
        // A digest of digits alone would be a number.
        let text = try text("64 hexadecimal digits")
        guard text.utf8.count == 64, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw expected("64 hexadecimal digits")
        }
        return text
    }
}

extension TaskDescription {
    /// All that decides what is read of the task's files.
    package var resolvedYAML: String { ConfigNode.Content.wholeTask(self).yaml }
}

extension ConfigNode.Content {
    /// A task as a resolved experiment says it: a known one's name, or all of a user's own.
    static func task(_ task: TaskDescription) -> Self {
        task.isUsersOwn ? wholeTask(task) : .text(task.name)
    }

    fileprivate static func wholeTask(_ task: TaskDescription) -> Self {
        var entries: [(String, Self)] = [("name", .text(task.name)), ("kind", .text(task.kind))]
        let columns = task.columns.sorted { $0.key < $1.key }.map { name, column in
            switch column {
            case .name(let header): (name, Self.text(header))
            case .number(let number): (name, Self.integer(number))
            }
        }
        entries.append(("files", .list(task.files.map { file($0, isUsersOwn: task.isUsersOwn) })))
        entries.append(("columns", .entries(columns)))
        if let format = task.format { entries.append(("format", .text(format.rawValue))) }
        if let range = task.range {
            entries.append(("range", .list([.number(range.lowerBound), .number(range.upperBound)])))
        }
        if !task.classes.isEmpty { entries.append(("classes", .list(task.classes.map(Self.text)))) }
        if let metric = task.metric { entries.append(("metric", .text(metric))) }
        let texts = [
            ("description", task.summary), ("source", task.source), ("language", task.language),
            ("licence", task.licence),
        ]
        entries += texts.filter { !$0.1.isEmpty }.map { ($0.0, .text($0.1)) }
        return .entries(entries)
    }

    private static func file(_ file: TaskFile, isUsersOwn: Bool) -> Self {
        // Others' are below a data folder.
        func spelling(_ path: String) -> String { isUsersOwn ? ConfigSource.spelling(of: path) : path }
        let said: [(String, String?)] = [
            ("file", spelling(file.path)), ("subset", file.subset), ("label", file.label),
            ("part", file.part),
            ("scores", file.scores.map { spelling($0.path) }),
        ]
        return .entries(said.compactMap { key, value in value.map { (key, .text($0)) } })
    }
}

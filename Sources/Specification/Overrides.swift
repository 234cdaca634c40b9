import Diagnostics

/// What the command line changes of an experiment: `--set` and `--only`.
public struct Overrides: Hashable, Sendable {
    private let set: [String]
    private let only: [String]

    /// - Parameters:
    ///   - set: `KEY=VALUE` changes an experiment key, or a run key of every run; `RUN.KEY=VALUE` changes one run.
    ///     A key within a run key's mapping is written with a dot: `train.steps=3`. The value is YAML; a later one beats
    ///     an earlier one.
    ///   - only: the names of the runs to keep, where `*` stands for any text, or what the runs of several seeds share; all
    ///     where empty.
    public init(set: [String] = [], only: [String] = []) {
        self.set = set
        self.only = only
    }

    /// One `--set`, read.
    struct Assignment {
        /// Nil for every run, or for a key of the experiment.
        let run: String?
        let key: String
        /// The mapping of the key to its value.
        let value: ConfigNode
    }

    func assignments(runNames: [String]) throws -> [Assignment] {
        var problems = ConfigProblems()
        let assignments = try set.compactMap { argument in
            try problems.collect { try Self.assignment(argument, runNames: runNames) }
        }
        for problem in Self.clashes(assignments) { problems.add(problem) }
        try problems.throwIfAny()
        return assignments
    }

    /// What a later argument would take back of an earlier one in silence, which a file may not say together either. One that is
    /// said of a run alone may replace what is said of all.
    private static func clashes(_ assignments: [Assignment]) -> [Diagnostic] {
        assignments.enumerated().flatMap { index, later in
            assignments[..<index].filter { $0.run == later.run && later.takesBack($0) }.map { earlier in
                Diagnostic(
                    "expected either \(earlier.key) or \(later.key), found both", at: later.value.location)
            }
        }
    }

    /// What is said of some keys of a run, in the order in which it is said; what can't be read is told elsewhere.
    func values(of keys: [String], for run: String, runNames: [String]) -> [ConfigNode] {
        set.compactMap { try? Self.assignment($0, runNames: runNames) }
            .filter { ($0.run == nil || $0.run == run) && keys.contains($0.key) }.map(\.value)
    }

    /// The last value given to a key of the experiment or of every run, as a mapping.
    func value(of key: String, runNames: [String] = []) throws -> ConfigNode? {
        try set.last { argument in
            argument.hasPrefix(key + "=") && !runNames.contains { argument.hasPrefix($0 + ".") }
        }.map { try Self.assignment($0, runNames: []).value }
    }

    /// The names to run, in the experiment's order.
    ///
    /// - Parameter seeds: by the name of what has several seeds, its runs
    func chosen(from runNames: [String], seeds: [String: [String]] = [:]) throws -> [String] {
        var problems = ConfigProblems()
        var chosen: Set<String> = []
        for name in only {
            let matches =
                runNames.contains(name) ? [name] : seeds[name] ?? runNames.filter { $0.matches(pattern: name) }
            chosen.formUnion(matches)
            if matches.isEmpty {
                problems.add(
                    .unknown(
                        "run", name, among: runNames + seeds.keys.sorted(),
                        at: SourceLocation(file: "--only \(name)")))
            }
        }
        try problems.throwIfAny()
        return only.isEmpty ? runNames : runNames.filter(chosen.contains)
    }

    private static func assignment(_ argument: String, runNames: [String]) throws -> Assignment {
        let source = ConfigSource.argument("--set \(argument)")
        let location = SourceLocation(file: source.name)
        // Names of runs may hold dots, spaces and equals signs: the longest that fits is meant.
        let run = runNames.filter { argument.hasPrefix($0 + ".") }.max { $0.count < $1.count }
        let assignment = argument.dropFirst(run.map { $0.count + 1 } ?? 0)
        guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
            throw Diagnostic("expected KEY=VALUE or RUN.KEY=VALUE", at: location)
        }
        let key = String(assignment[..<equals])
        if run == nil, let dot = key.lastIndex(of: "."), !DottedKey.isOne(key) {
            throw Diagnostic.unknown("run", String(key[..<dot]), among: runNames, at: location)
        }
        let allowed = run == nil ? ExperimentReader.overridableKeys + RunKey.names : RunKey.names
        guard allowed.contains(key) || DottedKey.isOne(key) else {
            throw Diagnostic.unknown(run == nil ? "key" : "run key", key, among: allowed, at: location)
        }
        let value = try ConfigNode(parsing: String(assignment[assignment.index(after: equals)...]), from: source)
        let entry = ConfigEntry(key: key, at: location, value: value)
        return Assignment(
            run: run, key: key, value: ConfigNode(.mapping([entry]), at: location, folder: source.folder))
    }
}

extension Overrides.Assignment {
    /// Whether another key that was said before counts no more.
    fileprivate func takesBack(_ other: Self) -> Bool {
        guard key != other.key, let own = value[key], let before = other.value[other.key] else { return false }
        func areAlternatives(_ level: ConfigLevel, _ one: String, _ two: String) -> Bool {
            let none = ConfigNode.Content.text("none")
            return own.content != none && before.content != none
                && level.alternatives.contains { $0.contains(one) && $0.contains(two) }
        }
        if areAlternatives(.run, key, other.key) { return true }
        guard let inner = recipeKey, let outer = other.recipeKey else { return false }
        func recipe(_ key: String, _ value: ConfigNode) -> ConfigNode {
            ConfigNode(
                .mapping([ConfigEntry(key: key, at: value.location, value: value)]), at: value.location, folder: "")
        }
        let replaced = recipe(inner, own).keysReplaced(in: recipe(outer, before))
        return areAlternatives(.recipe, inner, outer) || replaced.contains(outer)
    }

    /// The key of a recipe that a dotted key says; nil for another.
    private var recipeKey: String? {
        let words = key.split(separator: ".")
        return words.count == 2 && words[0] == RunKey.trainName ? String(words[1]) : nil
    }
}

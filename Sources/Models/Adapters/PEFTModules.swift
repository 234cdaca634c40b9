import Diagnostics
import Files

/// What an `adapter_config.json` says of modules, to be held against the weights beside it and against a backbone: what
/// disagrees is an error at the key that asked for it.
/// Source: peft 0.21, `tuners_utils.check_target_module_exists`.
struct PEFTModules: Sendable {
    private let config: JSONNode
    /// The names of `exclude_modules`, or its pattern.
    private let excluded: Excluded

    /// `target_modules` as a regular expression; nil for names.
    private let targetPattern: ModulePattern?
    /// Ranks and alphas of modules whose path an expression matches, the first that does.
    private let ranks: [(pattern: ModulePattern, value: Double)]
    private let alphas: [(pattern: ModulePattern, value: Double)]

    private enum Excluded: Sendable {
        case names([String])
        case pattern(ModulePattern)
    }

    /// - Throws: for a pattern that is none.
    init(_ config: JSONNode) throws {
        self.config = config
        targetPattern = try AdapterConfiguration.targetPattern(config)
        ranks = try Self.patterns("rank_pattern", of: config)
        alphas = try Self.patterns("alpha_pattern", of: config)
        if targetPattern != nil, let node = config["layers_to_transform"] {
            throw node.error("expected null beside a target_modules that is an expression, as PEFT has it")
        }
        guard let node = config["exclude_modules"] else {
            excluded = .names([])
            return
        }
        guard node.kind == .string else {
            excluded = .names(try node.elements().map { try $0.string() })
            return
        }
        let text = try node.string()
        guard let pattern = try? ModulePattern(text, of: "exclude_modules") else {
            throw node.expected("names of modules, or a regular expression")
        }
        excluded = text.isEmpty ? .names([]) : .pattern(pattern)
    }

    private static func patterns(
        _ key: String, of config: JSONNode
    ) throws -> [(pattern: ModulePattern, value: Double)] {
        try config[key]?.members.map { member in
            guard let pattern = try? ModulePattern(ofEnd: member.key, of: key) else {
                throw member.value.error("expected a regular expression as the key")
            }
            let value = try member.value.number()
            guard value > 0, key != "rank_pattern" || value == value.rounded() && value <= 65_536 else {
                throw member.value.expected("a number above 0, a rank whole and up to 65536")
            }
            return (pattern, value)
        } ?? []
    }

    /// Whether modules have ranks or alphas of their own.
    var hasPatterns: Bool { !ranks.isEmpty || !alphas.isEmpty }

    /// A module's rank, and what its product of factors is multiplied by.
    ///
    /// - Parameter module: its path in the model
    func size(
        of module: String, _ configuration: AdapterConfiguration
    ) throws(Diagnostic) -> (rank: Int, scale: Float) {
        func own(_ list: [(pattern: ModulePattern, value: Double)]) throws(Diagnostic) -> Double? {
            for entry in list where try entry.pattern.matches(module) { return entry.value }
            return nil
        }
        var sized = configuration
        sized.rank = try own(ranks).map { Int($0) } ?? configuration.rank
        sized.alpha = try own(alphas).map { Float($0) } ?? configuration.alpha
        return (sized.rank, sized.scale)
    }

    /// Whether an expression of the targets means a module; nil where the targets are names.
    func isTarget(_ module: String) throws(Diagnostic) -> Bool? {
        guard let targetPattern else { return nil }
        return try targetPattern.matches(module)
    }

    /// Whether a module's path, or the end of it, is a name.
    static func isNamed(_ module: String, _ name: String) -> Bool { ".\(module)".hasSuffix(".\(name)") }

    /// Whether a module is one that `modules_to_save` means by a name: its path ends in the name's letters, or it is inside of
    /// one whose path does. peft 0.21, `other._set_trainable`.
    static func isSaved(_ module: String, as name: String) -> Bool {
        module.hasSuffix(name) || module.contains("\(name).")
    }

    var excludesAny: Bool {
        if case .names([]) = excluded { false } else { true }
    }

    /// Whether PEFT leaves a module without an adapter that the targets name.
    ///
    /// - Parameter module: its path in the model
    func excludes(_ module: String) throws(Diagnostic) -> Bool {
        switch excluded {
        case .names(let names): names.contains { Self.isNamed(module, $0) }
        case .pattern(let pattern): try pattern.matches(module)
        }
    }

    /// - Throws: where the embeddings' table is to be the trained head's, which isn't read.
    func checkHeads(_ heads: Set<String>) throws {
        guard let node = config["ensure_weight_tying"], try node.flag(), let head = heads.sorted().first else { return }
        throw node.expected("false: \(head) would change the embeddings' table")
    }

    /// An error at a key; at the file where it hasn't the key.
    func error(_ key: String, _ message: String) -> Diagnostic {
        config[key]?.error(message) ?? config.error("\(key): \(message)")
    }

    /// An error at a key's element that is `name`.
    func error(_ key: String, naming name: String, _ message: String) -> Diagnostic {
        let element = (try? config[key]?.elements())?.first { (try? $0.string()) == name }
        return element?.error(message) ?? error(key, message)
    }

    /// - Parameters:
    ///   - configuration: what this one says
    ///   - adapted: the paths of the maps with low-rank factors, as the backbone has them, without a prefix
    ///   - saved: those of the modules that are there whole
    /// - Throws: where the backbone hasn't the modules that it names, or has more that it means.
    func check(
        _ configuration: AdapterConfiguration, adapting adapted: Set<String>, saving saved: Set<String>,
        of modules: BackboneModules
    ) throws(Diagnostic) {
        func isAny(
            _ placed: BackboneModules.Placed, _ test: (String) throws(Diagnostic) -> Bool
        ) throws(Diagnostic) -> Bool {
            for prefix in modules.prefixes where try test(prefix + placed.path) { return true }
            return false
        }
        func at(_ key: String, _ body: () throws(Diagnostic) -> Void) throws(Diagnostic) {
            do { try body() } catch {
                var found = self.error(key, "the adapter was made for another model: \(error.message)")
                found.suggestion = error.suggestion
                throw found
            }
        }
        try at("layers_to_transform") { () throws(Diagnostic) in _ = try configuration.layers(of: modules.layerCount) }
        try at("target_modules") { () throws(Diagnostic) in
            guard case .named(let names) = configuration.targets else { return }
            var inBackbone = configuration
            inBackbone.targets = .named(names.filter { StoredModules.head(of: $0) == nil })
            try modules.checkTargets(of: inBackbone, amongPrefixes: true)
        }
        try at("modules_to_save") { () throws(Diagnostic) in
            let paths = modules.all.flatMap { placed in modules.prefixes.map { $0 + placed.path } }
            for name in configuration.modulesToSave where !paths.contains(where: { Self.isSaved($0, as: name) }) {
                throw Diagnostic.unknown("module", name, among: modules.moduleNames)
            }
        }
        let layers = try configuration.layers(of: modules.layerCount)
        for placed in modules.all where placed.module.isLinear && placed.layer.map(layers.contains) ?? false {
            let isMatched = try isAny(placed) { path throws(Diagnostic) in try isTarget(path) == true }
            guard isMatched || modules.isMeant(placed, by: configuration), !adapted.contains(placed.path),
                !saved.contains(placed.path), try !isAny(placed, excludes)
            else { continue }
            let path = (modules.prefixes.first ?? "") + placed.path
            throw error(
                "target_modules",
                "means \(path), \(excludesAny ? "which exclude_modules doesn't leave out, but " : "")of which the weights "
                    + "have no low-rank factors")
        }
    }
}

import Diagnostics

/// The modules of a backbone that training can change, by the names that transformers and PEFT give them: known from a
/// checkpoint's header alone.
public struct BackboneModules: Hashable, Sendable {
    /// A module with parameters of its own.
    struct Module: Hashable, Sendable {
        /// In its layer, or in the model where it is in none.
        var path: String
        /// Of the weight, as files have it: [rows, columns]; a norm's is one row.
        var rows: Int
        var columns: Int
        var hasBias = false
        var kind: Kind
        /// Whether it stands in no layer, though layers read it and the embedding layer doesn't.
        var actsInLayers = false
        /// The lowest layer that has it.
        var firstLayer = 0

        enum Kind: Hashable, Sendable {
            /// - isTransposed: whether the weight is [inputs, outputs]
            case linear(isTransposed: Bool)
            case norm
            case table
        }

        var isLinear: Bool {
            if case .linear = kind { true } else { false }
        }
        var inputs: Int { kind == .linear(isTransposed: true) ? rows : columns }
        var outputs: Int { kind == .linear(isTransposed: true) ? columns : rows }
    }

    /// A module where it stands in the model.
    package struct Placed {
        var module: Module
        var layer: Int?
        /// In the model, without a prefix.
        var path: String
    }

    public let layerCount: Int
    /// In front of all paths; the first is the one that is written, each is read.
    private(set) var prefixes: [String]
    let layersPath: String
    let embeddings: [Module]
    /// Of each layer, linear maps in the order of a pass.
    let layer: [Module]
    let end: [Module]
    /// Why no gradient comes to them; nil where they can be trained.
    var untrainable: String?

    /// - Throws: for a model that can't be trained, with the reason.
    package func checkTrainable() throws(Diagnostic) {
        guard let untrainable else { return }
        throw Diagnostic("the model cannot be trained: \(untrainable)", suggestion: "set train: none")
    }

    /// The same by the names that they have in a model without a head, as transformers' `AutoModel` makes it.
    package var withoutHead: BackboneModules {
        var modules = self
        modules.prefixes = prefixes.filter(\.isEmpty) + prefixes.filter { !$0.isEmpty }
        return modules
    }

    /// All, from below.
    var all: [Placed] {
        let inLayers = (0..<layerCount).flatMap { index in
            layer.filter { $0.firstLayer <= index }.map {
                Placed(module: $0, layer: index, path: "\(layersPath).\(index).\($0.path)")
            }
        }
        func outside(_ modules: [Module]) -> [Placed] {
            modules.map { Placed(module: $0, layer: nil, path: $0.path) }
        }
        return outside(embeddings) + inLayers + outside(end)
    }

    /// The linear maps of a layer by the shortest names that tell them apart, as `targets` takes them.
    public var linearMapNames: [String] { Self.shortened(layer.filter(\.isLinear).map(\.path)) }

    /// Each path's last part, or the whole path where several end in it.
    static func shortened(_ paths: [String]) -> [String] {
        func last(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }
        let counts = Dictionary(grouping: paths, by: last).mapValues(\.count)
        return paths.map { counts[last($0)] == 1 ? last($0) : $0 }
    }

    /// Modules of any layers by the shortest names that tell them apart, in the order of their first ones.
    static func shortNames(of modules: [String]) -> [String] {
        var seen: Set<String> = []
        return shortened(modules.map(Adapter.pathInLayer).filter { seen.insert($0).inserted })
    }

    /// Targets and layers that mean exactly some linear maps: by the names of `linearMapNames`, in their order, where
    /// those mean no others; else by their paths in the model.
    ///
    /// - Parameter paths: of the maps, in the model without a prefix
    func naming(_ paths: Set<String>) -> (targets: AdapterConfiguration.Targets, layers: [Int]?) {
        let maps = all.filter { $0.module.isLinear && $0.layer != nil }
        let chosen = maps.filter { paths.contains($0.path) }
        guard !chosen.isEmpty else { return (.named([]), nil) }
        let numbers = Set(chosen.compactMap(\.layer))
        let layers = numbers.count == layerCount ? nil : numbers.sorted()
        let around = maps.filter { $0.layer.map(numbers.contains) ?? false }
        guard chosen.count < around.count else { return (.all, layers) }
        let own = Set(chosen.map(\.module.path))
        let names = zip(layer.filter(\.isLinear), linearMapNames).filter { own.contains($0.0.path) }.map(\.1)
        let meant = around.filter { placed in names.contains { isNamed(placed, $0) } }
        if meant.count == chosen.count { return (.named(names), layers) }
        return (.named(chosen.map { (prefixes.first ?? "") + $0.path }), nil)
    }

    /// Names that mean exactly some modules: those that are said, where they do; else the shortest, in the order of the model,
    /// where a name that would mean others too is the module's path.
    ///
    /// - Parameter paths: in the model without a prefix
    func names(ofSaved paths: Set<String>, said: [String]) -> [String] {
        let meant = all.filter { placed in said.contains { isNamed(placed, $0) } }
        if Set(meant.map(\.path)) == paths { return said }
        let short = Dictionary(uniqueKeysWithValues: zip(layer.map(\.path), Self.shortened(layer.map(\.path))))
        var exact: [String: Bool] = [:]
        var seen: Set<String> = []
        return all.filter { paths.contains($0.path) }.map { placed in
            let name = placed.layer == nil ? placed.path : short[placed.module.path] ?? placed.module.path
            let isExact = exact[name] ?? all.allSatisfy { paths.contains($0.path) || !isNamed($0, name) }
            exact[name] = isExact
            return isExact ? name : (prefixes.first ?? "") + placed.path
        }.filter { seen.insert($0).inserted }
    }

    /// Names of modules to save for PEFT, which takes a name for every module whose path ends in its letters: `norm` for each
    /// `input_layernorm` too. A name that would mean others there is written as the paths of its modules.
    func namesForPEFT(ofSaved names: [String]) -> [String] {
        guard !names.isEmpty else { return [] }
        let all = all.map { (placed: $0, path: (prefixes.first ?? "") + $0.path) }
        return names.flatMap { name in
            let own = all.filter { isNamed($0.placed, name) }.map(\.path)
            let isAlike = all.allSatisfy { !PEFTModules.isSaved($0.path, as: name) || own.contains($0.path) }
            return isAlike ? [name] : own
        }
    }

    /// Whether a name means a module: its path in the model, or the last parts of it, as PEFT matches them.
    func isNamed(_ placed: Placed, _ name: String) -> Bool {
        ".\(prefixes.first ?? "")\(placed.path)".hasSuffix(".\(name)")
    }

    /// Whether the targets of a configuration that is read mean a linear map, by whichever name of the model in front of it.
    func isMeant(_ placed: Placed, by configuration: AdapterConfiguration) -> Bool {
        switch configuration.targets {
        case .all, .full: true
        case .named(let names):
            names.contains { name in prefixes.contains { PEFTModules.isNamed($0 + placed.path, name) } }
        }
    }

    /// Whether there is a final norm.
    package var hasFinalNorm: Bool { !end.isEmpty }

    /// The name in front of what PEFT says of a module's parameters.
    func name(of path: String) -> String { Self.namePrefix + (prefixes.first ?? "") + path }

    /// The path of the module that a tensor is the weight or the bias of, trained whole; nil where it is a low-rank factor.
    func savedPath(_ name: String) -> String? {
        guard adaptedPath(name) == nil, !name.hasSuffix(".lora_B.weight"), let dot = name.lastIndex(of: ".") else {
            return nil
        }
        return String(name[..<dot].dropFirst(self.name(of: "").count))
    }

    /// The path of the map of which a tensor is a low-rank factor; nil where it is none.
    func adaptedPath(_ name: String) -> String? {
        let (start, end) = (self.name(of: ""), ".lora_A.weight")
        return name.hasPrefix(start) && name.hasSuffix(end)
            ? String(name.dropFirst(start.count).dropLast(end.count)) : nil
    }

    static let namePrefix = "base_model.model."

    /// The name that this backbone gives a tensor of an adapter; nil for one of no module of it.
    func canonicalNames() -> [String: String] {
        var names: [String: String] = [:]
        for placed in all {
            for suffix in [".lora_A.weight", ".lora_B.weight", ".weight", ".bias"] {
                for prefix in prefixes {
                    names[Self.namePrefix + prefix + placed.path + suffix] = name(of: placed.path) + suffix
                }
            }
        }
        return names
    }
}

extension BackboneModules {
    /// How a module is trained.
    package enum Training { case lowRank, whole }

    /// The modules that are trained, from below.
    ///
    /// - Throws: where a layer or a module doesn't exist, one would be trained in both ways, or a target is in no layer that is
    ///   adapted.
    package func trained(
        by configuration: AdapterConfiguration
    ) throws(Diagnostic) -> [(module: Placed, training: Training)] {
        let (all, lowRankLayers) = (all, Set(try configuration.layers(of: layerCount)))
        try configuration.check()
        try checkTargets(of: configuration)
        try checkLayers(of: configuration)
        try checkModulesToSave(of: configuration)
        var trained: [(module: Placed, training: Training)] = []
        for placed in all {
            let isWhole =
                configuration.targets == .full || configuration.modulesToSave.contains { isNamed(placed, $0) }
            var isLowRank = placed.module.isLinear && placed.layer.map(lowRankLayers.contains) ?? false
            switch configuration.targets {
            case .all: break
            case .full: isLowRank = false
            case .named(let names): isLowRank = isLowRank && names.contains { isNamed(placed, $0) }
            }
            if isWhole && isLowRank {
                throw Diagnostic(
                    "\(prefixes.first ?? "")\(placed.path) would be trained both whole and by low-rank factors",
                    suggestion: "leave \(placed.module.path) out of targets, or its layer out of layers")
            }
            if isWhole || isLowRank { trained.append((placed, isWhole ? .whole : .lowRank)) }
        }
        return trained
    }

    /// The modules of `modules_to_save` of which none is below what is read: their gradient is 0.
    ///
    /// - Parameters:
    ///   - hiddenLayer: the highest that is read
    ///   - isNormed: whether the final norm is applied to it
    package func unread(
        of configuration: AdapterConfiguration, above hiddenLayer: Int, isNormed: Bool
    ) -> [String] {
        let (all, ends) = (all, Set(end.map(\.path)))
        return configuration.modulesToSave.filter { name in
            !all.contains { placed in
                guard isNamed(placed, name) else { return false }
                if let layer = placed.layer { return layer < hiddenLayer }
                if ends.contains(placed.path) { return isNormed }
                return hiddenLayer > 0 || !placed.module.actsInLayers
            }
        }
    }

    /// - Parameter amongPrefixes: whether each name in front of the model is known, as in files, not only the written one
    /// - Throws: where a target is no linear map of the backbone.
    package func checkTargets(
        of configuration: AdapterConfiguration, amongPrefixes: Bool = false
    ) throws(Diagnostic) {
        guard case .named(let names) = configuration.targets else { return }
        let paths = all.filter(\.module.isLinear).flatMap { placed in
            (amongPrefixes ? prefixes : Array(prefixes.prefix(1))).map { $0 + placed.path }
        }
        for name in names where !paths.contains(where: { PEFTModules.isNamed($0, name) }) {
            throw Diagnostic.unknown("linear map", name, among: linearMapNames)
        }
    }

    /// - Throws: where a target is in no layer that is adapted.
    package func checkLayers(of configuration: AdapterConfiguration) throws(Diagnostic) {
        guard case .named(let names) = configuration.targets, let layers = configuration.layers else { return }
        let maps = all.filter { $0.module.isLinear && $0.layer.map(layers.contains) ?? false }
        for name in names where !maps.contains(where: { isNamed($0, name) }) {
            throw Diagnostic(
                "the target \(name) is in none of the layers to adapt, \(layers)",
                suggestion: "leave it out of targets, or add its layer to layers")
        }
    }

    /// - Throws: where a module to train whole is none of the backbone.
    package func checkModulesToSave(of configuration: AdapterConfiguration) throws(Diagnostic) {
        let all = all
        for name in configuration.modulesToSave where !all.contains(where: { isNamed($0, name) }) {
            throw Diagnostic.unknown("module", name, among: moduleNames)
        }
    }

    /// Of all modules, for a message: a layer's is named by the end of its path, or for one layer by the whole of it.
    var moduleNames: [String] {
        Self.shortened(layer.map(\.path)) + (embeddings + end).map(\.path)
            + all.filter { $0.layer == layerCount - 1 }.map(\.path)
    }

    /// The parameters that a configuration trains.
    ///
    /// - Throws: where a layer or a module doesn't exist.
    public func parameterLayout(of configuration: AdapterConfiguration) throws(Diagnostic) -> ParameterLayout {
        var layout = ParameterLayout()
        // Models that are adapted without a head have no name in front of their modules'.
        if prefixes.first == "" { layout.convention.taskType = "FEATURE_EXTRACTION" }
        layout.convention.isTransposed = layer.contains { $0.kind == .linear(isTransposed: true) }
        layout.convention.modulesToSave = namesForPEFT(ofSaved: configuration.modulesToSave)
        for (placed, training) in try trained(by: configuration) {
            let (module, name) = (placed.module, name(of: placed.path))
            switch training {
            case .lowRank:
                layout.append(name + ".lora_A.weight", rows: configuration.rank, columns: module.inputs)
                layout.append(name + ".lora_B.weight", rows: module.outputs, columns: configuration.rank)
            case .whole:
                layout.append(
                    name + ".weight", rows: module.rows, columns: module.columns, isVector: module.kind == .norm)
                guard module.hasBias else { continue }
                layout.append(name + ".bias", rows: 1, columns: module.outputsOfBias, isVector: true)
            }
        }
        return layout
    }
}

extension BackboneModules.Module {
    fileprivate var outputsOfBias: Int { kind == .norm ? columns : outputs }
}

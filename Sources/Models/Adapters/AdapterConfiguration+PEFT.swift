import Diagnostics
import Files

extension AdapterConfiguration {
    /// Reads PEFT's `adapter_config.json`.
    ///
    /// - Throws: for settings that would change the result and aren't known here.
    init(peft config: JSONNode) throws {
        let type = try config.required("peft_type")
        guard try type.string() == "LORA" else { throw type.expected("\"LORA\", the one kind of adapter known here") }
        self.init(
            rank: try config.required("r").integer(), alpha: Float(try config.required("lora_alpha").number()),
            dropout: try config["lora_dropout"]?.number() ?? 0, targets: try Self.targets(config),
            layers: try config["layers_to_transform"].map { node in
                node.kind == .array ? try node.elements().map { try $0.integer() } : [try node.integer()]
            })
        modulesToSave =
            try config["modules_to_save"].map { node in
                node.kind == .null ? [] : try node.elements().map { try $0.string() }
            } ?? []
        scalesBySquareRoot = try config["use_rslora"]?.flag() ?? false
        guard rank > 0, rank <= 1 << 16 else { throw try config.required("r").expected("a rank from 1 to \(1 << 16)") }
        guard alpha.isFinite else { throw try config.required("lora_alpha").expected("a number within float32") }
        if let bias = config["bias"], try bias.string() != "none" { throw bias.expected("\"none\"") }
        try Self.checkInitialisation(config)
        for key in config.keys where !Self.keysRead.contains(key) && !Self.keysWithoutEffect.contains(key) {
            guard let node = config[key], try !node.isOff() else { continue }
            throw node.expected("nothing: \(key) is not supported")
        }
    }

    private static let keysRead: Set = [
        "peft_type", "r", "lora_alpha", "lora_dropout", "target_modules", "layers_to_transform", "use_rslora", "bias",
        "init_lora_weights", "modules_to_save", "rank_pattern", "alpha_pattern",
    ]

    /// What says how an adapter was trained, or of what it is one; the weights say the rest. A key that is neither here
    /// nor read must be off, those of later versions too.
    private static let keysWithoutEffect: Set = [
        "auto_mapping", "base_model_name_or_path", "ensure_weight_tying", "eva_config", "exclude_modules",
        "fan_in_fan_out", "inference_mode", "layers_pattern", "megatron_core", "peft_version", "qalora_group_size",
        "revision",
        "task_type",
    ]

    /// Some ways to begin also change the backbone's weights, and an adapter saved as it is fits the changed ones only.
    private static func checkInitialisation(_ config: JSONNode) throws {
        guard let node = config["init_lora_weights"], node.kind != .flag else { return }
        guard ["gaussian", "eva", "orthogonal"].contains(try node.string().lowercased()) else {
            throw node.error(
                "expected a way to begin that leaves the backbone's weights as they are, found \(node.text)",
                suggestion: "save with path_initial_model_for_weight_conversion, as PEFT's manual says of PiSSA")
        }
    }

    /// What PEFT calls the targets of an adapter that has none, but modules_to_save.
    private static let noTargets = "dummy-target-modules"

    private static func targets(_ config: JSONNode) throws -> Targets {
        let node = try config.required("target_modules")
        guard node.kind == .string else { return .named(try node.elements().map { try $0.string() }) }
        if try node.string() == noTargets { return .named([]) }
        // Which modules an expression means the weights say.
        return try node.string() == "all-linear" ? .all : .named([])
    }

    /// `target_modules` where it is a regular expression; nil where it is something else.
    ///
    /// - Throws: where it is a text and no expression.
    static func targetPattern(_ config: JSONNode) throws -> ModulePattern? {
        guard let node = config["target_modules"], node.kind == .string else { return nil }
        let text = try node.string()
        guard text != noTargets, text != "all-linear" else { return nil }
        guard !text.isEmpty, let pattern = try? ModulePattern(text, of: "target_modules") else {
            throw node.expected("a list of linear maps, \"all-linear\", or a regular expression")
        }
        return pattern
    }

    /// `adapter_config.json`, as PEFT reads it.
    ///
    /// - Parameters:
    ///   - base: the backbone
    ///   - layout: of the adapter
    func peftJSON(_ base: AdapterBase, _ layout: ParameterLayout) -> String {
        let (targets, wholes) = (writtenTargets(layout), writtenModules(layout))
        // PEFT's own files leave it out where there is none.
        let revision = base.revision.map { "\n  \"revision\": \(JSONText.quoted($0))," } ?? ""
        let layers = layers.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" } ?? "null"
        return """
            {
              "base_model_name_or_path": \(JSONText.quoted(base.name)),
              "bias": "none",
              "fan_in_fan_out": \(layout.convention.isTransposed),
              "inference_mode": true,
              "init_lora_weights": true,
              "layers_pattern": null,
              "layers_to_transform": \(layers),
              "lora_alpha": \(JSONText.number(Double(alpha))),
              "lora_dropout": \(JSONText.number(dropout)),
              "modules_to_save": \(wholes.isEmpty ? "null" : JSONText.list(wholes)),
              "peft_type": "LORA",
              "r": \(rank),\(revision)
              "target_modules": \(targets.isEmpty ? JSONText.quoted(Self.noTargets) : JSONText.list(targets)),
              "task_type": \(JSONText.quoted(layout.convention.taskType)),
              "use_rslora": \(scalesBySquareRoot)
            }

            """
    }
}

extension AdapterConfiguration {
    /// What PEFT calls `target_modules`.
    private func writtenTargets(_ layout: ParameterLayout) -> [String] {
        switch targets {
        case .full: []
        case .named(let names): names
        case .all: layout.shortNames(endingIn: ".lora_A.weight")
        }
    }

    /// What PEFT calls `modules_to_save`: all modules of a model that is trained as a whole.
    private func writtenModules(_ layout: ParameterLayout) -> [String] {
        targets == .full ? layout.shortNames(endingIn: ".weight") : layout.convention.modulesToSave
    }
}

extension ParameterLayout {
    /// Modules by the shortest names that tell them apart, those of all layers once.
    fileprivate func shortNames(endingIn suffix: String) -> [String] {
        BackboneModules.shortNames(of: names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) })
    }
}

extension Adapter {
    /// The linear maps that have low-rank factors, by the shortest names that tell them apart.
    package var adaptedMaps: [String] { layout.shortNames(endingIn: ".lora_A.weight") }
}

extension JSONNode {
    /// Whether it says that something isn't used: null, false, or an empty list, object or text.
    fileprivate func isOff() throws -> Bool {
        switch kind {
        case .null: true
        case .flag: try !flag()
        case .array: try elements().isEmpty
        case .object: keys.isEmpty
        case .string: try string().isEmpty
        case .number: false
        }
    }
}

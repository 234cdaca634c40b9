import Diagnostics
import Files

extension LowRankConfiguration {
    /// Reads PEFT's `adapter_config.json`.
    ///
    /// - Throws: for settings that would change the result and aren't known here.
    init(peft config: JSONNode) throws {
        let type = try config.required("peft_type")
        guard try type.string() == "LORA" else { throw type.expected("\"LORA\", the one kind of adapter known here") }
        self.init(
            rank: try config.required("r").integer(), alpha: Float(try config.required("lora_alpha").number()),
            dropout: Float(try config["lora_dropout"]?.number() ?? 0), targets: try Self.targets(config),
            layers: try config["layers_to_transform"].map { node in
                node.kind == .array ? try node.elements().map { try $0.integer() } : [try node.integer()]
            })
        scalesBySquareRoot = try config["use_rslora"]?.flag() ?? false
        guard rank > 0, rank <= 1 << 16 else { throw try config.required("r").expected("a positive rank") }
        guard alpha.isFinite else { throw try config.required("lora_alpha").expected("a number") }
        if let bias = config["bias"], try bias.string() != "none" { throw bias.expected("\"none\"") }
        for key in ["use_dora", "fan_in_fan_out", "lora_bias"] {
            if let node = config[key], try node.flag() { throw node.expected("false: \(key) is not supported") }
        }
        for key in ["rank_pattern", "alpha_pattern", "modules_to_save", "megatron_config"] {
            guard let node = config[key] else { continue }
            let isEmpty = node.kind == .array ? try node.elements().isEmpty : node.kind == .object && node.keys.isEmpty
            guard isEmpty else { throw node.expected("nothing: \(key) is not supported") }
        }
    }

    private static func targets(_ config: JSONNode) throws -> Set<Projection> {
        let node = try config.required("target_modules")
        if node.kind == .string {
            guard try node.string() == "all-linear" else {
                throw node.expected("a list of linear maps, or \"all-linear\"; patterns are not supported")
            }
            return Set(Projection.allCases)
        }
        return Set(
            try node.elements().map { element in
                let name = try element.string()
                guard let projection = Projection(rawValue: name) else {
                    throw Diagnostic.unknown(
                        "linear map", name, among: Projection.allCases.map(\.rawValue),
                        at: element.error("").location)
                }
                return projection
            })
    }

    /// `adapter_config.json`, as PEFT reads it.
    ///
    /// - Parameter baseModel: the backbone's name
    func peftJSON(baseModel: String) -> String {
        let layers = layers.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" } ?? "null"
        return """
            {
              "base_model_name_or_path": \(JSONText.quoted(baseModel)),
              "bias": "none",
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layers_pattern": null,
              "layers_to_transform": \(layers),
              "lora_alpha": \(JSONText.number(Double(alpha))),
              "lora_dropout": \(JSONText.number(Double(dropout))),
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": \(rank),
              "target_modules": \(JSONText.list(targets.map(\.rawValue))),
              "task_type": "CAUSAL_LM",
              "use_rslora": \(scalesBySquareRoot)
            }

            """
    }
}

import Diagnostics
import Files
import Weights

extension RotaryScaling {
    private static let supported = ["default", "linear", "dynamic", "llama3", "yarn", "longrope"]

    /// What a configuration says of rotary positions: `rope_parameters`, or `rope_scaling` as older versions of
    /// transformers call it.
    ///
    /// - Returns: nil where neither says anything
    /// - Throws: where both do, and not the same: transformers takes the older one, and whoever wrote the file meant both.
    static func parameters(_ config: FamilyConfig) throws -> JSONNode? {
        func said(_ key: String) -> JSONNode? { config.ifSaid(key).flatMap { $0.keys.isEmpty ? nil : $0 } }
        guard let old = said("rope_scaling") else { return said("rope_parameters") }
        guard let new = said("rope_parameters") else { return old }
        guard texts(of: new) == texts(of: old) else {
            throw old.error("expected rope_scaling and rope_parameters to say the same, or only one of them")
        }
        new.countAllAsRead()
        return old
    }

    private static func texts(of node: JSONNode) -> [String: String] {
        var texts: [String: String] = [:]
        node.forEachMember { texts[$0] = $1.text }
        return texts
    }

    /// Reads ``parameters(_:)``. The frequencies' base is the one that stands among them, else `rope_theta` beside them.
    ///
    /// - Parameter contextLength: the model's `max_position_embeddings`
    /// - Returns: the frequencies' base too
    static func read(
        _ config: FamilyConfig, contextLength: Int
    ) throws -> (base: Float, scaling: RotaryScaling) {
        let parameters = try parameters(config)
        // Read whether the kind of scaling wants it or not: beside a base alone it says nothing.
        let beside = try config.orDefault("rope_theta")
        let originalLength = config.ifSaid("original_max_position_embeddings")
        let node = parameters?["rope_theta"] ?? beside
        let base = try node.number()
        guard base > 1, base <= 1e12 else { throw node.expected("a rotary base above 1, and at most 1e12") }
        guard let parameters else { return (Float(base), .none) }
        return (
            Float(base), try scaling(parameters, originalLength: originalLength, contextLength: contextLength)
        )
    }

    /// - Parameter original: `original_max_position_embeddings` where it stands beside the parameters
    static func scaling(
        _ parameters: JSONNode, originalLength original: JSONNode? = nil, contextLength: Int
    ) throws -> RotaryScaling {
        func positive(_ key: String, or fallback: Double? = nil) throws -> Double {
            guard let node = parameters[key] else {
                if let fallback { return fallback }
                _ = try parameters.required(key)
                return 1
            }
            let number = try node.number()
            guard number > 0 else { throw node.expected("a positive number") }
            return number
        }
        func originalLength() throws -> Double {
            let key = "original_max_position_embeddings"
            // Read in either place: transformers lets the outer one count.
            _ = parameters.member(key)
            if let original { return try original.number() }
            return try positive(key, or: Double(contextLength))
        }
        let oldKindNode = parameters["type"]
        let kindNode = parameters["rope_type"] ?? oldKindNode
        switch try kindNode?.string() ?? "default" {
        case "default", "dynamic":
            // A factor beside them changes nothing up to the context length.
            parameters.countAllAsRead()
            return .none
        case "linear": return .linear(factor: Float(try positive("factor")))
        case "llama3":
            return .llama3(
                factor: Float(try positive("factor")), lowFactor: Float(try positive("low_freq_factor")),
                highFactor: Float(try positive("high_freq_factor")), originalLength: Float(try originalLength()))
        case "yarn":
            let length = try originalLength()
            let factor = try positive("factor", or: Double(contextLength) / length)
            var attention = YaRN.attentionFactor(factor)
            if let mscale = try parameters["mscale"]?.number(), let all = try parameters["mscale_all_dim"]?.number(),
                mscale != 0, all != 0
            {
                attention = YaRN.attentionFactor(factor, mscale: mscale) / YaRN.attentionFactor(factor, mscale: all)
            }
            return .yarn(
                YaRN(
                    factor: factor, originalLength: length, betaFast: try positive("beta_fast", or: 32),
                    betaSlow: try positive("beta_slow", or: 1),
                    attentionFactor: try positive("attention_factor", or: attention),
                    truncates: try parameters["truncate"]?.flag() ?? true))
        case "longrope", "su":
            let length = try originalLength()
            let factor = try positive("factor", or: Double(contextLength) / length)
            let factors = try parameters.required("short_factor")
            // For texts longer than those of the pretraining, which don't get here.
            _ = parameters.member("long_factor")
            return .longRoPE(
                shortFactors: try factors.elements().map { node in
                    let factor = try node.number()
                    guard factor > 0 else { throw node.expected("a positive number") }
                    return Float(factor)
                },
                attentionFactor: try positive(
                    "attention_factor", or: longRoPEAttentionFactor(factor, originalLength: length)))
        case let other:
            throw (kindNode ?? parameters).error(
                "rotary scaling \"\(other)\" is not supported; expected one of: "
                    + supported.joined(separator: ", "))
        }
    }

    /// How long a text may be that a model's rotary positions are the same for as for a shorter one: with LongRoPE, the
    /// length of the pretraining.
    ///
    /// - Parameter contextLength: the model's `max_position_embeddings`
    static func steadyLength(_ config: FamilyConfig, contextLength: Int) throws -> Int {
        let parameters = try parameters(config)
        let kind = try (parameters?["rope_type"] ?? parameters?["type"])?.string()
        guard kind == "longrope" || kind == "su" else { return contextLength }
        let key = "original_max_position_embeddings"
        guard let node = config.ifSaid(key) ?? parameters?[key] else { return contextLength }
        let length = try node.integer()
        guard length > 1 else { throw node.expected("a length in tokens") }
        return min(length, contextLength)
    }

    /// Reads the keys that begin with an architecture's name, and the tensor of divisors.
    static func read(gguf metadata: GGUFMetadata, architecture: String, of checkpoint: Checkpoint) throws
        -> RotaryScaling
    {
        let prefix = "\(architecture).rope.scaling"
        func positive(_ key: String, or fallback: Double) throws -> Double {
            let key = "\(prefix).\(key)"
            guard let number = try metadata.numberIfPresent(key) else { return fallback }
            guard number > 0 else { throw checkpoint.error("\(key): expected a positive number, found \(number)") }
            return number
        }
        let named = try metadata.stringIfPresent("\(prefix).type")
        let factor = try metadata.numberIfPresent("\(prefix).factor")
        let original = try metadata.numberIfPresent("\(prefix).original_context_length")
        if let divisors = checkpoint.tensors.tensorIfPresent("rope_freqs.weight") {
            guard named ?? "none" == "none", factor ?? 1 == 1 else {
                throw checkpoint.error("expected rotary scaling by rope_freqs.weight or by \(prefix), found both")
            }
            return .divided(try divisors.decoded())
        }
        // llama.cpp takes a factor without a kind for a linear one.
        guard let kind = named ?? factor.map({ _ in "linear" }), kind != "none" else { return .none }
        guard factor == nil || factor ?? 0 > 0 else {
            throw checkpoint.error("\(prefix).factor: expected a positive number, found \(factor ?? 0)")
        }
        switch kind {
        case "linear": return .linear(factor: Float(try metadata.number("\(prefix).factor")))
        case "yarn":
            let (factor, length) = (
                try metadata.number("\(prefix).factor"),
                try original ?? metadata.number("\(prefix).original_context_length")
            )
            return .yarn(
                YaRN(
                    factor: factor, originalLength: length,
                    betaFast: try positive("yarn_beta_fast", or: 32), betaSlow: try positive("yarn_beta_slow", or: 1),
                    attentionFactor: try positive("yarn_attn_factor", or: 1) * YaRN.attentionFactor(factor)))
        default:
            throw checkpoint.error("rotary scaling \"\(kind)\" is not supported; expected none, linear or yarn")
        }
    }
}

import Diagnostics
import Files
import Numerics

/// What every family's `config.json` is read with.
extension JSONNode {
    /// Larger ones are damage: the sizes' products must not overflow.
    static let sizes = 1...(1 << 24)

    /// A positive size.
    ///
    /// - Parameters:
    ///   - null: what null means; nil where it means nothing
    func size(_ key: String, null: Int? = nil) throws -> Int {
        let member = member(key)
        if let null, member?.isNull ?? true { return null }
        guard let node = member else { throw try missing(key) }
        let value = try node.integer()
        guard Self.sizes.contains(value) else { throw node.expected("a positive size") }
        return value
    }

    /// The error for a key that neither the file nor the family's defaults have.
    private func missing(_ key: String) throws -> Diagnostic {
        _ = try required(key)
        return error("expected the key \"\(key)\"")
    }

    /// - Parameter fallback: where the key is missing; null is no number
    func number(_ key: String, or fallback: Double? = nil) throws -> Double {
        guard let node = member(key) else {
            if let fallback { return fallback }
            throw try missing(key)
        }
        return try node.number()
    }

    /// `is_causal`, as transformers takes it in any family's configuration: layers attend in both directions where it is
    /// there and not true; null isn't.
    func isCausal() throws -> Bool {
        guard let node = member("is_causal") else { return true }
        return try !node.isNull && node.flag()
    }

    /// Refuses a flag that would change the result in a way that the family's layers don't know.
    func expect(_ key: String, _ flag: Bool, or fallback: Bool, because reason: String) throws {
        guard let node = member(key) else {
            guard fallback == flag else { throw error("expected \(key): \(flag); \(reason)") }
            return
        }
        if try node.flag() != flag { throw node.expected("\(flag): \(reason)") }
    }

    /// An activation by the name that transformers gives it.
    func activation(_ key: String) throws -> Activation {
        guard let node = member(key) else { throw try missing(key) }
        guard let activation = Self.activations[try node.string()] else {
            throw node.expected("one of " + Self.activations.keys.sorted().joined(separator: ", "))
        }
        return activation
    }

    private static let activations: [String: Activation] = [
        "silu": .silu, "swish": .silu, "relu": .relu, "gelu": .gelu, "gelu_new": .geluTanh, "gelu_fast": .geluTanh,
        "gelu_pytorch_tanh": .geluTanh,
    ]

    /// Refuses weights that are stored as something else than floating-point numbers.
    func refuseQuantisation() throws {
        guard let node = self["quantization_config"] else { return }
        throw node.error("quantised safetensors are not supported; expected float32, float16 or bfloat16 weights")
    }

    /// How far each layer sees, by `layer_types` where it is there.
    ///
    /// - Parameter isLocal: which layers have the window where it isn't
    func windows(layerCount: Int, isLocal: (Int) throws -> Bool) throws -> [Int?] {
        let layerTypes = self["layer_types"]
        guard self["sliding_window"] != nil else { return Array(repeating: nil, count: layerCount) }
        let window = try size("sliding_window")
        guard let types = layerTypes else {
            return try (0..<layerCount).map { try isLocal($0) ? window : nil }
        }
        let windows: [Int?] = try types.elements().map { element in
            switch try element.string() {
            case "sliding_attention": window
            case "full_attention": nil
            default: throw element.expected("\"sliding_attention\" or \"full_attention\"")
            }
        }
        guard windows.count == layerCount else {
            throw types.error("expected one of each of the \(layerCount) layers, found \(windows.count)")
        }
        return windows
    }
}

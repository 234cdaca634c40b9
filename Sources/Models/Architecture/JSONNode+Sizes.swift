import Files
import Numerics

/// What every family's `config.json` is read with.
extension JSONNode {
    /// Larger ones are damage: the sizes' products must not overflow.
    static let sizes = 1...(1 << 24)

    /// A positive size.
    ///
    /// - Parameter fallback: where the key is missing or null; nil for an error
    func size(_ key: String, or fallback: Int? = nil) throws -> Int {
        if self[key] == nil, let fallback { return fallback }
        let node = try required(key)
        let value = try node.integer()
        guard Self.sizes.contains(value) else { throw node.expected("a positive size") }
        return value
    }

    func number(_ key: String, or fallback: Double) throws -> Double { try self[key]?.number() ?? fallback }

    /// Refuses a flag that would change the result in a way that the family's layers don't know.
    func expect(_ key: String, _ flag: Bool, or fallback: Bool, because reason: String) throws {
        guard let node = self[key] else {
            guard fallback == flag else { throw error("expected \(key): \(flag); \(reason)") }
            return
        }
        if try node.flag() != flag { throw node.expected("\(flag): \(reason)") }
    }

    /// An activation by the name that transformers gives it.
    func activation(_ key: String, or fallback: Activation) throws -> Activation {
        guard let node = self[key] else { return fallback }
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
        guard self["sliding_window"] != nil else { return Array(repeating: nil, count: layerCount) }
        let window = try size("sliding_window")
        guard let types = self["layer_types"] else {
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

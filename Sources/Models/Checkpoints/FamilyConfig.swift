import Diagnostics
import Files
import Numerics

/// A model's `config.json` over its family's defaults: what a family reads.
///
/// A key that neither of the two has is an error that names it. So no reader has a value of its own for a key that is left
/// out, and a family whose defaults lack one is refused, not taken for another.
package struct FamilyConfig: Sendable {
    private let file: JSONNode
    private let defaults: JSONNode
    /// The file over the defaults.
    private let node: JSONNode

    /// - Parameters:
    ///   - defaults: a JSON object: what the keys mean that the file leaves out. Null is a value there: of a size it means
    ///     that others give it, of a window or a cap that there is none.
    ///   - family: for messages
    /// - Throws: where the defaults are no JSON.
    package init(_ file: JSONNode, over defaults: String, of family: String) throws {
        self.file = file
        self.defaults = try JSONDocument(Array(defaults.utf8), file: "the defaults of \(family)").root
        node = file.over(self.defaults)
    }

    /// The key's value, which may be null.
    package func value(_ key: String) throws -> JSONNode {
        guard let value = node.member(key) else {
            _ = try node.required(key)
            throw error("expected the key \"\(key)\"")
        }
        return value
    }

    /// The key's value; nil where it is null.
    package func unlessNull(_ key: String) throws -> JSONNode? {
        let value = try value(key)
        return value.isNull ? nil : value
    }

    /// The key's value, of which null means no more than a missing one: the default then.
    package func orDefault(_ key: String) throws -> JSONNode {
        try unlessNull(key) ?? defaults.required(key)
    }

    /// The value of a key that means nothing where it is missing, and no more where it is null.
    func ifSaid(_ key: String) -> JSONNode? { node[key] }

    /// What the file itself says, which may be null; nil where that is nothing.
    func writtenByFile(_ key: String) -> JSONNode? { file.member(key) }

    /// What the file itself says, whatever the default; nil where that is nothing or null.
    func saidByFile(_ key: String) -> JSONNode? { file[key] }

    /// The key's value, which is needed: null is none.
    func required(_ key: String) throws -> JSONNode { try node.required(key) }

    func error(_ message: String) -> Diagnostic { node.error(message) }
}

// By kind of value.
extension FamilyConfig {
    /// Larger ones are damage: the sizes' products must not overflow.
    private static let sizes = 1...(1 << 24)

    /// A positive size.
    ///
    /// - Parameter null: what null means; nil where it means nothing
    package func size(_ key: String, null: Int? = nil) throws -> Int {
        let node = try value(key)
        if let null, node.isNull { return null }
        let value = try node.integer()
        guard Self.sizes.contains(value) else { throw node.expected("a size from 1 to \(Self.sizes.upperBound)") }
        return value
    }

    func number(_ key: String) throws -> Double { try value(key).number() }

    /// A number that must be above 0 in float32, as the epsilon of a norm.
    func positive(_ key: String) throws -> Double {
        let node = try value(key)
        let number = try node.number()
        guard Float(number) > 0, Float(number).isFinite else {
            throw node.expected("a number above 0 and within float32")
        }
        return number
    }

    func flag(_ key: String) throws -> Bool { try value(key).flag() }

    /// A flag for which null is no, as it is to Python.
    func isOn(_ key: String) throws -> Bool {
        let node = try value(key)
        return try !node.isNull && node.flag()
    }

    /// Refuses a flag that would change the result in a way that the family's layers don't know.
    func expect(_ key: String, _ flag: Bool, because reason: String) throws {
        let node = try value(key)
        // Null is no, as it is to Python.
        if try node.isNull ? flag : node.flag() != flag { throw node.expected("\(flag): \(reason)") }
    }

    /// An activation by the name that transformers gives it.
    func activation(_ key: String) throws -> Activation {
        let node = try value(key)
        return try Self.activation(named: node.string(), node)
    }

    /// - Parameter node: where the name stands, for the message
    static func activation(named name: String, _ node: JSONNode) throws -> Activation {
        guard let activation = Self.activations.first(where: { $0.key == name })?.value else {
            throw node.expected("one of " + Self.activations.map(\.key).sorted().joined(separator: ", "))
        }
        return activation
    }

    /// Of several names of one, that which a written configuration has stands first.
    private static let activations: KeyValuePairs<String, Activation> = [
        "silu": .silu, "swish": .silu, "relu": .relu, "gelu": .gelu, "gelu_pytorch_tanh": .geluTanh,
        "gelu_new": .geluTanh, "gelu_fast": .geluTanh,
    ]

    /// The name that transformers gives an activation.
    static func name(of activation: Activation) -> String? { activations.first { $0.value == activation }?.key }

    /// How far each layer sees, by `layer_types` where it is there.
    ///
    /// - Parameter isLocal: which layers have the window where it isn't
    func windows(layerCount: Int, isLocal: (Int) throws -> Bool) throws -> [Int?] {
        _ = try value("layer_types")
        guard try unlessNull("sliding_window") != nil else { return Array(repeating: nil, count: layerCount) }
        let window = try size("sliding_window")
        return try layersWithWindow(layerCount: layerCount, otherwise: isLocal).map { $0 ? window : nil }
    }

    /// Which layers have a window, by `layer_types` where it is there.
    ///
    /// - Parameter isLocal: which have one where it isn't
    func layersWithWindow(layerCount: Int, otherwise isLocal: (Int) throws -> Bool) throws -> [Bool] {
        guard let types = try unlessNull("layer_types") else { return try (0..<layerCount).map(isLocal) }
        let layers = try types.elements().map { element in
            switch try element.string() {
            case "sliding_attention": true
            case "full_attention": false
            default: throw element.expected("\"sliding_attention\" or \"full_attention\"")
            }
        }
        guard layers.count == layerCount else {
            throw types.error("expected one of each of the \(layerCount) layers, found \(layers.count)")
        }
        return layers
    }

    /// The same window in each layer: of families whose layers have it whatever `layer_types` says.
    func sharedWindows(layerCount: Int) throws -> [Int?] {
        let windows = try windows(layerCount: layerCount) { _ in true }
        if let types = try unlessNull("layer_types"), try unlessNull("sliding_window") != nil, windows.contains(nil) {
            throw types.error(
                "expected \"sliding_attention\" of every layer, or sliding_window: null: layers of this family have the same window"
            )
        }
        return windows
    }
}

import Diagnostics

/// Which layers attend in both directions; the others are causal. BeLLM, arXiv 2311.05296, section 3.
///
/// Written `native`, `none`, `all`, `last N`, `from N` or a list such as `[28, 29]`. Layers count from 0, so BeLLM's
/// `BiLLM_START_INDEX=31` is `from 31`.
public enum AttentionPlan: Hashable, Sendable {
    /// As the model's kind has it: all layers of an encoder such as BERT, none of a decoder.
    case native
    case none
    case all
    case last(Int)
    case from(Int)
    case layers([Int])

    /// Reads the written form.
    public init(parsing text: String) throws(Diagnostic) {
        let words = text.split(separator: " ")
        switch (words.first, words.count) {
        case ("native", 1): self = .native
        case ("none", 1): self = .none
        case ("all", 1): self = .all
        case ("last", 2):
            guard let count = Int(words[1]), count >= 0 else { throw Self.unreadable(text) }
            self = .last(count)
        case ("from", 2):
            guard let start = Int(words[1]), start >= 0 else { throw Self.unreadable(text) }
            self = .from(start)
        default:
            guard text.hasPrefix("["), text.hasSuffix("]") else { throw Self.unreadable(text) }
            let items = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
            let isEmpty = items.count == 1 && items[0].allSatisfy { $0 == " " }
            var layers = [Int]()
            for item in isEmpty ? [] : items {
                // Not by deleting spaces: "[2 8]" is not layer 28.
                let words = item.split(separator: " ")
                guard words.count == 1, let layer = Int(words[0]), layer >= 0 else { throw Self.unreadable(text) }
                layers.append(layer)
            }
            self = .layers(layers)
        }
    }

    private static func unreadable(_ text: String) -> Diagnostic {
        Diagnostic(
            "unreadable attention plan \"\(text)\"; "
                + "expected native, none, all, last N, from N or a list of layers such as [28, 29]",
            suggestion: nearestName(to: text, among: ["native", "none", "all", "last 1", "from 0"]).map {
                "did you mean \"\($0)\"?"
            })
    }

    /// The plan where `native` is what it is in a model of that kind.
    public func settled(isEncoder: Bool) -> AttentionPlan { self == .native ? (isEncoder ? .all : .none) : self }

    /// The bidirectional layers of a model with `layerCount` layers, ascending, each once; `native`
    /// is a decoder's.
    ///
    /// - Throws: where a layer doesn't exist or stands twice; a plan never loses a layer in silence.
    public func bidirectionalLayers(layerCount: Int) throws(Diagnostic) -> [Int] {
        let range = "the model has \(layerCount) layers, 0…\(layerCount - 1)"
        switch self {
        case .native, .none: return []
        case .all: return Array(0..<layerCount)
        case .last(let count):
            guard (0...layerCount).contains(count) else { throw Diagnostic("attention plan \"\(self)\": \(range)") }
            return Array(layerCount - count..<layerCount)
        case .from(let start):
            guard (0..<layerCount).contains(start) else { throw Diagnostic("attention plan \"\(self)\": \(range)") }
            return Array(start..<layerCount)
        case .layers(let layers):
            for layer in layers where !(0..<layerCount).contains(layer) {
                throw Diagnostic("attention plan \"\(self)\": there is no layer \(layer); \(range)")
            }
            guard Set(layers).count == layers.count else {
                throw Diagnostic("attention plan \"\(self)\": a layer is listed twice")
            }
            return layers.sorted()
        }
    }
}

extension AttentionPlan: CustomStringConvertible {
    public var description: String {
        switch self {
        case .native: "native"
        case .none: "none"
        case .all: "all"
        case .last(let count): "last \(count)"
        case .from(let start): "from \(start)"
        case .layers(let layers): "[\(layers.map(String.init).joined(separator: ", "))]"
        }
    }
}

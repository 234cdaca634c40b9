import Diagnostics
import Models

/// The hidden layers of which a run stands for one each, all read from one forward pass.
public enum ScoredLayers: Hashable, Sendable {
    case all
    /// As they were written, each once.
    case these([HiddenLayer])

    /// - Parameter layerCount: of the model
    func layers(of layerCount: Int) -> [HiddenLayer] {
        switch self {
        case .all: (0...layerCount).map { HiddenLayer($0) }
        case .these(let layers): layers
        }
    }

    /// Whether one of them may go by this name.
    func makes(_ layer: HiddenLayer) -> Bool {
        switch self {
        case .all: layer.index >= 0
        case .these(let layers): layers.contains(layer)
        }
    }

    /// - Throws: of a layer that isn't there, and of two names of one.
    func check(layerCount: Int) throws(Diagnostic) {
        var names: [Int: HiddenLayer] = [:]
        for layer in layers(of: layerCount) {
            let number = try layer.resolved(layerCount: layerCount)
            if let other = names.updateValue(layer, forKey: number) {
                throw Diagnostic(
                    "the hidden layers \(other) and \(layer) are the same in a model of \(layerCount) layers")
            }
        }
    }
}

extension ConfigNode {
    /// `all`, or a list of hidden layers, in which `2..8` stands for each from the first to the last.
    func scoredLayers() throws(Diagnostic) -> ScoredLayers {
        if case .text("all") = content { return .all }
        guard isList || isRange else { throw expected("all, or a list of hidden layers such as [2, 4..8, -1]") }
        var layers: [HiddenLayer] = []
        for item in isList ? try distinctItems(RunKey.layersName) : [self] {
            for node in try item.expandingRange() {
                let layer = HiddenLayer(try node.integer())
                guard !layers.contains(layer) else {
                    throw Diagnostic(
                        "hidden layer \(layer) stands twice among the \(RunKey.layersName)", at: node.location)
                }
                layers.append(layer)
            }
        }
        return .these(layers)
    }

    private var isRange: Bool { if case .text(let text) = content { text.contains("..") } else { false } }
}

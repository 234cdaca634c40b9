import Diagnostics
import Embedding
import Models
import Numerics

/// One run as an experiment declares it: one embedding method on one backbone.
public struct RunSpec: Hashable, Sendable {
    public var name: String
    public let model: ModelReference
    public var method: EmbeddingMethod
    /// How the backbone's linear maps are computed.
    public let linear: LinearMaker
    /// Whether it stands for a run of each hidden layer.
    public var scoresAllLayers: Bool
    /// The shared prompt that gave the template, where one did.
    public let promptName: String?
    /// Where the run itself is declared.
    public let location: SourceLocation
    /// Where the value of each run key was written; keys left to their default are absent.
    public let locations: [String: SourceLocation]

    /// Checks what needs the model's depth: that the hidden layer and each layer of the attention plan exist.
    ///
    /// - Throws: `ConfigProblems`, at the lines that say those layers.
    public func check(layerCount: Int) throws {
        var problems = ConfigProblems()
        try problems.collect {
            try locating("layer") { () throws(Diagnostic) in try method.layer.resolved(layerCount: layerCount) }
        }
        try problems.collect {
            try locating("bidirectional") { () throws(Diagnostic) in
                try method.attention.bidirectionalLayers(layerCount: layerCount)
            }
        }
        try problems.throwIfAny()
        try problems.collect {
            try locating("prepend_layers") { () throws(Diagnostic) in try method.check(layerCount: layerCount) }
        }
        try problems.throwIfAny()
    }

    /// Itself, or a run of each hidden layer where it says `layers: all`: all are read from one forward pass.
    func expanded(layerCount: Int) -> [RunSpec] {
        guard scoresAllLayers else { return [self] }
        return (0...layerCount).map { layer in
            var run = self
            run.scoresAllLayers = false
            run.name += Self.layerWord + String(layer)
            run.method.layer = HiddenLayer(layer)
            return run
        }
    }

    /// Whether a run of this name comes of it: its own, or a layer's where it stands for one of each.
    func makes(_ name: String) -> Bool {
        let prefix = self.name + Self.layerWord
        guard scoresAllLayers else { return name == self.name }
        return name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
    }

    private static let layerWord = " layer "

    /// Gives an error of `check` the place where the key's value was written.
    private func locating<R>(_ key: String, _ check: () throws(Diagnostic) -> R) throws(Diagnostic) -> R {
        do {
            return try check()
        } catch {
            throw Diagnostic(error.message, at: locations[key] ?? location, suggestion: error.suggestion)
        }
    }
}

import Diagnostics
import Models

/// A method on a model of some kind and depth: what its layers are.
public struct ResolvedMethod: Hashable, Sendable {
    /// With an attention plan that is `native` nowhere.
    public let method: EmbeddingMethod
    public let layerCount: Int
    /// From 0, the embedding layer's output, to the number of layers: after the final norm.
    public let hiddenLayer: Int
    /// Ascending, those above the hidden layer too.
    public let bidirectionalLayers: [Int]
    /// Whether the model's layers are bidirectional whatever the plan.
    private(set) var isEncoder = false
    /// What a pass reads for it where prompts end in what is pooled.
    let readout: Readout

    /// What a pass over these prompts reads for it.
    func readout(of prompts: Prompts) -> Readout { prompts.endsBehindPooled ? readout.reading(.all) : readout }

    /// What the bidirectional layers are that have a part in the vector.
    var computedBidirectionalLayers: [Int] { bidirectionalLayers.filter { $0 < hiddenLayer } }

    /// - Throws: where the model has no such layer, or an encoder's layers are to be causal.
    public init(_ method: EmbeddingMethod, _ shape: BackboneShape) throws(Diagnostic) {
        var method = method
        method.attention = method.attention.settled(isEncoder: shape.isEncoder)
        try self.init(method, layerCount: shape.layerCount)
        isEncoder = shape.isEncoder
    }

    /// On a decoder.
    ///
    /// - Throws: where the model has no such layer.
    public init(_ method: EmbeddingMethod, layerCount: Int) throws(Diagnostic) {
        var method = method
        method.attention = method.attention.settled(isEncoder: false)
        (self.method, self.layerCount) = (method, layerCount)
        hiddenLayer = try method.layer.resolved(layerCount: layerCount)
        bidirectionalLayers = try method.attention.bidirectionalLayers(layerCount: layerCount)
        readout = try method.readout(layerCount: layerCount)
    }

    /// What an embedding's bits depend on besides backbone and token ids, a line a field.
    public var cacheLines: [String] { MethodField.all.compactMap { $0.cacheLine(self) } }

    /// The whole method, a line a field: for the digest of what is made under it.
    public var lines: [String] {
        MethodField.all.map { $0.cacheLine(self) ?? "\($0.name) \($0.value(method).plain)" }
    }

    /// The method with its layers counted out: the same for two methods whose plans mean the same layers of this model. What
    /// lies above the hidden layer belongs to a plan, though it changes nothing.
    public var countedOut: EmbeddingMethod {
        var method = method
        (method.layer, method.attention) = (HiddenLayer(hiddenLayer), .layers(bidirectionalLayers))
        return method
    }
}

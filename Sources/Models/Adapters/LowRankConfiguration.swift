import Diagnostics

/// Which linear maps get a low-rank adapter, and of what size. LoRA, arXiv 2106.09685.
public struct LowRankConfiguration: Hashable, Sendable {
    public var rank: Int
    public var alpha: Float
    /// The chance of each of an adapter's inputs to be left out in a step of training; embeddings leave out none.
    public var dropout: Float
    /// Whether B A is scaled by alpha / √rank, not alpha / rank. arXiv 2312.03732.
    public var scalesBySquareRoot: Bool
    /// In `Projection`'s order.
    public var targets: [Projection]
    /// The layers that have adapters, ascending; nil for all.
    public var layers: [Int]?

    public init(
        rank: Int = 16, alpha: Float = 32, dropout: Float = 0, targets: Set<Projection> = Set(Projection.allCases),
        layers: [Int]? = nil
    ) {
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        scalesBySquareRoot = false
        self.targets = Projection.allCases.filter(targets.contains)
        self.layers = layers.map { Set($0).sorted() }
    }

    /// What B A is multiplied by.
    public var scale: Float { alpha / (scalesBySquareRoot ? Float(rank).squareRoot() : Float(rank)) }

    /// The adapted layers of a model.
    ///
    /// - Throws: where the model has no such layer.
    func layers(of layerCount: Int) throws(Diagnostic) -> [Int] {
        guard let layers else { return Array(0..<layerCount) }
        for layer in layers where !(0..<layerCount).contains(layer) {
            throw Diagnostic("cannot adapt layer \(layer): the model has \(layerCount) layers, 0…\(layerCount - 1)")
        }
        return layers
    }
}

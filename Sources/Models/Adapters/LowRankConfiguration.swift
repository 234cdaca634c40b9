import Diagnostics

/// Which linear maps get a low-rank adapter, and of what size (LoRA, arXiv 2106.09685), and which are trained whole.
public struct LowRankConfiguration: Hashable, Sendable {
    public var rank: Int
    public var alpha: Float
    /// The chance of each of an adapter's inputs to be left out in a step of training; embeddings leave out none.
    public var dropout: Double
    /// Whether B A is scaled by alpha / √rank, not alpha / rank. arXiv 2312.03732.
    public var scalesBySquareRoot: Bool
    /// In `Projection`'s order.
    public var targets: [Projection]
    /// The layers that have adapters, ascending; nil for all.
    public var layers: [Int]?
    /// The linear maps that are trained whole, by their names' last parts, as PEFT's `modules_to_save`: `down_proj`, or
    /// `layers.29.mlp.down_proj`.
    public var modulesToSave: [String] = []

    public init(
        rank: Int = 16, alpha: Float = 32, dropout: Double = 0, targets: Set<Projection> = Set(Projection.allCases),
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

    /// How each linear map of a model is trained, in the order of layers; frozen ones are left out.
    ///
    /// - Throws: where a layer doesn't exist, a name is no linear map's, or a map would be trained in both ways.
    func trainedMaps(layerCount: Int) throws(Diagnostic) -> [(layer: Int, projection: Projection, isWhole: Bool)] {
        let lowRank = Set(try layers(of: layerCount))
        for name in modulesToSave where !(0..<layerCount).contains(where: { savesAny(of: $0, name) }) {
            throw Diagnostic.unknown(
                "linear map", name,
                among: Projection.allCases.map { "layers.\(layerCount - 1).\($0.block).\($0.rawValue)" })
        }
        var maps: [(layer: Int, projection: Projection, isWhole: Bool)] = []
        for layer in 0..<layerCount {
            for projection in Projection.allCases {
                let isWhole = modulesToSave.contains { Self.isNamed(projection, layer: layer, $0) }
                let isLowRank = lowRank.contains(layer) && targets.contains(projection)
                if isWhole && isLowRank {
                    throw Diagnostic(
                        "\(projection.name(layer: layer)) would be trained both whole and by low-rank factors",
                        suggestion: "leave \(projection.rawValue) out of targets, or its layer out of layers")
                }
                if isWhole || isLowRank { maps.append((layer, projection, isWhole)) }
            }
        }
        return maps
    }

    /// How many linear maps of a model are trained whole.
    public func wholeCount(layerCount: Int) -> Int {
        ((try? trainedMaps(layerCount: layerCount)) ?? []).count { $0.isWhole }
    }

    private func savesAny(of layer: Int, _ name: String) -> Bool {
        Projection.allCases.contains { Self.isNamed($0, layer: layer, name) }
    }

    private static func isNamed(_ projection: Projection, layer: Int, _ name: String) -> Bool {
        ".\(projection.name(layer: layer))".hasSuffix(".\(name)")
    }
}

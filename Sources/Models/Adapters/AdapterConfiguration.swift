import Diagnostics

/// Which linear maps get a low-rank adapter, and of what size (LoRA, arXiv 2106.09685), and which modules are trained
/// whole.
public struct AdapterConfiguration: Hashable, Sendable {
    /// What is trained of a model.
    public enum Targets: Hashable, Sendable {
        /// Low-rank factors of every linear map of a layer.
        case all
        /// Low-rank factors of the linear maps of these names: the last parts of a module's path, as PEFT matches them.
        case named([String])
        /// The whole model: every linear map with its bias, norms, embeddings, positions.
        case full
    }

    public var rank: Int
    public var alpha: Float
    /// The chance of each of an adapter's inputs to be left out in a step of training; embeddings leave out none.
    public var dropout: Double
    /// Whether B A is scaled by alpha / √rank, not alpha / rank. arXiv 2312.03732.
    public var scalesBySquareRoot = false
    public var targets: Targets
    /// The layers that have low-rank factors, ascending; nil for all.
    public var layers: [Int]?
    /// The modules that are trained whole, by their paths' last parts, as PEFT's `modules_to_save`: `down_proj`, or
    /// `layers.29.mlp.down_proj`.
    public var modulesToSave: [String] = []

    public init(
        rank: Int = 16, alpha: Float = 32, dropout: Double = 0, targets: Targets = .all, layers: [Int]? = nil
    ) {
        (self.rank, self.alpha, self.dropout, self.targets) = (rank, alpha, dropout, targets)
        self.layers = layers.map { Set($0).sorted() }
    }

    /// What B A is multiplied by.
    public var scale: Float { alpha / (scalesBySquareRoot ? Float(rank).squareRoot() : Float(rank)) }

    /// Whether nothing is trained.
    public var isEmpty: Bool { targets == .named([]) && modulesToSave.isEmpty }

    /// Whether low-rank factors are all that is trained, and so nothing outside of ``layers``.
    package var isOfLayersAlone: Bool { targets != .full && modulesToSave.isEmpty }

    /// Whether linear maps get low-rank factors.
    package var hasLowRankFactors: Bool { targets != .full && targets != .named([]) }

    /// What is trained, in short.
    public var title: String {
        switch targets {
        case .full: "the whole model"
        case .named([]): "whole modules"
        case .all, .named: "LoRA of rank \(rank)" + (modulesToSave.isEmpty ? "" : " and whole modules")
        }
    }

    /// - Throws: where all of the model is trained, and parts of it are named beside; where layers of no low-rank factors are
    ///   named.
    package func check() throws(Diagnostic) {
        guard targets != .named([]) || layers == nil else {
            throw Diagnostic(
                "layers says which layers get low-rank factors, and targets: none gives none; expected layers: all",
                suggestion: "name a layer's modules in modules_to_save by their paths, such as layers.1.mlp.down_proj",
                subject: "layers")
        }
        guard targets != .full || (layers == nil && modulesToSave.isEmpty) else {
            throw Diagnostic(
                "targets: full trains every module of every layer; expected no layers and no modules_to_save beside it")
        }
    }

    /// The layers of a model that have low-rank factors.
    ///
    /// - Throws: where the model has no such layer.
    package func layers(of layerCount: Int) throws(Diagnostic) -> [Int] {
        guard let layers else { return Array(0..<layerCount) }
        for layer in layers where !(0..<layerCount).contains(layer) {
            throw Diagnostic("cannot adapt layer \(layer): the model has \(layerCount) layers, 0…\(layerCount - 1)")
        }
        return layers
    }
}

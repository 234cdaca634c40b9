import Diagnostics
import Numerics

/// Changes to a backbone's linear maps: low-rank factors, as LoRA trains them, or whole trained maps.
public struct Adapter: Sendable {
    public let configuration: LowRankConfiguration
    public let layout: ParameterLayout
    /// [1, parameters]
    public let values: FrozenMatrix

    public init(configuration: LowRankConfiguration, layout: ParameterLayout, values: FrozenMatrix) {
        precondition(values.rows == 1 && values.columns == layout.count)
        self.configuration = configuration
        self.layout = layout
        self.values = values
    }

    /// A layer's part.
    ///
    /// - Parameter weight: a linear map's weights in the backbone, of those that are trained whole
    func layer(_ index: Int, weight: (Projection) throws -> Matrix) rethrows -> LayerAdapter {
        var layer = LayerAdapter()
        for projection in Projection.allCases {
            guard let place = layout[Self.wholeName(layer: index, projection)] else { continue }
            let difference = values.view(from: place.offset, rows: place.rows, columns: place.columns).copy()
            let weight = try weight(projection)
            for row in 0..<place.rows { Kernels.add(weight, row: row, scale: -1, to: difference, row: row) }
            layer.wholes[projection] = LayerAdapter.Whole(difference: FrozenMatrix(freezing: difference), place: place)
        }
        for projection in configuration.targets { layer.parts[projection] = lowRank(layer: index, projection) }
        return layer
    }

    private func lowRank(layer index: Int, _ projection: Projection) -> LayerAdapter.LowRank? {
        let names = Self.names(layer: index, projection)
        guard let a = layout[names.a], let b = layout[names.b] else { return nil }
        return LayerAdapter.LowRank(
            a: values.view(from: a.offset, rows: a.rows, columns: a.columns),
            b: values.view(from: b.offset, rows: b.rows, columns: b.columns),
            scale: configuration.scale, aPlace: a, bPlace: b)
    }

    /// The lowest layer that it changes.
    public var lowestLayer: Int { layout.names.compactMap(Self.layer(ofTensor:)).min() ?? 0 }

    /// Whether it changes the embedding layer: the gradient of the first layer's input is needed then.
    public var trainsEmbeddings: Bool { false }

    /// Adds scale · B A to a linear map's weights, or puts the trained ones in their place.
    ///
    /// - Parameter weight: [outputs, inputs]
    func merge(layer index: Int, _ projection: Projection, into weight: Matrix) {
        if let place = layout[Self.wholeName(layer: index, projection)] {
            weight.assign(values.view(from: place.offset, rows: place.rows, columns: place.columns).copy())
        }
        guard let part = lowRank(layer: index, projection) else { return }
        MatrixProduct.multiply(part.b.factor, part.a.factor, into: weight, scale: part.scale, accumulating: true)
    }

    /// Checks that it was made for a model of these sizes.
    func check(
        layerCount: Int, size: (Projection) -> (inputs: Int, outputs: Int)
    ) throws(Diagnostic) {
        let expected = try ParameterLayout(of: configuration, layerCount: layerCount, size: size)
        for name in expected.names {
            guard let place = layout[name] else { throw Diagnostic("the adapter has no tensor \"\(name)\"") }
            guard let wanted = expected[name], (place.rows, place.columns) == (wanted.rows, wanted.columns) else {
                throw Diagnostic(
                    "the adapter was made for another model: \"\(name)\" has the shape "
                        + "\([place.rows, place.columns]), expected "
                        + "\([expected[name]?.rows ?? 0, expected[name]?.columns ?? 0])")
            }
        }
        for name in layout.names where expected[name] == nil {
            throw Diagnostic("the adapter was made for another model: it has \"\(name)\"")
        }
    }

    /// The names that PEFT gives the two factors.
    static func names(layer: Int, _ projection: Projection) -> (a: String, b: String) {
        let prefix = namePrefix + projection.name(layer: layer)
        return (prefix + ".lora_A.weight", prefix + ".lora_B.weight")
    }

    /// The name that PEFT gives a map that is trained whole.
    static func wholeName(layer: Int, _ projection: Projection) -> String {
        namePrefix + projection.name(layer: layer) + ".weight"
    }

    private static let namePrefix = "base_model.model."

    private static func layer(ofTensor name: String) -> Int? {
        name.firstMatch(of: /\.layers\.(\d+)\./).flatMap { Int($0.1) }
    }
}

extension Projection {
    /// The part of a layer that it belongs to, in Hugging Face's names.
    public var block: String {
        switch self {
        case .query, .key, .value, .output: "self_attn"
        case .gate, .up, .down: "mlp"
        }
    }

    /// In Hugging Face's names.
    func name(layer: Int) -> String { "model.layers.\(layer).\(block).\(rawValue)" }
}

/// A backbone that low-rank adapters can change, and be trained in.
public protocol AdaptableBackbone: Backbone {
    /// The inputs and outputs of a linear map.
    func size(of projection: Projection) -> (inputs: Int, outputs: Int)

    /// Floats that a recorded pass keeps of each row in each layer.
    var recordedColumns: Int { get }

    /// A linear map's weights, without any adapter: [outputs, inputs].
    func weight(layer: Int, _ projection: Projection) throws -> Matrix

    /// The backbone with an adapter applied on the fly, instead of the one that it had.
    ///
    /// - Parameter adapter: made for this backbone
    /// - Throws: where weights can't be read.
    func adapted(by adapter: Adapter) throws -> any AdaptableBackbone

    /// Adds the gradients of what `embed` reads, given that of its result; nothing where it isn't trained.
    ///
    /// - Parameters:
    ///   - gradient: [tokens, hiddenSize]; overwritten
    ///   - tokens, positions: what `embed` was called with
    func embedBackward(
        _ gradient: Matrix, tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, gradients: Gradients)

    /// Adds the gradient of `applyFinalNorm`'s rows, given that of its result, and the norm's own where it is trained.
    func applyFinalNormBackward(
        to rows: Matrix, gradient: Matrix, into rowsGradient: Matrix, gradients: Gradients)
}

extension AdaptableBackbone {
    /// The parameters of an adapter to this backbone.
    ///
    /// - Throws: where a layer doesn't exist.
    public func parameterLayout(of configuration: LowRankConfiguration) throws(Diagnostic) -> ParameterLayout {
        try ParameterLayout(of: configuration, layerCount: layerCount, size: size(of:))
    }

    /// Puts the backbone's weights in the place of the maps that are trained whole, where their training begins.
    ///
    /// - Parameter values: [1, parameters], of the layout of a configuration of this backbone
    public func fillWhole(_ values: Matrix, _ layout: ParameterLayout) throws {
        for layer in 0..<layerCount {
            for projection in Projection.allCases {
                guard let place = layout[Adapter.wholeName(layer: layer, projection)] else { continue }
                values.view(from: place.offset, rows: place.rows, columns: place.columns)
                    .assign(try weight(layer: layer, projection))
            }
        }
    }
}

extension ParameterLayout {
    init(
        of configuration: LowRankConfiguration, layerCount: Int, size: (Projection) -> (inputs: Int, outputs: Int)
    ) throws(Diagnostic) {
        self.init()
        for (layer, projection, isWhole) in try configuration.trainedMaps(layerCount: layerCount) {
            let (names, size) = (Adapter.names(layer: layer, projection), size(projection))
            if isWhole {
                append(Adapter.wholeName(layer: layer, projection), rows: size.outputs, columns: size.inputs)
            } else {
                append(names.a, rows: configuration.rank, columns: size.inputs)
                append(names.b, rows: size.outputs, columns: configuration.rank)
            }
        }
    }
}

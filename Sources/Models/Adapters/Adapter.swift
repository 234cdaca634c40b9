import Diagnostics
import Numerics

/// Low-rank changes to a backbone's linear maps: what LoRA trains.
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
    func layer(_ index: Int) -> LayerAdapter {
        var layer = LayerAdapter()
        for projection in configuration.targets {
            let names = Self.names(layer: index, projection)
            guard let a = layout[names.a], let b = layout[names.b] else { continue }
            layer.parts[projection] = LayerAdapter.LowRank(
                a: values.view(from: a.offset, rows: a.rows, columns: a.columns),
                b: values.view(from: b.offset, rows: b.rows, columns: b.columns),
                scale: configuration.scale, aPlace: a, bPlace: b)
        }
        return layer
    }

    /// Adds scale · B A to a linear map's weights.
    ///
    /// - Parameter weight: [outputs, inputs]
    func merge(layer index: Int, _ projection: Projection, into weight: Matrix) {
        guard let part = layer(index).parts[projection] else { return }
        MatrixProduct.multiply(part.b.factor, part.a.factor, into: weight, scale: part.scale, accumulating: true)
    }

    /// Checks that it was made for a model of these sizes.
    func check(
        layerCount: Int, size: (Projection) -> (inputs: Int, outputs: Int)
    ) throws(Diagnostic) {
        for layer in try configuration.layers(of: layerCount) {
            for projection in configuration.targets {
                let (names, size) = (Self.names(layer: layer, projection), size(projection))
                for (name, shape) in [
                    (names.a, [configuration.rank, size.inputs]), (names.b, [size.outputs, configuration.rank]),
                ] {
                    guard let place = layout[name] else { throw Diagnostic("the adapter has no tensor \"\(name)\"") }
                    guard [place.rows, place.columns] == shape else {
                        throw Diagnostic(
                            "the adapter was made for another model: \"\(name)\" has the shape "
                                + "\([place.rows, place.columns]), expected \(shape)")
                    }
                }
            }
        }
    }

    /// The names that PEFT gives the two factors.
    static func names(layer: Int, _ projection: Projection) -> (a: String, b: String) {
        let prefix = "base_model.model.model.layers.\(layer).\(projection.block).\(projection.rawValue)"
        return (prefix + ".lora_A.weight", prefix + ".lora_B.weight")
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
}

/// A backbone that low-rank adapters can change, and be trained in.
public protocol AdaptableBackbone: Backbone {
    /// The inputs and outputs of a linear map.
    func size(of projection: Projection) -> (inputs: Int, outputs: Int)

    /// Floats that a recorded pass keeps of each row in each layer.
    var recordedColumns: Int { get }

    /// The backbone with an adapter applied on the fly, instead of the one that it had.
    ///
    /// - Parameter adapter: made for this backbone
    func adapted(by adapter: Adapter) -> any AdaptableBackbone

    /// Adds the gradient of `applyFinalNorm`'s rows, given that of its result.
    func applyFinalNormBackward(to rows: Matrix, gradient: Matrix, into rowsGradient: Matrix)
}

extension AdaptableBackbone {
    /// The parameters of an adapter to this backbone.
    ///
    /// - Throws: where a layer doesn't exist.
    public func parameterLayout(of configuration: LowRankConfiguration) throws(Diagnostic) -> ParameterLayout {
        var layout = ParameterLayout()
        for layer in try configuration.layers(of: layerCount) {
            for projection in configuration.targets {
                let (names, size) = (Adapter.names(layer: layer, projection), size(of: projection))
                layout.append(names.a, rows: configuration.rank, columns: size.inputs)
                layout.append(names.b, rows: size.outputs, columns: configuration.rank)
            }
        }
        return layout
    }
}

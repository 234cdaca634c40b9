import Diagnostics
import Numerics

/// Changes to a backbone's modules: low-rank factors of linear maps, as LoRA trains them, or whole trained modules.
public struct Adapter: Sendable {
    public let configuration: AdapterConfiguration
    public let layout: ParameterLayout
    /// [1, parameters]
    public let values: FrozenMatrix
    /// Modules of its file that no embedding reads, such as `lm_head`.
    package internal(set) var heads: [String] = []
    /// Its file's configuration; nil where it is of this process.
    var said: PEFTModules?

    public init(configuration: AdapterConfiguration, layout: ParameterLayout, values: FrozenMatrix) {
        precondition(values.rows == 1 && values.columns == layout.count)
        self.configuration = configuration
        self.layout = layout
        self.values = values
    }

    /// The lowest layer that it changes.
    public var lowestLayer: Int { layout.lowestLayer }

    /// Whether it changes the embedding layer: the gradient of the first layer's input is needed then.
    public var trainsEmbeddings: Bool { layout.trainsEmbeddings }

    /// A parameter's values, and where they and their gradient stand; nil where it isn't trained.
    func parameter(_ name: String) -> (values: FrozenMatrix, place: ParameterPlace)? {
        layout[name].map { (values.view(from: $0.offset, rows: $0.rows, columns: $0.columns), $0) }
    }

    /// - Parameter module: the name in front of the factors'
    func lowRank(_ module: String) -> MapChange.LowRank? {
        guard let a = parameter(module + ".lora_A.weight"), let b = parameter(module + ".lora_B.weight")
        else { return nil }
        return MapChange.LowRank(
            a: a.values, b: b.values, scale: configuration.scale, aPlace: a.place, bPlace: b.place)
    }

    /// Adds scale · B A to a linear map's weights.
    ///
    /// - Parameter weight: [outputs, inputs]
    func mergeLowRank(_ module: String, into weight: Matrix) {
        guard let part = lowRank(module) else { return }
        MatrixProduct.multiply(part.b.factor, part.a.factor, into: weight, scale: part.scale, accumulating: true)
    }

    /// A module's path behind the number of its layer, or behind PEFT's prefix.
    static func pathInLayer(_ name: some StringProtocol) -> String {
        let parts = name.split(separator: ".")
        if let number = parts.firstIndex(where: { Int($0) != nil }) {
            return parts.dropFirst(number + 1).joined(separator: ".")
        }
        return name.hasPrefix(BackboneModules.namePrefix)
            ? String(name.dropFirst(BackboneModules.namePrefix.count)) : String(name)
    }

    /// The layer in a tensor's name: what the first number between two dots says.
    package static func layer(ofTensor name: String) -> Int? {
        name.split(separator: ".").lazy.compactMap { Int($0) }.first
    }
}

extension Adapter {
    /// The adapter with the names and in the order that a backbone has for its modules.
    ///
    /// - Parameter recipe: what is trained of the model, where a file says it in other words: a file of a whole model lists
    ///   its modules. Nil for what the adapter says.
    /// - Throws: where it was made for another model.
    package func fitted(
        to modules: BackboneModules, as recipe: AdapterConfiguration? = nil
    ) throws(Diagnostic) -> Adapter {
        let canonical = modules.canonicalNames()
        let adapted = Set(layout.names.compactMap { canonical[$0].flatMap(modules.adaptedPath) })
        let saved = Set(layout.names.compactMap { canonical[$0].flatMap(modules.savedPath) })
        var configuration = recipe ?? configuration
        if recipe == nil {
            if let said {
                try said.check(configuration, adapting: adapted, saving: saved, of: modules)
                configuration.modulesToSave = modules.names(ofSaved: saved, said: configuration.modulesToSave)
            } else {
                _ = try modules.trained(by: configuration)
            }
            if configuration.targets != .full {
                (configuration.targets, configuration.layers) = modules.naming(adapted)
            }
        }
        var own: [String: ParameterPlace] = [:]
        for name in layout.names {
            guard let known = canonical[name], own[known] == nil else {
                throw Diagnostic("the adapter was made for another model: it has \"\(name)\"")
            }
            own[known] = layout[name]
        }
        let expected = try modules.parameterLayout(of: configuration)
        let fitted = Matrix(rows: 1, columns: expected.count)
        for name in expected.names {
            guard let place = own.removeValue(forKey: name) else {
                throw Diagnostic("the adapter has no tensor \"\(name)\"")
            }
            guard let wanted = expected[name], place.shape == wanted.shape else {
                throw Diagnostic(
                    "the adapter was made for another model: \"\(name)\" has the shape \(place.shape), expected "
                        + "\(expected[name]?.shape ?? [])")
            }
            let target = fitted.view(from: wanted.offset, rows: wanted.rows, columns: wanted.columns)
            let source = values.view(from: place.offset, rows: place.rows, columns: place.columns)
            for row in 0..<wanted.rows { target.assign(row: row, from: source, row: row) }
        }
        if let left = own.keys.sorted().first {
            throw Diagnostic("the adapter was made for another model: it has \"\(left)\"")
        }
        return Adapter(configuration: configuration, layout: expected, values: FrozenMatrix(freezing: fitted))
    }
}

import Diagnostics
import Numerics

/// What can be measured of the linear maps that adapters change, on a probe's way back through the model.
public enum MapQuantity: String, CaseIterable, Sendable {
    /// ∂ℓ / ∂W, [outputs, inputs]
    case gradient
    /// Σ x xᵀ of the inputs that the map gets, [inputs, inputs]: a row a token, those of shared beginnings once
    case gram

    var suffix: String { ".\(rawValue)" }
}

/// An adapter whose gradient has, behind that of its own parameters, what is measured of some linear maps.
public struct MeasuringAdapter: Sendable {
    public let adapter: Adapter
    public let quantity: MapQuantity
    /// The maps, by the names in front of their factors, in the order of the model.
    public let maps: [String]
    /// Where what is measured begins.
    private let start: Int

    /// - Parameters:
    ///   - adapter: of low-rank factors, fitted to the backbone
    ///   - changed: the adapters whose maps are looked at, fitted to it too
    init(_ adapter: Adapter, measuring quantity: MapQuantity, of changed: [Adapter], on modules: BackboneModules) {
        var layout = adapter.layout
        start = layout.count
        let measured = Self.places(of: quantity, changed, on: modules)
        for map in measured { layout.append(map.name + quantity.suffix, rows: map.rows, columns: map.columns) }
        let values = Matrix(rows: 1, columns: layout.count)
        values[columns: 0..<start].assign(adapter.values.copy())
        self.adapter = Adapter(
            configuration: adapter.configuration, layout: layout, values: FrozenMatrix(freezing: values))
        self.quantity = quantity
        maps = measured.map(\.name)
    }

    /// The maps that some adapters change, and what is measured of each: [rows, columns].
    static func places(
        of quantity: MapQuantity, _ changed: [Adapter], on modules: BackboneModules
    ) -> [(name: String, rows: Int, columns: Int)] {
        let paths = Set(changed.flatMap(\.layout.names).compactMap(modules.adaptedPath))
        return modules.all.filter { paths.contains($0.path) }.map { map in
            let inputs = map.module.inputs
            return (modules.name(of: map.path), quantity == .gradient ? map.module.outputs : inputs, inputs)
        }
    }

    /// How many numbers are measured.
    public var count: Int { adapter.layout.count - start }

    /// The gradient of the adapter's own parameters.
    ///
    /// - Parameter gradient: [1, parameters and what is measured]
    public func own(_ gradient: Matrix) -> Matrix { gradient.view(from: 0, rows: 1, columns: start) }

    /// What was measured.
    ///
    /// - Parameter gradient: [1, parameters and what is measured]
    public func measured(_ gradient: Matrix) -> Matrix { gradient.view(from: start, rows: 1, columns: count) }

    /// The numbers of a map, row by row.
    ///
    /// - Parameter sums: [1, count], in the order of what is measured
    func numbers(of map: String, in sums: FrozenMatrix) -> [Float] {
        guard let place = adapter.layout[map + quantity.suffix] else { return [] }
        return sums.view(from: place.offset - start, rows: 1, columns: place.count).array(row: 0)
    }
}

/// What a probe says of each adapter that is merged.
public struct MergeProbe: Sendable {
    public let adapters: [MeasuringAdapter]
    /// Of each adapter [1, its count]: sums of squares of a gradient, or of products of inputs.
    private let sums: [FrozenMatrix]

    /// - Parameter sums: of each adapter
    public init(_ adapters: [MeasuringAdapter], sums: [FrozenMatrix]) {
        precondition(adapters.count == sums.count && zip(adapters, sums).allSatisfy { $0.count == $1.columns })
        (self.adapters, self.sums) = (adapters, sums)
    }

    /// For each adapter what was measured of a map, row by row.
    func numbers(of map: String) -> [[Float]] { zip(adapters, sums).map { $0.numbers(of: map, in: $1) } }
}

extension AdapterMerge {
    /// The adapters, each with what its probe is to measure of all maps that one of them changes.
    ///
    /// - Parameter modules: of the backbone
    /// - Throws: where one was made for another model, or changes more than linear maps by low-rank factors
    public func measuring(_ adapters: [Adapter], on modules: BackboneModules) throws(Diagnostic) -> [MeasuringAdapter] {
        guard let quantity = method.quantity else { preconditionFailure("a merge that needs no probe") }
        let fitted = try Self.fitted(adapters, to: modules)
        return fitted.map { MeasuringAdapter($0, measuring: quantity, of: fitted, on: modules) }
    }

    /// How many numbers a probe measures of each adapter.
    ///
    /// - Throws: as `measuring`
    public func measuredCount(of adapters: [Adapter], on modules: BackboneModules) throws(Diagnostic) -> Int {
        guard let quantity = method.quantity else { return 0 }
        return MeasuringAdapter.places(of: quantity, try Self.fitted(adapters, to: modules), on: modules)
            .reduce(0) { $0 + $1.rows * $1.columns }
    }
}

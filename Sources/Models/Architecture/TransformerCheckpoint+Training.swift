import Diagnostics
import Numerics

/// What training begins with, and what it adds to packed weights.
extension TransformerCheckpoint {
    /// The backbone's own values of a parameter that is trained whole, as modules have it.
    func fillWhole(_ values: Matrix, _ layout: ParameterLayout) throws {
        for placed in blueprint.modules.all {
            let name = blueprint.modules.name(of: placed.path)
            guard let place = layout[name + ".weight"] else { continue }
            func view(_ place: ParameterPlace) -> Matrix {
                values.view(from: place.offset, rows: place.rows, columns: place.columns)
            }
            let stored = try stored(placed)
            view(place).assign(stored.weight)
            if let place = layout[name + ".bias"], let bias = stored.bias { view(place).assign(bias) }
        }
    }

    /// What the adapter adds to the maps of a stack.
    ///
    /// - Parameter hasTrainedWeights: whether the stack was packed with the weights of maps that are trained whole
    func changes(
        of stack: MapStack, ofLayer index: Int, hasTrainedWeights: Bool
    ) throws -> [MapChange] {
        var (changes, start) = ([MapChange](), 0)
        for (number, part) in blueprint.tensors.layer.parts(of: stack).enumerated() {
            let rows = part.rows.map { range in
                defer { start += range.count }
                return MapChange.Rows(map: range, stack: start..<start + range.count)
            }
            let change = try change(part.map, ofLayer: index, hasTrainedWeights: hasTrainedWeights)
            let measured = measured(part.map, ofLayer: index)
            for kind in [change, measured].compactMap(\.self) {
                changes.append(MapChange(slot: .init(stack: stack, part: number), rows: rows, kind: kind))
            }
        }
        return changes
    }

    private func measured(_ map: TransformerTensors.Map, ofLayer index: Int) -> MapChange.Kind? {
        let name = blueprint.modules.name(of: blueprint.tensors.path(map.path, layer: index))
        for quantity in MapQuantity.allCases {
            guard let place = adapter?.layout[name + quantity.suffix] else { continue }
            return .measured(MapChange.Measured(quantity: quantity, place: place))
        }
        return nil
    }

    private func change(
        _ map: TransformerTensors.Map, ofLayer index: Int, hasTrainedWeights: Bool
    ) throws -> MapChange.Kind? {
        guard let adapter else { return nil }
        let name = blueprint.modules.name(of: blueprint.tensors.path(map.path, layer: index))
        if let part = adapter.lowRank(name) { return .lowRank(part) }
        guard let weight = adapter.parameter(name + ".weight") else { return nil }
        let bias = map.hasBias ? adapter.parameter(name + ".bias") : nil
        var whole = MapChange.Whole(place: weight.place, biasPlace: bias?.place, isTransposed: map.isTransposed)
        guard !hasTrainedWeights else { return .whole(whole) }
        let difference = map.isTransposed ? weight.values.copy().transposedCopy() : weight.values.copy()
        let stored = Matrix(rows: map.outputs, columns: map.inputs)
        try decodeStored(map, layer: index, into: stored)
        difference.subtract(stored)
        whole.difference = FrozenMatrix(freezing: difference)
        if let bias {
            let difference = bias.values.copy()
            difference.subtract(try storedBias(map, layer: index))
            whole.biasDifference = FrozenMatrix(freezing: difference)
        }
        return .whole(whole)
    }
}

extension Matrix {
    fileprivate func subtract(_ other: Matrix) {
        for row in 0..<rows { Kernels.add(other, row: row, scale: -1, to: self, row: row) }
    }
}

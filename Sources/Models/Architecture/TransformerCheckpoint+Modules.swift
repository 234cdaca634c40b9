import Diagnostics
import Numerics

/// Modules' parameters as the modules have them, whatever a file's format makes of them.
extension TransformerCheckpoint {
    struct ModuleValues {
        /// [rows, columns] of the module; a norm's is one row.
        var weight: Matrix
        /// [1, outputs]
        var bias: Matrix?
    }

    /// The backbone's own, without an adapter.
    func stored(_ placed: BackboneModules.Placed) throws -> ModuleValues {
        let module = placed.module
        switch module.kind {
        case .table:
            return ModuleValues(
                weight: try storedTable(module.path, rows: module.rows, columns: module.columns))
        case .norm:
            let stem = blueprint.tensors.storedName(module.path, layer: placed.layer)
            let (suffixes, tensors) = (blueprint.tensors.storage.normSuffixes, blueprint.tensors)
            let weight = try matrix(stem + suffixes.weight, rows: 1, columns: module.columns)
            // What files store may have the offset in it already.
            let offset = tensors.storedNormOffset - tensors.normOffset
            weight.assign(row: 0, from: weight.array(row: 0).map { $0 + offset })
            let bias = module.hasBias ? try matrix(stem + suffixes.bias, rows: 1, columns: module.columns) : nil
            return ModuleValues(weight: weight, bias: bias)
        case .linear(let isTransposed):
            let map = blueprint.tensors.layer.maps.first { $0.path == module.path }
            guard let layer = placed.layer, let map else {
                throw Diagnostic("expected the linear map \"\(placed.path)\" in a layer")
            }
            let weight = Matrix(rows: map.outputs, columns: map.inputs)
            try decodeStored(map, layer: layer, into: weight)
            let bias = module.hasBias ? try storedBias(map, layer: layer) : nil
            return ModuleValues(weight: isTransposed ? weight.transposedCopy() : weight, bias: bias)
        }
    }

    /// With the adapter's changes in them.
    func merged(_ placed: BackboneModules.Placed) throws -> ModuleValues {
        guard let adapter else { return try stored(placed) }
        let name = blueprint.modules.name(of: placed.path)
        if let whole = adapter.parameter(name + ".weight") {
            return ModuleValues(
                weight: whole.values.copy(), bias: adapter.parameter(name + ".bias")?.values.copy())
        }
        var values = try stored(placed)
        guard adapter.lowRank(name) != nil else { return values }
        let isTransposed = placed.module.kind == .linear(isTransposed: true)
        if isTransposed { values.weight = values.weight.transposedCopy() }
        adapter.mergeLowRank(name, into: values.weight)
        if isTransposed { values.weight = values.weight.transposedCopy() }
        return values
    }
}

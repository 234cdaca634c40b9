import Numerics
import Weights

/// Weights as they are stored, in the form that modules have them.
extension TransformerCheckpoint {
    /// A linear map's weights: [outputs, inputs].
    func decodeStored(_ map: TransformerTensors.Map, layer: Int, into weight: Matrix) throws {
        let name = blueprint.tensors.storedName(map.path, layer: layer) + ".weight"
        if blueprint.tensors.isStoredTransposed(map) {
            weight.assign(try matrix(name, rows: map.inputs, columns: map.outputs).transposedCopy())
        } else {
            try decode(name, into: weight)
        }
        if blueprint.tensors.storage.isGGUF, let heads = map.permutedHeads {
            undoRotaryPermutation(of: weight, heads: heads)
        }
    }

    func storedBias(_ map: TransformerTensors.Map, layer: Int) throws -> Matrix {
        try matrix(blueprint.tensors.storedName(map.path, layer: layer) + ".bias", rows: 1, columns: map.outputs)
    }

    func storedTable(_ path: String, rows: Int, columns: Int) throws -> Matrix {
        try matrix(blueprint.tensors.storedName(path, layer: nil) + ".weight", rows: rows, columns: columns)
    }

    func matrix(_ name: String, rows: Int, columns: Int) throws -> Matrix {
        let matrix = Matrix(rows: rows, columns: columns)
        try decode(name, into: matrix)
        return matrix
    }

    private func decode(_ name: String, into matrix: Matrix) throws {
        let tensor = try source.tensor(named: name)
        try matrix.withUnsafeMutableElements(rows: 0..<matrix.rows) { elements in
            try tensor.decode(rows: 0..<tensor.rows, into: elements)
        }
        tensor.forget()
    }

    private func undoRotaryPermutation(of weight: Matrix, heads: Int) {
        let half = weight.rows / heads / 2
        let stored = Matrix(rows: 2 * half, columns: weight.columns)
        for head in 0..<heads {
            let rows = weight[rows: head * 2 * half..<(head + 1) * 2 * half]
            stored.assign(rows)
            for i in 0..<half {
                rows.assign(row: i, from: stored, row: 2 * i)
                rows.assign(row: i + half, from: stored, row: 2 * i + 1)
            }
        }
    }
}

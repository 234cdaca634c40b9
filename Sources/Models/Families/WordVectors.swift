import Diagnostics
import Files
import Numerics
import Weights

/// Static vectors of words or tokens: a backbone without layers, whose hidden state of a token is its vector. Averaged, they
/// are the oldest baseline of sentence embeddings.
public struct WordVectors: Backbone {
    private let table: any VectorTable

    public init(_ table: any VectorTable) { self.table = table }

    public var shape: BackboneShape {
        // No position is learned; the limit keeps a chunk's memory bounded.
        BackboneShape(
            layerCount: 0, hiddenSize: table.dimensions, contextLength: 1 << 20, vocabularySize: table.count,
            keyValueColumns: 0, weightsPerLayer: 0, intermediateColumns: 2 * table.dimensions, isStatic: true)
    }

    public func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        for (row, token) in tokens.enumerated() {
            guard Int(token) < table.count else {
                throw Diagnostic("there is no vector \(token): the file has \(table.count)")
            }
            if token < 0 {
                out[rows: row..<row + 1].fill(0)
            } else {
                out.assign(row: row, from: try table.vector(Int(token)))
            }
        }
    }

    public func layer(_ index: Int) throws -> any TransformerLayer {
        throw Diagnostic("there is no layer \(index): word vectors have none")
    }

    public func applyFinalNorm(to rows: Matrix, into out: Matrix) { out.assign(rows) }
}

import Embedding
import Models
import Numerics

extension PassPlan {
    /// Memory for weights, intermediate results and embeddings, in bytes: what the pass takes beside what the process has
    /// before it.
    func bytes(workers: Int) -> Double {
        let shape = model.shape
        let averaged = runs.count { $0.averagesPrompts }
        let vectors = prompts.tokens.count * methods.count + rows.count * averaged
        // Streamed: the layer in use, one that a slower worker still uses, the next one, and the largest of its
        // matrices as it was before packing, about half a layer.
        let layers = isStreamed ? 3.5 * model.layerBytes(linear) : Double(model.residentBytes(linear))
        let weights = layers + Double(shape.endWeights * linear.bytesPerWeight)
        let states = isStreamed ? Double(4 * workload.tokensComputed * shape.hiddenSize) : 0
        // Each worker keeps memory for the largest of its chunks, and each chunk is one worker's.
        let own = workload.chunkRows.prefix(workers).reduce(0) { sum, rows in
            sum + shape.workspaceBytes(rows: rows, linear: linear)
                + Double(4 * rows * workload.branches * shape.hiddenSize)
        }
        // While they are packed for the processor, and where that leaves gaps, weights take more than their numbers do: 1 to
        // 5 % as measured.
        let touched = Double(model.touchedBytes(by: Set(prompts.tokens.joined())) ?? 0)
        return 1.06 * weights + Double(4 * shape.positionFloats) + touched + states + own + compiledBytes + Double(
            workers) * Self.threadBytes
            + Double(4 * vectors * shape.hiddenSize)
    }

    /// A worker's stack, its share of the C library's pieces, and what it notes of each product: 1 to 1.3 MB as measured.
    private static let threadBytes = 1.5e6

    /// What oneDNN keeps of the products that it has compiled, each for a number of rows; 1,024 at most.
    private var compiledBytes: Double {
        guard !model.shape.isStatic else { return 0 }
        // In a layer: queries with keys and values, heads' output, and the MLP's two.
        return Double(min(1024, 4 * workload.distinctRows)) * 65e3
    }
}

extension BackboneShape {
    /// A worker's memory for the intermediate results of so many rows, in bytes.
    func workspaceBytes(rows: Int, linear: LinearMaker) -> Double {
        // Kept in steps of 128 rows; rounded inputs, the widest of which are the MLP's, have a copy.
        let rounded = (rows + 127) / 128 * 128
        let copied = linear.precision == .bfloat16 ? intermediateColumns / 5 : 0
        return Double(4 * rounded * (intermediateColumns + copied))
    }
}

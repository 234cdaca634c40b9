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
        let weights = isStreamed ? 3.5 * model.layerBytes(linear) : Double(model.residentBytes(linear))
        let states = isStreamed ? Double(4 * workload.tokensComputed * shape.hiddenSize) : 0
        let used = min(workers, max(1, workload.chunks))
        let own = shape.workspaceBytes(rows: workload.largestRows, linear: linear)
        let branches = Double(4 * workload.largestRows * workload.branches * shape.hiddenSize)
        return weights + model.touchedBytes + states + Double(used) * (own + branches)
            + Double(4 * vectors * shape.hiddenSize)
    }
}

extension PretrainedModel {
    /// What is read of the token embeddings in their mapped file, and stays: all of it, as a share of the file by the
    /// numbers in it.
    var touchedBytes: Double {
        let embeddings = Double(shape.vocabularySize * shape.hiddenSize)
        let all = embeddings + Double(shape.weightsPerLayer * shape.layerCount)
        return all > 0 ? Double(fileBytes) * embeddings / all : 0
    }
}

extension BackboneShape {
    /// A worker's memory for the intermediate results of so many rows, in bytes.
    func workspaceBytes(rows: Int, linear: LinearMaker) -> Double {
        // Kept in steps of 128 rows; rounded inputs, the widest of which are the MLP's, have a copy.
        let rounded = (rows + 127) / 128 * 128
        let copied = linear.precision == .bfloat16 ? intermediateColumns / 5 : 0
        return Double(4 * rounded * (intermediateColumns + hiddenSize + copied))
    }
}

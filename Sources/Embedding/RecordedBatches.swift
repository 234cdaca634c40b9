import Models

/// What `DifferentiableEncoder` needs memory for, known before any batch.
public struct RecordedBatches: Sendable {
    private let method: EmbeddingMethod
    private let shape: BackboneShape
    private let lowestTrained: Int
    private let workers: Int
    private let activationBytes: Int
    /// Floats that are kept of a token in each layer that is trained.
    private let columns: Int
    /// Hidden layers that a step reads.
    public var viewedLayers = 1

    /// - Parameters:
    ///   - layout: of the parameters that are trained
    ///   - workers, activationBytes: as ``DifferentiableEncoder`` takes them
    public init(
        _ method: EmbeddingMethod, shape: BackboneShape, layout: ParameterLayout, workers: Int, activationBytes: Int
    ) {
        (self.method, self.shape, lowestTrained) = (method, shape, layout.lowestLayer)
        let inner = layout.names.filter { $0.contains("lora_A") }.compactMap { layout[$0]?.rows }.reduce(0, +)
        columns = shape.recordedColumns + inner / max(shape.layerCount - layout.lowestLayer, 1)
        (self.workers, self.activationBytes) = (workers, activationBytes)
    }

    /// Floats that are kept of a token besides: the embeddings, rows that a layer parts, and where all rows are read the states
    /// of each hidden layer that is, with their gradients.
    private var endColumns: Int {
        (2 + (method.pooling == .last ? 0 : 5 * viewedLayers - 1)) * shape.hiddenSize
    }

    /// Bytes for the passes of batches that come one after the other: tapes, which grow to what the largest needs, and
    /// the workers' intermediate results in both directions.
    public func bytes(of batches: [Prompts], sharesBeginnings: Bool) -> Double {
        var kept: [Int] = []
        var (unkept, largest) = (0, 0)
        for prompts in batches {
            let plan = ChunkPlan(
                prompts, cut: .equally(Encoder.defaultChunkTokens), prefix: [], sharesBeginnings: sharesBeginnings)
            let layers = rowsOfLayers(plan, prompts)
            let affordable = activationBytes / max(4 * shape.recordedColumns * (shape.layerCount - lowestTrained), 1)
            var used = 0
            for (index, chunk) in plan.chunks.enumerated() {
                used += chunk.tokens
                let sizes = layers.map { $0(chunk.sizes(prefix: 0)) }
                let widest = sizes.max() ?? 0
                let floats = sizes.reduce(0, +) * columns + widest * endColumns
                largest = max(largest, widest)
                if used > affordable {
                    unkept = max(unkept, floats)
                } else if kept.count == index {
                    kept.append(floats)
                } else {
                    kept[index] = max(kept[index], floats)
                }
            }
        }
        let tapes = kept.reduce(0, +) + unkept * workers
        let own = shape.gradientColumns + (sharesBeginnings ? 0 : shape.droppedColumns)
        return Double(4 * tapes) + Double(workers) * (Double(4 * largest * own) + Self.productBytes)
    }

    /// What OpenBLAS packs the factors of adapters' products into, a buffer a thread: 4 to 6 MB as measured.
    private static let productBytes = 6e6

    /// For each layer that is recorded, the rows of a chunk, in steps as they are kept.
    private func rowsOfLayers(_ plan: ChunkPlan, _ prompts: Prompts) -> [(BatchSizes) -> Int] {
        guard let readout = try? ResolvedMethod(method, shape).readout(of: prompts) else { return [] }
        return PassTree([readout]).nodes.filter { $0.layer >= lowestTrained }.map { node in
            { sizes in (sizes.rows(in: node) + 127) / 128 * 128 }
        }
    }
}

import Models
import Numerics
import Workers

/// Prompts on their way through a backbone: what `Encoder` shares among its workers.
struct EncodingJob: Sendable {
    let backbone: any Backbone
    let prompts: Prompts
    let plan: ChunkPlan
    let readouts: [Readout]
    let poolings: [Pooling]
    let collector: Collector

    fileprivate var highestLayer: Int { readouts.map(\.hiddenLayer).max() ?? 0 }

    /// Each worker takes a chunk through all layers, then the next chunk: weights stay in memory, chunks in the cache.
    func runChunkByChunk(workers: Int) async throws {
        let prefix =
            plan.sharedPrefix.isEmpty
            ? nil
            : try PrefixStates.upTo(
                highestLayer, of: plan.sharedPrefix, backbone: backbone, workspace: Workspace())
        _ = try await WorkerPool.shared.map(plan.chunks.count, workers: workers, makeState: { _ in Workspace() }) {
            workspace, index in
            let chunk = plan.chunks[index]
            let pooled = pooledRows(of: chunk)
            try ForwardPass.run(
                backbone, batch: plan.batch(chunk, of: prompts), after: chunk.sharesPrefix ? prefix : nil,
                readouts: readouts, workspace: workspace
            ) { readout, states in
                pool(states, of: chunk, readout: readout, into: pooled[readout])
            }
            try collector.collect(chunk, pooled.map(FrozenMatrix.init(freezing:)), tokens: chunk.tokens)
        }
    }

    /// All chunks go through a layer before the next one: each layer is read once, and two at most are in memory, the one
    /// in use and the next. The chunks' states are kept from layer to layer.
    func runLayerByLayer(workers: Int) async throws {
        let desks = (0..<workers).map { _ in LayerDesk() }
        let start = plan.sharedPrefix.isEmpty ? nil : try PrefixStates(of: plan.sharedPrefix, backbone: backbone)
        let passes = try await WorkerPool.shared.map(
            plan.chunks.count, workers: workers, makeState: { desks[$0] }
        ) { desk, index in
            try ChunkPass(index, of: self, after: start, workspace: desk.workspace)
        }
        var step: LayerStep? = LayerStep(prefix: start)
        while let before = step {
            // The first item is the next layer's reading: whoever takes it reads while the others compute.
            let next = try await WorkerPool.shared.map(
                passes.count + 1, workers: workers, makeState: { desks[$0] }
            ) { desk, item -> LayerStep? in
                guard item > 0 else { return try before.next(in: self, workspace: desk.workspace) }
                passes[item - 1].advance(before, in: self, workspace: desk.workspace)
                return nil
            }
            step = next[0]
        }
        for pass in passes {
            try collector.collect(pass.chunk, pass.pooled.map(FrozenMatrix.init(freezing:)), tokens: 0)
        }
    }

    fileprivate func pool(_ states: HiddenStates, of chunk: ChunkPlan.Chunk, readout: Int, into pooled: Matrix) {
        poolings[readout].pool(
            states, positions: { prompts.pooledPositions(chunk.prompts[$0]) }, into: pooled)
    }

    /// For each readout, room for the chunk's embeddings.
    fileprivate func pooledRows(of chunk: ChunkPlan.Chunk) -> [Matrix] {
        readouts.map { _ in Matrix(rows: chunk.prompts.count, columns: backbone.hiddenSize) }
    }
}

/// A layer that was read, and the shared prefix behind it.
private struct LayerStep: Sendable {
    /// Nil before the first layer.
    var layer: (any TransformerLayer)?
    var number = -1
    var prefix: PrefixStates?

    /// The next layer; nil behind the highest that is read.
    func next(in job: EncodingJob, workspace: Workspace) throws -> LayerStep? {
        guard number + 1 < job.highestLayer else { return nil }
        let layer = try job.backbone.layer(number + 1)
        var prefix = prefix
        prefix?.advance(through: layer, shape: job.backbone.shape, workspace: workspace)
        return LayerStep(layer: layer, number: number + 1, prefix: prefix)
    }
}

/// One worker's memory. Used by one thread at a time.
private final class LayerDesk: @unchecked Sendable {
    let workspace = Workspace()
}

/// A chunk on its way through the layers. Used by one thread at a time.
private final class ChunkPass: @unchecked Sendable {
    let chunk: ChunkPlan.Chunk
    /// For each readout the chunk's embeddings, once they are there.
    let pooled: [Matrix]
    private var pass: ForwardPass

    init(_ index: Int, of job: EncodingJob, after prefix: PrefixStates?, workspace: Workspace) throws {
        let chunk = job.plan.chunks[index]
        let pooled = job.pooledRows(of: chunk)
        (self.chunk, self.pooled) = (chunk, pooled)
        pass = try ForwardPass(
            job.backbone, batch: job.plan.batch(chunk, of: job.prompts), after: chunk.sharesPrefix ? prefix : nil,
            readouts: job.readouts, workspace: workspace
        ) { readout, states in
            job.pool(states, of: chunk, readout: readout, into: pooled[readout])
        }
    }

    func advance(_ step: LayerStep, in job: EncodingJob, workspace: Workspace) {
        guard let layer = step.layer, !pass.isFinished else { return }
        pass.advance(through: layer, after: chunk.sharesPrefix ? step.prefix : nil, workspace: workspace) {
            readout, states in
            job.pool(states, of: chunk, readout: readout, into: pooled[readout])
        }
        job.collector.advance(chunk, layer: step.number, of: job.highestLayer)
    }
}

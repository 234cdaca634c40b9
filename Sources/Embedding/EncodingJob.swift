import Models
import Numerics
import Synchronization

/// Prompts on their way through a backbone: what `Encoder` shares among its workers.
struct EncodingJob: Sendable {
    let backbone: any Backbone
    let prompts: Prompts
    let plan: ChunkPlan
    let readouts: [Readout]
    let poolings: [Pooling]
    let collector: Collector

    private var highestLayer: Int { readouts.map(\.hiddenLayer).max() ?? 0 }

    /// Each worker takes a chunk through all layers, then the next chunk: weights stay in memory, chunks in the cache.
    func runChunkByChunk(workers: Int) async throws {
        let prefix =
            plan.sharedPrefix.isEmpty
            ? nil
            : try PrefixStates.upTo(
                highestLayer, of: plan.sharedPrefix, backbone: backbone, workspace: Workspace())
        let taken = Counter()
        try await withThrowingTaskGroup { group in
            for _ in 0..<workers {
                group.addTask {
                    let workspace = Workspace()
                    while let chunk = plan.chunk(taken.next()) {
                        try Task.checkCancellation()
                        let pooled = pooledRows(of: chunk)
                        try ForwardPass.run(
                            backbone, batch: plan.batch(chunk, of: prompts), after: chunk.sharesPrefix ? prefix : nil,
                            readouts: readouts, workspace: workspace
                        ) { index, states in
                            pool(states, of: chunk, readout: index, into: pooled[index])
                        }
                        collector.collect(chunk, pooled.map(FrozenMatrix.init(freezing:)), tokens: chunk.tokens)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// All chunks go through a layer before the next one is read: each layer is read once, and two at most are in
    /// memory. A worker keeps its chunks' states from layer to layer.
    func runLayerByLayer(workers: Int) async throws {
        let stream = LayerStream(backbone, prefix: plan.sharedPrefix, highestLayer: highestLayer)
        try await withThrowingTaskGroup { group in
            for worker in 0..<workers {
                group.addTask {
                    let workspace = Workspace()
                    let chunks = stride(from: worker, to: plan.chunks.count, by: workers).map { plan.chunks[$0] }
                    let pooled = chunks.map(pooledRows)
                    let start = try await stream.prefix(behind: 0)
                    var passes = try chunks.enumerated().map { index, chunk in
                        try ForwardPass(
                            backbone, batch: plan.batch(chunk, of: prompts), after: chunk.sharesPrefix ? start : nil,
                            readouts: readouts, workspace: workspace
                        ) { readout, states in
                            pool(states, of: chunk, readout: readout, into: pooled[index][readout])
                        }
                    }
                    for number in 0..<highestLayer {
                        let (layer, prefix) = try await stream.layer(number)
                        for index in passes.indices where !passes[index].isFinished {
                            try Task.checkCancellation()
                            let shared = chunks[index].sharesPrefix ? prefix : nil
                            passes[index].advance(through: layer, after: shared, workspace: workspace) {
                                readout, states in
                                pool(states, of: chunks[index], readout: readout, into: pooled[index][readout])
                            }
                            collector.advance(chunks[index], layer: number, of: highestLayer)
                        }
                    }
                    for (chunk, rows) in zip(chunks, pooled) {
                        collector.collect(chunk, rows.map(FrozenMatrix.init(freezing:)), tokens: 0)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func pool(_ states: HiddenStates, of chunk: ChunkPlan.Chunk, readout: Int, into pooled: Matrix) {
        poolings[readout].pool(
            states, positions: { prompts.pooledPositions(chunk.prompts[$0]) }, into: pooled)
    }

    /// For each readout, room for the chunk's embeddings.
    private func pooledRows(of chunk: ChunkPlan.Chunk) -> [Matrix] {
        readouts.map { _ in Matrix(rows: chunk.prompts.count, columns: backbone.hiddenSize) }
    }
}

/// Numbers from 0, each given out once.
final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}

/// Layers in order for several workers at about the same place: the one in use, and the next while it is being read.
private actor LayerStream {
    typealias Step = (layer: any TransformerLayer, prefix: PrefixStates?)

    private let backbone: any Backbone
    private let prefixTokens: [Int32]
    private let highestLayer: Int
    private var steps: [Int: Task<Step, any Error>] = [:]
    /// The shared prefix behind each layer. Small, so kept: a worker that comes late finds it, and not the layer any more.
    private var prefixes: [Int: Task<PrefixStates, any Error>] = [:]

    init(_ backbone: any Backbone, prefix: [Int32], highestLayer: Int) {
        self.backbone = backbone
        prefixTokens = prefix
        self.highestLayer = highestLayer
    }

    /// The shared prefix behind so many layers.
    func prefix(behind layers: Int) throws -> PrefixStates? {
        prefixTokens.isEmpty ? nil : try PrefixStates(of: prefixTokens, backbone: backbone)
    }

    /// A layer, and the shared prefix behind it. Forgotten behind the first worker; one that comes later has it read again.
    func layer(_ number: Int) async throws -> Step {
        let step = try await task(number).value
        if number + 1 < highestLayer { _ = task(number + 1) }
        steps = steps.filter { $0.key >= number - 1 }
        return step
    }

    private func task(_ number: Int) -> Task<Step, any Error> {
        if let task = steps[number] { return task }
        let backbone = backbone
        let layer = Task { try backbone.layer(number) }
        let prefix = prefix(through: number, layer)
        let task = Task { () throws -> Step in (try await layer.value, try await prefix?.value) }
        steps[number] = task
        return task
    }

    private func prefix(
        through number: Int, _ layer: Task<any TransformerLayer, any Error>
    ) -> Task<PrefixStates, any Error>? {
        guard !prefixTokens.isEmpty else { return nil }
        if let prefix = prefixes[number] { return prefix }
        let before = prefixes[number - 1]
        let (backbone, prefixTokens) = (backbone, prefixTokens)
        let task = Task {
            var prefix = try await before?.value ?? PrefixStates(of: prefixTokens, backbone: backbone)
            prefix.advance(through: try await layer.value, shape: backbone.shape, workspace: Workspace())
            return prefix
        }
        prefixes[number] = task
        return task
    }
}

import Diagnostics
import Models
import Numerics
import Synchronization
import Workers

/// Prompts to embeddings, of one hidden layer or of several, and a loss's gradient from the embeddings back to an adapter's
/// parameters, on all cores.
///
/// Two sweeps over the batch's chunks: all are embedded, then the loss is taken of all embeddings together, then each
/// chunk's share of the gradient goes back through the model. What the forward pass recorded is kept between the two
/// as far as `activationBytes` allow; a chunk beyond that is computed again, which gives the same bits. So a batch
/// may be as large as the loss wants it (gradient cache: Gao et al., arXiv 2101.06983).
///
/// The gradient is the same by a bit for any number of workers: chunks' gradients are added in the order of the chunks.
public final class DifferentiableEncoder: Sendable {
    public let method: EmbeddingMethod
    public let workers: Int
    /// Memory for recorded passes beyond the one that each worker needs.
    public let activationBytes: Int
    /// The first layer with trained parameters.
    private let lowestTrained: Int
    private let trainsEmbeddings: Bool
    /// Whether the final norm is applied to each hidden layer that is read, or to the last layer alone, as evaluation has
    /// it.
    public let normsExits: Bool
    private let desks: [Desk]
    /// Of chunks whose passes are kept; reused from batch to batch.
    private let tapes = Mutex<[KeptPass]>([])
    /// Gradients that are done with; reused from chunk to chunk and batch to batch.
    private let spare: SpareGradients

    public static let defaultActivationBytes = 2 << 30

    /// - Parameters:
    ///   - adapter: of the parameters whose gradient is asked for; its values don't matter
    ///   - normsExits: whether the final norm is applied to each hidden layer that is read, or to the last layer alone
    public init(
        _ method: EmbeddingMethod, adapter: Adapter, workers: Int,
        activationBytes: Int = DifferentiableEncoder.defaultActivationBytes, normsExits: Bool = false
    ) {
        OpenBLAS.useCallingThreadOnly()
        self.method = method
        self.workers = max(1, workers)
        self.activationBytes = activationBytes
        (lowestTrained, trainsEmbeddings) = (adapter.lowestLayer, adapter.trainsEmbeddings)
        self.normsExits = normsExits
        spare = SpareGradients(count: adapter.layout.count)
        desks = (0..<self.workers).map { _ in Desk() }
    }

    /// What a batch's loss says of the parameters.
    public struct BatchGradient {
        /// [1, parameters]
        public let parameters: Matrix
        /// Tokens of the batch; those of shared beginnings once a chunk.
        public let tokens: Int
        /// Tokens that went through the model a second time because their pass wasn't kept.
        public let tokensRepeated: Int
    }

    /// The parameters' gradient of a loss of a batch's embeddings, which are of the method's hidden layer.
    ///
    /// - Parameters:
    ///   - backbone: with the adapter applied on the fly
    ///   - dropout: what adapters leave out of their inputs; prompts share no beginnings then, for each token of each
    ///     prompt has its own
    ///   - loss: takes the embeddings [prompts, hidden] and returns its gradient, of their shape
    /// - Throws: what the loss throws; where nothing is trained below the layer that is read; `CancellationError` when
    ///   the task is cancelled.
    public func gradient(
        of prompts: Prompts, through backbone: any AdaptableBackbone, dropout: Dropout? = nil,
        loss: (Matrix) throws -> Matrix
    ) async throws -> BatchGradient {
        try await gradient(of: prompts, through: backbone, layers: [method.layer], dropout: dropout) {
            [try loss($0[0])]
        }
    }

    /// The same where a loss reads several hidden layers of one pass.
    ///
    /// - Parameters:
    ///   - layers: at least one; the layers above the highest are not computed
    ///   - loss: takes the embeddings [prompts, hidden] of each layer and returns its gradients, of their shapes
    public func gradient(
        of prompts: Prompts, through backbone: any AdaptableBackbone, layers: [HiddenLayer], dropout: Dropout? = nil,
        loss: ([Matrix]) throws -> [Matrix]
    ) async throws -> BatchGradient {
        let plan = ChunkPlan(
            prompts, cut: .equally(Encoder.defaultChunkTokens), prefix: [], sharesBeginnings: dropout == nil)
        let readouts = try layers.map { layer throws(Diagnostic) in
            var method = method
            method.layer = layer
            return try ResolvedMethod(method, backbone.shape).readout(of: prompts)
        }
        let batch = Batch(
            prompts: prompts, plan: plan, backbone: backbone, readouts: readouts, pooling: method.pooling,
            lowestTrained: lowestTrained, trainsEmbeddings: trainsEmbeddings, normsExits: normsExits, dropout: dropout,
            kept: keptPasses(plan, backbone: backbone))

        let embeddings = layers.map { _ in
            SharedRows(Matrix(rows: prompts.tokens.count, columns: backbone.hiddenSize))
        }
        _ = try await WorkerPool.shared.map(
            plan.chunks.count, workers: workers, makeState: { [desks] in desks[$0] }
        ) { desk, index in
            let kept = batch.kept[index]
            let pass = try batch.pass(index, on: kept?.tape ?? desk.tape, workspace: desk.workspace)
            kept?.pass = pass
            for (layer, pooled) in batch.pooled(pass, chunk: index).enumerated() {
                embeddings[layer].assign(pooled, to: plan.chunks[index].prompts)
            }
        }
        let layerGradients = try loss(embeddings.map(\.matrix)).map(SharedRows.init)
        precondition(layerGradients.count == layers.count, "a gradient for each layer")

        let (spare, sum) = (spare, spare.take())
        try await WorkerPool.shared.forEach(
            plan.chunks.count, workers: workers, makeState: { [desks] in desks[$0] }
        ) { desk, index in
            let pass =
                try batch.kept[index]?.pass ?? batch.pass(index, on: desk.tape, workspace: desk.workspace)
            let chunk = plan.chunks[index].prompts
            let own = layerGradients.map { $0.rows(chunk) }
            let gradients = spare.take()
            batch.backward(pass, chunk: index, layerGradients: own, into: gradients, workspace: desk.workspace)
            return gradients
        } deliver: { _, gradients in
            Kernels.add(gradients.values, row: 0, scale: 1, to: sum.values, row: 0)
            spare.giveBack(gradients)
        }
        // Copied: its memory is used again.
        let parameters = sum.values.copy()
        spare.giveBack(sum)
        let repeated = batch.kept.indices.filter { batch.kept[$0] == nil }.reduce(0) { $0 + plan.chunks[$1].tokens }
        return BatchGradient(parameters: parameters, tokens: plan.total.tokens, tokensRepeated: repeated)
    }

    /// For each chunk the place to keep its pass, as far as memory allows.
    private func keptPasses(_ plan: ChunkPlan, backbone: any AdaptableBackbone) -> [KeptPass?] {
        let bytesPerToken = 4 * backbone.recordedColumns * (backbone.layerCount - lowestTrained)
        let affordable = max(activationBytes, 0) / max(bytesPerToken, 1)
        var used = 0
        return tapes.withLock { tapes in
            plan.chunks.indices.map { index in
                used += plan.chunks[index].tokens
                guard used <= affordable else { return nil }
                if tapes.count == index { tapes.append(KeptPass()) }
                return index < tapes.count ? tapes[index] : nil
            }
        }
    }

}

/// One worker's memory. Used by one thread at a time.
private final class Desk: @unchecked Sendable {
    let workspace = Workspace()
    let tape = RecordedPass.Tape()
}

/// A chunk's pass from the first sweep to the second, which follows it: never two threads at a time.
private final class KeptPass: @unchecked Sendable {
    let tape = RecordedPass.Tape()
    var pass: RecordedPass?
}

/// Rows of which each is written by one thread, and read by others only when all are written.
private final class SharedRows: @unchecked Sendable {
    let matrix: Matrix

    init(_ matrix: Matrix) { self.matrix = matrix }

    func assign(_ rows: Matrix, to places: [Int]) {
        for (row, place) in places.enumerated() { matrix.assign(row: place, from: rows, row: row) }
    }

    /// A copy of some rows.
    func rows(_ places: [Int]) -> Matrix {
        let rows = Matrix(rows: places.count, columns: matrix.columns)
        for (row, place) in places.enumerated() { rows.assign(row: row, from: matrix, row: place) }
        return rows
    }
}

/// What the workers share of a batch.
private struct Batch: Sendable {
    let prompts: Prompts
    let plan: ChunkPlan
    let backbone: any AdaptableBackbone
    let readouts: [Readout]
    let pooling: Pooling
    let lowestTrained: Int
    let trainsEmbeddings: Bool
    let normsExits: Bool
    let dropout: Dropout?
    let kept: [KeptPass?]

    func pass(_ index: Int, on tape: RecordedPass.Tape, workspace: Workspace) throws -> RecordedPass {
        workspace.dropout = dropout?.part(index)
        return try RecordedPass(
            backbone, batch: plan.batch(plan.chunks[index], of: prompts), readouts: readouts,
            lowestTrained: lowestTrained, trainsEmbeddings: trainsEmbeddings, normsExits: normsExits, on: tape,
            workspace: workspace)
    }

    /// For each readout, the chunk's embeddings.
    func pooled(_ pass: RecordedPass, chunk index: Int) -> [Matrix] {
        readouts.indices.map { readout in
            let pooled = Matrix(rows: plan.chunks[index].prompts.count, columns: backbone.hiddenSize)
            pooling.pool(pass.states(of: readout), positions: positions(index), into: pooled)
            return pooled
        }
    }

    /// - Parameter layerGradients: for each readout that of what `pooled` returned
    func backward(
        _ pass: RecordedPass, chunk index: Int, layerGradients: [Matrix], into gradients: Gradients,
        workspace: Workspace
    ) {
        workspace.dropout = dropout?.part(index)
        let statesGradients = layerGradients.enumerated().map { readout, gradient in
            let statesGradient = pass.statesGradient(of: readout)
            pooling.poolBackward(
                pass.states(of: readout), positions: positions(index), gradient: gradient, into: statesGradient)
            return statesGradient
        }
        pass.backward(statesGradients, into: gradients, workspace: workspace)
    }

    private func positions(_ index: Int) -> (Int) -> [Range<Int>]? {
        let chunk = plan.chunks[index].prompts
        return { prompts.pooledPositions(chunk[$0]) }
    }
}

/// Gradients to be filled.
private final class SpareGradients: Sendable {
    private let spare = Mutex<[Gradients]>([])
    private let count: Int

    init(count: Int) { self.count = count }

    /// Zeros.
    func take() -> Gradients {
        guard let gradients = spare.withLock({ $0.popLast() }) else { return Gradients(count: count) }
        gradients.values.fill(0)
        return gradients
    }

    func giveBack(_ gradients: Gradients) { spare.withLock { $0.append(gradients) } }
}

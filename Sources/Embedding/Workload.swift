import Diagnostics
import Models

/// What embedding some prompts costs.
public struct Workload: Hashable, Sendable {
    /// Tokens of all prompts.
    public var tokens: Int
    /// Tokens that go through the model, those of shared beginnings once.
    public var tokensComputed: Int
    /// The tokens of the beginning that all prompts share.
    public var prefixTokens: Int
    /// Floating-point operations of the matrix products.
    public var operations: Double
    /// The same, if each method had a pass of its own.
    public var operationsAlone: Double
    public var chunks: Int
    /// Rows of each chunk's widest layer, the most first: what a worker has memory for.
    public var chunkRows: [Int]
    /// Different numbers of rows of all layers: what products are compiled for.
    public var distinctRows: Int
    /// Ways that readouts go at the same time at most, each with states of its own.
    public var branches: Int

    /// The cost of one pass of `Encoder` for methods that share the prompts.
    ///
    /// - Parameter chosen: the prompts that are computed, where the others' embeddings are known; nil for all
    public init(
        _ prompts: Prompts, only chosen: [Int]? = nil, methods: [EmbeddingMethod], shape: BackboneShape
    ) throws(Diagnostic) {
        let plan = ChunkPlan(
            prompts, only: chosen, cut: .tokens(Encoder.defaultChunkTokens), prefix: prompts.templatePrefix)
        let readouts = try methods.map { method throws(Diagnostic) in
            try ResolvedMethod(method, shape).readout(of: prompts)
        }
        prefixTokens = plan.sharedPrefix.count
        tokens = prompts.tokenCount
        tokensComputed = plan.total.tokens + prefixTokens
        let all = plan.chunks.map { $0.sizes(prefix: plan.sharedPrefix.count) }
        let cost = ForwardCost(
            readouts: readouts, of: all.reduce(BatchSizes(rows: 0, expandedRows: 0, sequences: 0), +), shape: shape)
        operations = cost.rowLayers * shape.operationsPerTokenAndLayer
        chunks = all.count
        let nodes = PassTree(readouts).nodes
        let rows = all.map { sizes in nodes.map(sizes.rows(in:)) }
        chunkRows = rows.map { $0.max() ?? 0 }.sorted(by: >)
        distinctRows = Set(rows.joined()).count
        branches = Dictionary(grouping: nodes, by: \.layer).values.map(\.count).max() ?? 0
        operationsAlone = cost.rowLayersAlone * shape.operationsPerTokenAndLayer
    }
}

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
        var cost = ForwardCost()
        for sharing in [true, false] {
            let chunks = plan.chunks.filter { $0.sharesPrefix == sharing }
            let prefix = sharing ? plan.sharedPrefix.count : 0
            cost += ForwardCost(
                readouts: readouts, rows: chunks.map(\.tokens).reduce(0, +),
                expandedRows: chunks.reduce(0) { $0 + $1.tokensUnshared + $1.prompts.count * prefix },
                sequences: chunks.map(\.prompts.count).reduce(0, +), shape: shape)
        }
        operations = cost.rowLayers * shape.operationsPerTokenAndLayer
        operationsAlone = cost.rowLayersAlone * shape.operationsPerTokenAndLayer
    }
}

import Diagnostics
import Numerics
import Weights

/// LLaMA (arXiv 2302.13971): RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU.
/// SmolLM2 is of this family.
public struct Llama: Backbone {
    public let configuration: LlamaConfiguration
    let checkpoint: LlamaCheckpoint
    let finalNorm: FrozenMatrix
    private let embeddings: StoredTensor
    /// The layers in memory; none where they are read when asked for.
    private let residentLayers: [LlamaLayer]
    private let rotary: RotaryEmbedding
    private let attention: Attention
    /// Applied on the fly, of each layer; none where nothing is adapted.
    var adapters: [LayerAdapter] = []

    /// Reads a LLaMA model.
    ///
    /// - Parameters:
    ///   - linear: the precision of the linear maps
    ///   - isResident: whether all layers are decoded now, on all cores, or each when it is asked for
    ///   - adapter: merged into the weights
    /// - Throws: where a tensor is missing, left over, or has another shape than the checkpoint's description says.
    public init(
        _ source: Checkpoint, linear: LinearMaker, isResident: Bool = true, merging adapter: Adapter? = nil
    ) throws {
        let configuration = try LlamaConfiguration(source)
        let checkpoint = try LlamaCheckpoint(source, configuration: configuration, linear: linear, merging: adapter)
        let rotary = configuration.rotary
        let attention = Attention(
            heads: configuration.heads, keyValueHeads: configuration.keyValueHeads,
            headDimension: configuration.headDimension)
        embeddings = try checkpoint.embeddings()
        finalNorm = try checkpoint.finalNorm()
        residentLayers =
            isResident
            ? try parallelMap(configuration.layerCount) { index in
                LlamaLayer(
                    weights: try checkpoint.layer(index), configuration: configuration, rotary: rotary,
                    attention: attention)
            } : []
        (self.configuration, self.checkpoint, self.rotary, self.attention) =
            (configuration, checkpoint, rotary, attention)
    }

    public var shape: BackboneShape { configuration.shape }

    public func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        try embeddings.embed(tokens, into: out)
    }

    public func layer(_ index: Int) throws -> any TransformerLayer {
        var layer =
            residentLayers.indices.contains(index)
            ? residentLayers[index]
            : LlamaLayer(
                weights: try checkpoint.layer(index), configuration: configuration, rotary: rotary,
                attention: attention)
        if adapters.indices.contains(index) { layer.adapter = adapters[index] }
        return layer
    }

    public func applyFinalNorm(to rows: Matrix, into out: Matrix) {
        Kernels.rmsNorm(rows, weight: finalNorm, epsilon: configuration.normEpsilon, into: out)
    }
}

extension BackboneFamily {
    static let llama = BackboneFamily(
        architectures: ["llama"], shape: { try LlamaConfiguration($0).shape },
        backbone: { try Llama($0, linear: $1.linear, isResident: $1.isResident, merging: $1.adapter) })
}

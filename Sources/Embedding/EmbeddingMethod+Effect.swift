import Diagnostics
import Models

extension EmbeddingMethod {
    /// Whether making the plan's layers bidirectional can change the pooled vector at all.
    ///
    /// Follows what a change could reach, layer by layer. A bidirectional layer changes what each token but the last
    /// attends to: the last sees every token in a causal layer too. From then on the others' states differ, and every
    /// layer above passes that on to the last token as well. So with `last` pooling, a plan of only the highest layer
    /// that is computed changes nothing, and a layer that isn't computed never does.
    ///
    /// - Returns: true for a plan without bidirectional layers in no case.
    public func attentionPlanHasEffect(layerCount: Int) throws(Diagnostic) -> Bool {
        let computed = try layer.resolved(layerCount: layerCount)
        let bidirectional = try attention.bidirectionalLayers(layerCount: layerCount)
        // Every bidirectional layer shows padding to the last token as well.
        if padding == .visible { return bidirectional.contains { $0 < computed } }
        var othersDiffer = false
        var lastDiffers = false
        for layer in 0..<computed {
            lastDiffers = lastDiffers || othersDiffer
            othersDiffer = othersDiffer || bidirectional.contains(layer)
        }
        return pooling.rows(in: templates) == .last ? lastDiffers : othersDiffer
    }

    /// What to say of visible padding: that companions matter, or that they don't; nil where nothing is padded.
    ///
    /// - Parameter token: the one that is padded with
    public func paddingWarning(
        token: @autoclosure () throws(Diagnostic) -> Int32, layerCount: Int
    ) throws(Diagnostic) -> String? {
        guard padding == .visible else { return nil }
        let computed = try layer.resolved(layerCount: layerCount)
        guard try attention.bidirectionalLayers(layerCount: layerCount).contains(where: { $0 < computed }) else {
            return "visible padding changes nothing: every layer that is computed is causal, and masks it"
        }
        let token = try token()
        return "padding is visible to bidirectional layers: each vector depends on the longest of the sentences that "
            + "share its batch (\(Padding.batchSize) in SentEval's order, padded with token \(token)); this imitates "
            + "the released BeLLM and no other row"
    }

    /// The warning for a plan that changes nothing; nil where it can, or where every layer is causal anyway.
    public func noEffectWarning(layerCount: Int) throws(Diagnostic) -> String? {
        let bidirectional = try attention.bidirectionalLayers(layerCount: layerCount)
        guard !bidirectional.isEmpty, try !attentionPlanHasEffect(layerCount: layerCount) else { return nil }
        let computed = try layer.resolved(layerCount: layerCount)
        let reason =
            bidirectional.allSatisfy { $0 >= computed }
            ? "hidden layer \(layer) is below them"
            : "the last token sees every token in a causal layer too, and no layer above reads the others"
        return "making \(bidirectional.count == 1 ? "layer" : "layers") "
            + "\(bidirectional.map(String.init).joined(separator: ", ")) bidirectional cannot change "
            + "the \(pooling)-pooled vector: \(reason)"
    }
}

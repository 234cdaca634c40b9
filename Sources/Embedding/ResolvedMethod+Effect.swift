import Diagnostics

extension ResolvedMethod {
    /// Whether making the plan's layers bidirectional can change the pooled vector at all.
    ///
    /// Follows what a change could reach, layer by layer. A bidirectional layer changes what each token but the last
    /// attends to: the last sees every token in a causal layer too. From then on the others' states differ, and every
    /// layer above passes that on to the last token as well. So with `last` pooling, a plan of only the highest layer
    /// that is computed changes nothing, and a layer that isn't computed never does.
    ///
    /// - Returns: true for a plan without bidirectional layers in no case.
    public var attentionPlanHasEffect: Bool {
        // Every bidirectional layer shows padding to the last token as well.
        if method.padding == .visible { return !computedBidirectionalLayers.isEmpty }
        var othersDiffer = false
        var lastDiffers = false
        for layer in 0..<hiddenLayer {
            lastDiffers = lastDiffers || othersDiffer
            othersDiffer = othersDiffer || bidirectionalLayers.contains(layer)
        }
        return readout.rows == .last ? lastDiffers : othersDiffer
    }

    /// What to say of visible padding: that companions matter, or that they don't; nil where nothing is padded.
    ///
    /// - Parameter token: the one that is padded with
    public func paddingWarning(token: @autoclosure () throws(Diagnostic) -> Int32) throws(Diagnostic) -> String? {
        guard method.padding == .visible else { return nil }
        guard !computedBidirectionalLayers.isEmpty else {
            return "visible padding changes nothing: every layer that is computed is causal, and masks it"
        }
        let token = try token()
        return "padding is visible to bidirectional layers: each vector depends on the longest of the sentences that "
            + "share its batch (\(Padding.batchSize) in SentEval's order, padded with token \(token)); this imitates "
            + "the released BeLLM and no other row"
    }

    /// The warning for a plan that changes nothing; nil where it can, or where every layer is causal anyway.
    public var noEffectWarning: String? {
        guard !bidirectionalLayers.isEmpty, !attentionPlanHasEffect else { return nil }
        guard !isEncoder else {
            // Above hidden layer 0 no other plan is possible: there is nothing to warn of.
            guard computedBidirectionalLayers.isEmpty else { return nil }
            return
                "the layers are bidirectional by nature, but no attention has a part in the \(method.pooling)-pooled "
                + "vector: hidden layer \(method.layer) is below them"
        }
        let reason =
            computedBidirectionalLayers.isEmpty
            ? "hidden layer \(method.layer) is below them"
            : "the last token sees every token in a causal layer too, and no layer above reads the others"
        return "making \(bidirectionalLayers.count == 1 ? "layer" : "layers") "
            + "\(bidirectionalLayers.map(String.init).joined(separator: ", ")) bidirectional cannot change "
            + "the \(method.pooling)-pooled vector: \(reason)"
    }
}

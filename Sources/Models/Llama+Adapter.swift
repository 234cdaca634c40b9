import Numerics

extension Llama: AdaptableBackbone {
    public func size(of projection: Projection) -> (inputs: Int, outputs: Int) {
        let c = configuration
        return switch projection {
        case .query: (c.hiddenSize, c.queryColumns)
        case .key, .value: (c.hiddenSize, c.keyColumns)
        case .output: (c.queryColumns, c.hiddenSize)
        case .gate, .up: (c.hiddenSize, c.intermediateSize)
        case .down: (c.intermediateSize, c.hiddenSize)
        }
    }

    public func adapted(by adapter: Adapter) -> any AdaptableBackbone {
        var adapted = self
        adapted.adapter = adapter
        return adapted
    }

    public func applyFinalNormBackward(to rows: Matrix, gradient: Matrix, into rowsGradient: Matrix) {
        Kernels.rmsNormBackward(
            rows, weight: finalNorm, epsilon: configuration.normEpsilon, gradient: gradient, into: rowsGradient)
    }
}

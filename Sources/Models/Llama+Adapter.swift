import Numerics

extension Llama: AdaptableBackbone {
    public func size(of projection: Projection) -> (inputs: Int, outputs: Int) {
        configuration.size(of: projection)
    }

    public var recordedColumns: Int {
        let c = configuration
        return 2 * (c.hiddenSize + c.queryColumns + c.keyColumns + c.intermediateSize)
    }

    public func weight(layer: Int, _ projection: Projection) throws -> Matrix {
        try checkpoint.weight(layer: layer, projection)
    }

    public func adapted(by adapter: Adapter) throws -> any AdaptableBackbone {
        var adapted = self
        adapted.adapters = try (0..<layerCount).map { layer in
            try adapter.layer(layer) { try weight(layer: layer, $0) }
        }
        return adapted
    }

    public func embedBackward(
        _ gradient: Matrix, tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, gradients: Gradients
    ) {}

    public func applyFinalNormBackward(
        to rows: Matrix, gradient: Matrix, into rowsGradient: Matrix, gradients: Gradients
    ) {
        Kernels.rmsNormBackward(
            rows, weight: finalNorm, epsilon: configuration.normEpsilon, gradient: gradient, into: rowsGradient)
    }
}

extension LlamaConfiguration {
    func size(of projection: Projection) -> (inputs: Int, outputs: Int) {
        switch projection {
        case .query: (hiddenSize, queryColumns)
        case .key, .value: (hiddenSize, keyColumns)
        case .output: (queryColumns, hiddenSize)
        case .gate, .up: (hiddenSize, intermediateSize)
        case .down: (intermediateSize, hiddenSize)
        }
    }
}

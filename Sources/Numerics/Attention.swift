import CKernels

/// Keys and values of one sequence, side by side: [rows, 2 · keyValueHeads · headDimension].
public struct SequenceKeys {
    /// Those of a beginning whose rows stand elsewhere.
    public var prefix: FrozenMatrix?
    /// Those of the rest, among other sequences' rows.
    public var rows: Matrix
    /// Where the rest stands among the rows.
    public var runs: ArraySlice<RowRun>

    public init(prefix: FrozenMatrix?, rows: Matrix, runs: ArraySlice<RowRun>) {
        self.prefix = prefix
        self.rows = rows
        self.runs = runs
    }

    /// How many there are.
    var count: Int { runs.reduce(prefix?.rows ?? 0) { $0 + $1.count } }
}

/// Rows of a matrix that stand one after another.
public struct RowRun: Hashable, Sendable {
    public var first: Int
    public var count: Int

    public init(first: Int, count: Int) { (self.first, self.count) = (first, count) }
}

/// The gradients of keys and values, laid out as they are, and of what is added to scores by their distance.
public struct SequenceKeyGradients {
    public var prefix: Matrix?
    /// Of all rows; those of the sequence's runs are added to.
    public var rows: Matrix
    /// Of the bias by distance: [heads, `DistanceBias.columns`], added to; nil where nobody asks for it.
    public var bias: Matrix?

    public init(prefix: Matrix?, rows: Matrix, bias: Matrix? = nil) {
        self.prefix = prefix
        self.rows = rows
        self.bias = bias
    }
}

/// Scaled dot-product attention with grouped queries. Vaswani et al., arXiv 1706.03762, equation 1;
/// Ainslie et al., arXiv 2305.13245.
public struct Attention: Sendable {
    /// The kernels keep a block of queries on the stack.
    public static let largestHeadDimension = Int(BELLM_LARGEST_HEAD)

    public let heads: Int
    public let keyValueHeads: Int
    public let headDimension: Int
    /// What the dot products are multiplied by.
    public let scale: Float
    /// Scores s become cap · tanh(s / cap) (Gemma 2, arXiv 2408.00118, section 2); nil for scores as they are.
    public let scoreCap: Float?
    /// What is added to scores by the distance of their keys; not beside a cap.
    public let distanceBias: DistanceBias?

    /// - Parameter scale: 1 / √headDimension where it isn't given
    public init(
        heads: Int, keyValueHeads: Int, headDimension: Int, scale: Float? = nil, scoreCap: Float? = nil,
        distanceBias: DistanceBias? = nil
    ) {
        precondition(heads % keyValueHeads == 0 && headDimension <= Self.largestHeadDimension)
        precondition(distanceBias.map { $0.heads == heads && scoreCap == nil } ?? true)
        self.distanceBias = distanceBias
        self.scale = scale ?? 1 / Float(headDimension).squareRoot()
        self.scoreCap = scoreCap
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headDimension = headDimension
    }

    private var keyColumns: Int { keyValueHeads * headDimension }

    /// Attends from some positions of one sequence to its keys.
    ///
    /// - Parameters:
    ///   - queries: [queries, heads · headDimension]
    ///   - visible: which keys each query sees
    ///   - keys: the sequence's keys and values
    ///   - out: [queries, heads · headDimension]
    ///   - scratch: grows to what is needed
    public func attend(
        queries: Matrix, visible: VisibleKeys, keys: SequenceKeys, into out: Matrix, scratch: inout [Float]
    ) {
        let keyCount = keys.count
        precondition(queries.columns == heads * headDimension && out.columns == queries.columns)
        precondition(queries.rows == visible.count && out.rows == queries.rows)
        check(keys)
        check(visible, keyCount)
        guard queries.rows > 0 else { return }

        let needed = bellm_attention_scratch(keyCount, headDimension)
        if scratch.count < needed { scratch = [Float](repeating: 0, count: needed) }
        keys.withUnsafePointer(keyColumns: keyColumns) { sequence in
            visible.withUnsafePointer { visible in
                withShape { shape in
                    bellm_attention(
                        queries.base, queries.stride, visible, sequence, shape, out.base, out.stride, &scratch)
                }
            }
        }
        withExtendedLifetime((queries, keys, out)) {}
    }

    /// The gradients of `attend`'s inputs, given that of its result. The probabilities are computed again: they would
    /// take more memory than everything else of a layer.
    ///
    /// - Parameters:
    ///   - queries, visible, keys: as in `attend`
    ///   - gradient: [queries, heads · headDimension]
    ///   - gradients: the queries', overwritten, and the keys', added to; of their shapes
    public func backward(
        queries: Matrix, visible: VisibleKeys, keys: SequenceKeys, gradient: Matrix,
        into gradients: (queries: Matrix, keys: SequenceKeyGradients), scratch: inout [Float]
    ) {
        let keyCount = keys.count
        let (queryGradient, rows, prefix) = (gradients.queries, gradients.keys.rows, gradients.keys.prefix)
        precondition(queries.columns == heads * headDimension && queries.rows == visible.count)
        precondition(gradient.rows == queries.rows && gradient.columns == queries.columns)
        precondition(queryGradient.rows == queries.rows && queryGradient.columns == queries.columns)
        check(keys)
        precondition(rows.rows == keys.rows.rows && rows.columns == keys.rows.columns)
        let bias = gradients.keys.bias
        precondition(
            bias.map { $0.rows == heads && $0.columns == distanceBias?.columns && $0.stride == $0.columns } ?? true)
        precondition(prefix?.rows == keys.prefix?.rows && prefix?.columns ?? rows.columns == rows.columns)
        check(visible, keyCount)
        guard queries.rows > 0 else { return }

        let needed = bellm_attention_backward_scratch(keyCount, headDimension)
        if scratch.count < needed { scratch = [Float](repeating: 0, count: needed) }
        var result = bellm_attention_gradients(
            query: queryGradient.base, query_stride: queryGradient.stride, prefix_keys: prefix?.base,
            prefix_values: prefix.map { $0.base + keyColumns }, prefix_stride: prefix?.stride ?? 0, keys: rows.base,
            values: rows.base + keyColumns, stride: rows.stride, bias: bias?.base)
        keys.withUnsafePointer(keyColumns: keyColumns) { sequence in
            visible.withUnsafePointer { visible in
                withShape { shape in
                    bellm_attention_backward(
                        queries.base, queries.stride, visible, sequence, shape, gradient.base, gradient.stride,
                        &result, &scratch)
                }
            }
        }
        withExtendedLifetime((queries, keys, gradient, gradients)) {}
    }

    private func check(_ keys: SequenceKeys) {
        precondition(keys.rows.columns == 2 * keyColumns && keys.prefix?.columns ?? 2 * keyColumns == 2 * keyColumns)
        precondition(keys.runs.allSatisfy { $0.first >= 0 && $0.count >= 0 && $0.first + $0.count <= keys.rows.rows })
    }

    private func check(_ visible: VisibleKeys, _ keyCount: Int) {
        precondition(visible.areAmong(keyCount), "a query that sees no key, or one too many")
        precondition(
            distanceBias?.covers(visible, keyCount: keyCount) ?? true, "a distance that the bias has no number for")
    }

    private func withShape<R>(_ body: (UnsafePointer<bellm_heads>) -> R) -> R {
        func call(_ bias: UnsafePointer<bellm_distance_bias>?) -> R {
            var shape = bellm_heads(
                heads: heads, kv_heads: keyValueHeads, dimension: headDimension, scale: scale, cap: scoreCap ?? 0,
                bias: bias)
            return body(&shape)
        }
        return distanceBias?.withUnsafePointer { call($0) } ?? call(nil)
    }
}

extension SequenceKeys {
    fileprivate func withUnsafePointer(keyColumns: Int, _ body: (UnsafePointer<bellm_sequence>) -> Void) {
        runs.withUnsafeBytes { runs in
            var sequence = bellm_sequence(
                prefix_keys: prefix?.readable.base, prefix_values: prefix.map { $0.readable.base + keyColumns },
                prefix_stride: prefix?.stride ?? 0, prefix: prefix?.rows ?? 0,
                keys: rows.base, values: rows.base + keyColumns, stride: rows.stride,
                runs: runs.baseAddress?.assumingMemoryBound(to: bellm_run.self), run_count: self.runs.count,
                count: count)
            body(&sequence)
        }
    }
}

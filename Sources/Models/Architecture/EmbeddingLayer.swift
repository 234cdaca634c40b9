import Diagnostics
import Numerics
import Weights

/// What gives tokens their first states: vectors of tokens and of positions, and a norm behind them.
struct EmbeddingLayer: Sendable {
    /// The embedding matrix: [vocabulary, hidden].
    enum Tokens: Sendable {
        /// Decoded row by row when asked for.
        case stored(StoredTensor)
        case trained(FrozenMatrix)

        var rows: Int {
            switch self {
            case .stored(let tensor): tensor.rows
            case .trained(let matrix): matrix.rows
            }
        }
    }

    /// Where the gradients of what is trained go.
    struct Places: Sendable {
        var tokens: ParameterPlace?
        var positions: ParameterPlace?
        var tokenTypes: ParameterPlace?

        var areEmpty: Bool { tokens == nil && positions == nil && tokenTypes == nil }
    }

    var tokens: Tokens
    /// What token embeddings are multiplied by.
    var scale: Float
    /// What is added to each position's token: [positions, hidden].
    var positions: FrozenMatrix?
    /// The row of the learned positions that is the first token's.
    var firstPosition: Int
    /// The token that has no position of its own, in front of others whose positions are then other ones; nil for none.
    var uncountedToken: Int32?
    var norm: Norm?
    var places = Places()

    /// - Parameters:
    ///   - tokens: ids; a negative one stands for a token without an embedding, whose row is zeros
    ///   - out: [tokens, hidden]
    func apply(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        try sum(tokens, at: positions, into: out)
        norm?.apply(out, into: out)
    }

    private func sum(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        for (row, token) in tokens.enumerated() { try embed(token, into: out[rows: row..<row + 1]) }
        if scale != 1 {
            Kernels.scaleRows(out, by: Array(repeating: Double(scale), count: out.rows), into: out)
        }
        guard let table = self.positions else { return }
        for (row, (token, position)) in zip(tokens, positions).enumerated() where token >= 0 {
            guard position < Int32(table.rows) else {
                throw Diagnostic("there is no position \(position): the model has \(table.rows)")
            }
            guard token != uncountedToken else {
                throw Diagnostic(
                    "a text has the padding token, \(token), which models of this family count no position for: that is not "
                        + "supported")
            }
            out.add(1, table, row: Int(position), toRow: row)
        }
    }

    private func embed(_ token: Int32, into out: Matrix) throws {
        guard token < Int32(tokens.rows) else {
            throw Diagnostic("there is no token \(token): the vocabulary has \(tokens.rows)")
        }
        guard token >= 0 else { return out.fill(0) }
        switch tokens {
        case .trained(let matrix): out.assign(row: 0, from: matrix, row: Int(token))
        case .stored(let tensor):
            try out.withUnsafeMutableElements(rows: 0..<1) {
                try tensor.decode(rows: Int(token)..<Int(token) + 1, into: $0)
            }
        }
    }

    /// Adds the gradients of what is trained, given that of `apply`'s result.
    ///
    /// - Parameter gradient: [tokens, hidden]; overwritten
    func applyBackward(
        _ gradient: Matrix, tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, _ gradients: Gradients
    ) {
        guard !places.areEmpty || norm?.places != nil else { return }
        var below = gradient
        if let norm {
            let x = Matrix(rows: gradient.rows, columns: gradient.columns)
            // The forward pass has read these tokens at these positions.
            guard (try? sum(tokens, at: positions, into: x)) != nil else {
                preconditionFailure("the gradient of tokens that were not embedded")
            }
            below = Matrix(rows: gradient.rows, columns: gradient.columns)
            norm.applyBackward(x, gradient: gradient, into: below, gradients)
        }
        let (tokenGradient, positionGradient, typeGradient) = (
            places.tokens.map(gradients.view), places.positions.map(gradients.view),
            places.tokenTypes.map(gradients.view)
        )
        for (row, (token, position)) in zip(tokens, positions).enumerated() where token >= 0 {
            if let tokenGradient { Kernels.add(below, row: row, scale: scale, to: tokenGradient, row: Int(token)) }
            if let positionGradient {
                Kernels.add(below, row: row, scale: 1, to: positionGradient, row: firstPosition + Int(position))
            }
            if let typeGradient { Kernels.add(below, row: row, scale: 1, to: typeGradient, row: 0) }
        }
    }
}

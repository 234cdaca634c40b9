import Numerics

/// What training adds to one linear map, or to some of its outputs, among those that a layer multiplies at once.
struct MapChange: Sendable {
    /// Some outputs of the map, and where they stand among all.
    struct Rows: Hashable, Sendable {
        var map: Range<Int>
        var stack: Range<Int>
    }

    /// y = W x + scale · B A x. LoRA, arXiv 2106.09685, equation 3; in training the second x may have elements left out,
    /// as PEFT's `lora_dropout` does it.
    struct LowRank: Sendable {
        var a: FrozenMatrix  // lora_A [rank, inputs]
        var b: FrozenMatrix  // lora_B [outputs, rank]
        var scale: Float
        var aPlace: ParameterPlace
        var bPlace: ParameterPlace
    }

    /// A map that is trained whole: y = W x + b + (V - W) x + (c - b), where V and c are the trained ones, so that the packed
    /// W serves all the same. Without a difference where the packed weights are the trained ones already.
    struct Whole: Sendable {
        var difference: FrozenMatrix?  // V - W [outputs, inputs]
        var biasDifference: FrozenMatrix?  // c - b [1, outputs]
        var place: ParameterPlace
        var biasPlace: ParameterPlace?
        /// Whether the trained weight is [inputs, outputs].
        var isTransposed: Bool
    }

    /// No change: a look at the map on the way back, of which a gradient's place keeps the sum.
    struct Measured: Sendable {
        var quantity: MapQuantity
        var place: ParameterPlace
    }

    enum Kind: Sendable {
        case lowRank(LowRank)
        case whole(Whole)
        case measured(Measured)
    }

    /// Whose memory the inner vector has.
    var slot: Workspace.MapSlot
    var rows: [Rows]
    var kind: Kind

    /// Adds the change to the map's outputs.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs]
    ///   - y: [rows, all outputs]
    func apply(_ x: Matrix, to y: Matrix, workspace: Workspace) {
        switch kind {
        case .measured: return
        case .whole(let whole):
            for range in rows {
                let out = y[columns: range.stack]
                if let difference = whole.difference {
                    MatrixProduct.multiply(
                        x.factor, difference[rows: range.map].transposed, into: out, accumulating: true)
                }
                if let bias = whole.biasDifference { Kernels.addToEachRow(bias[columns: range.map], of: out) }
            }
        case .lowRank(let part):
            let inner = workspace.matrix(.adapted(slot), rows: x.rows, columns: part.a.rows)
            MatrixProduct.multiply(dropped(x, part, workspace: workspace).factor, part.a.transposed, into: inner)
            for range in rows {
                MatrixProduct.multiply(
                    inner.factor, part.b[rows: range.map].transposed, into: y[columns: range.stack], scale: part.scale,
                    accumulating: true)
            }
        }
    }

    /// Adds the gradients of A and B, or of V and c, and that of x where it is asked for.
    ///
    /// - Parameters:
    ///   - gradient: of y, [rows, all outputs]
    ///   - x: as in `apply`
    ///   - xGradient: [rows, inputs]
    func applyBackward(_ gradient: Matrix, input x: Matrix, into xGradient: Matrix?, _ pass: BackwardPass) {
        switch kind {
        case .whole(let whole): applyBackward(whole, gradient, input: x, into: xGradient, pass)
        case .lowRank(let part): applyBackward(part, gradient, input: x, into: xGradient, pass)
        case .measured(let measured): measure(measured, gradient, input: x, pass)
        }
    }

    private func measure(_ measured: Measured, _ gradient: Matrix, input x: Matrix, _ pass: BackwardPass) {
        let sum = pass.gradients.view(measured.place)
        switch measured.quantity {
        case .gradient:
            for range in rows {
                MatrixProduct.multiply(
                    gradient[columns: range.stack].transposed, x.factor, into: sum[rows: range.map], accumulating: true)
            }
        case .gram: MatrixProduct.multiply(x.transposed, x.factor, into: sum, accumulating: true)
        }
    }

    private func applyBackward(
        _ whole: Whole, _ gradient: Matrix, input x: Matrix, into xGradient: Matrix?, _ pass: BackwardPass
    ) {
        let weights = pass.gradients.view(whole.place)
        for range in rows {
            let own = gradient[columns: range.stack]
            if whole.isTransposed {
                MatrixProduct.multiply(
                    x.transposed, own.factor, into: weights[columns: range.map], accumulating: true)
            } else {
                MatrixProduct.multiply(own.transposed, x.factor, into: weights[rows: range.map], accumulating: true)
            }
            if let place = whole.biasPlace {
                Kernels.addRows(of: own, to: pass.gradients.view(place)[columns: range.map])
            }
            if let xGradient, let difference = whole.difference {
                MatrixProduct.multiply(
                    own.factor, difference[rows: range.map].factor, into: xGradient, accumulating: true)
            }
        }
    }

    private func applyBackward(
        _ part: LowRank, _ gradient: Matrix, input x: Matrix, into xGradient: Matrix?, _ pass: BackwardPass
    ) {
        let (count, rank) = (x.rows, part.a.rows)
        let inner = pass.tape.matrix(.adapted(slot), rows: count, columns: rank)
        let innerGradient = pass.workspace.matrix(.gradient(of: .adapted(slot)), rows: count, columns: rank)
        let bGradient = pass.gradients.view(part.bPlace)
        for (index, range) in rows.enumerated() {
            let own = gradient[columns: range.stack]
            MatrixProduct.multiply(
                own.factor, part.b[rows: range.map].factor, into: innerGradient, scale: part.scale,
                accumulating: index > 0)
            MatrixProduct.multiply(
                own.transposed, inner.factor, into: bGradient[rows: range.map], scale: part.scale, accumulating: true)
        }
        let dropped = dropped(x, part, workspace: pass.workspace)
        MatrixProduct.multiply(
            innerGradient.transposed, dropped.factor, into: pass.gradients.view(part.aPlace), accumulating: true)
        guard let xGradient else { return }
        guard let dropout = dropout(part, pass.workspace) else {
            MatrixProduct.multiply(innerGradient.factor, part.a.factor, into: xGradient, accumulating: true)
            return
        }
        MatrixProduct.multiply(innerGradient.factor, part.a.factor, into: dropped)
        Kernels.drop(dropped, dropout, into: xGradient, accumulating: true)
    }

    /// Each linear map leaves out elements of its own.
    private func dropout(_ part: LowRank, _ workspace: Workspace) -> Dropout? {
        workspace.dropout?.part(part.aPlace.offset)
    }

    private func dropped(_ x: Matrix, _ part: LowRank, workspace: Workspace) -> Matrix {
        guard let dropout = dropout(part, workspace) else { return x }
        let dropped = workspace.matrix(.dropped(slot), rows: x.rows, columns: x.columns)
        Kernels.drop(x, dropout, into: dropped)
        return dropped
    }
}

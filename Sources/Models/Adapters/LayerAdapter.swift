import Numerics

/// The linear maps of a layer that adapters act on.
public enum Projection: String, CaseIterable, Hashable, Sendable, Codable {
    case query = "q_proj"
    case key = "k_proj"
    case value = "v_proj"
    case output = "o_proj"
    case gate = "gate_proj"
    case up = "up_proj"
    case down = "down_proj"

    /// Its place among all.
    var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is added to a layer's linear maps. Low-rank factors: y = W x + scale · B A x. LoRA, arXiv 2106.09685, equation 3; in training the
/// second x may have elements left out, as PEFT's `lora_dropout` does it. A map that is trained whole: y = W x + (V - W) x,
/// where V is the trained one, so that the packed W serves all the same.
struct LayerAdapter: Sendable {
    struct LowRank: Sendable {
        var a: FrozenMatrix  // lora_A [rank, inputs]
        var b: FrozenMatrix  // lora_B [outputs, rank]
        var scale: Float
        var aPlace: ParameterPlace
        var bPlace: ParameterPlace

        /// Each linear map leaves out elements of its own.
        func dropout(_ workspace: Workspace) -> Dropout? { workspace.dropout?.part(aPlace.offset) }

        func dropped(_ x: Matrix, _ projection: Projection, workspace: Workspace) -> Matrix {
            guard let dropout = dropout(workspace) else { return x }
            let dropped = workspace.matrix(.dropped(projection), rows: x.rows, columns: x.columns)
            Kernels.drop(x, dropout, into: dropped)
            return dropped
        }
    }

    struct Whole: Sendable {
        var difference: FrozenMatrix  // V - W [outputs, inputs]
        var place: ParameterPlace
    }

    var parts: [Projection: LowRank] = [:]
    var wholes: [Projection: Whole] = [:]

    /// y += scale · B A x, or y += (V - W) x
    ///
    /// - Parameters:
    ///   - x: [rows, inputs]
    ///   - y: [rows, outputs]
    func apply(_ projection: Projection, _ x: Matrix, to y: Matrix, workspace: Workspace) {
        if let whole = wholes[projection] {
            MatrixProduct.multiply(x.factor, whole.difference.transposed, into: y, accumulating: true)
        }
        guard let part = parts[projection] else { return }
        let inner = workspace.matrix(.adapted(projection), rows: x.rows, columns: part.a.rows)
        MatrixProduct.multiply(
            part.dropped(x, projection, workspace: workspace).factor, part.a.transposed, into: inner)
        MatrixProduct.multiply(inner.factor, part.b.transposed, into: y, scale: part.scale, accumulating: true)
    }

    func backward(_ tape: SlotMemory, _ gradients: Gradients, _ workspace: Workspace) -> Backward {
        Backward(parts: parts, wholes: wholes, tape: tape, gradients: gradients, workspace: workspace)
    }

    /// The gradients of `apply`.
    struct Backward {
        fileprivate let parts: [Projection: LowRank]
        fileprivate let wholes: [Projection: Whole]
        fileprivate let tape: SlotMemory
        fileprivate let gradients: Gradients
        fileprivate let workspace: Workspace

        func trains(_ projection: Projection) -> Bool { parts[projection] != nil || wholes[projection] != nil }

        /// Adds the gradients of A and B, or of V, and that of x where it is asked for.
        ///
        /// - Parameters:
        ///   - input: x, [rows, inputs]
        ///   - gradient: of y, [rows, outputs]
        ///   - inputGradient: [rows, inputs]
        func apply(_ projection: Projection, input: Matrix, gradient: Matrix, into inputGradient: Matrix?) {
            if let whole = wholes[projection] {
                MatrixProduct.multiply(
                    gradient.transposed, input.factor, into: gradients.view(whole.place), accumulating: true)
                if let inputGradient {
                    MatrixProduct.multiply(
                        gradient.factor, whole.difference.factor, into: inputGradient, accumulating: true)
                }
            }
            guard let part = parts[projection] else { return }
            let (rows, rank) = (input.rows, part.a.rows)
            let inner = tape.matrix(.adapted(projection), rows: rows, columns: rank)
            let innerGradient = workspace.matrix(.gradient(of: .adapted(projection)), rows: rows, columns: rank)
            MatrixProduct.multiply(gradient.factor, part.b.factor, into: innerGradient, scale: part.scale)
            MatrixProduct.multiply(
                gradient.transposed, inner.factor, into: gradients.view(part.bPlace), scale: part.scale,
                accumulating: true)
            let dropped = part.dropped(input, projection, workspace: workspace)
            MatrixProduct.multiply(
                innerGradient.transposed, dropped.factor, into: gradients.view(part.aPlace), accumulating: true)
            guard let inputGradient else { return }
            guard let dropout = part.dropout(workspace) else {
                MatrixProduct.multiply(innerGradient.factor, part.a.factor, into: inputGradient, accumulating: true)
                return
            }
            MatrixProduct.multiply(innerGradient.factor, part.a.factor, into: dropped)
            Kernels.drop(dropped, dropout, into: inputGradient, accumulating: true)
        }
    }
}

import Diagnostics
import Numerics

/// A batch's embeddings at unit length, and the gradient with respect to them, to which losses add.
struct UnitRows {
    let rows: Matrix  // [rows, hidden]
    let gradient: Matrix  // [rows, hidden]
    private let lengths: [Double]

    /// - Throws: a diagnostic that names the first embedding that is not finite, or has no direction.
    init(_ embeddings: Matrix, kind: ExampleKind) throws {
        lengths = Kernels.rowDots(embeddings, embeddings).map { $0.squareRoot() }
        for (row, length) in lengths.enumerated() where !(length.isFinite && length > 0) {
            let (example, role) = row.quotientAndRemainder(dividingBy: kind.roles.count)
            let found = length == 0 ? "zeros, which have no direction" : "NaN or infinity"
            throw Diagnostic(
                "example \(example + 1) of the batch, \(kind.roles[role]): expected a finite embedding, found \(found)",
                suggestion: length == 0 ? nil : "lower the learning rate")
        }
        rows = Matrix(rows: embeddings.rows, columns: embeddings.columns)
        gradient = Matrix(rows: embeddings.rows, columns: embeddings.columns)
        Kernels.scaleRows(embeddings, by: lengths.map { 1 / $0 }, into: rows)
    }

    private init(rows: Matrix, gradient: Matrix, lengths: [Double]) {
        self.rows = rows
        self.gradient = gradient
        self.lengths = lengths
    }

    /// One sentence of every example, as a view: the `role`-th of `count`.
    func part(_ role: Int, of count: Int) -> UnitRows {
        UnitRows(
            rows: rows.everyRow(count, from: role), gradient: gradient.everyRow(count, from: role),
            lengths: stride(from: role, to: lengths.count, by: count).map { lengths[$0] })
    }

    /// Some columns of every row, as a view.
    func columns(_ range: Range<Int>) -> UnitRows {
        UnitRows(rows: rows[columns: range], gradient: gradient[columns: range], lengths: lengths)
    }

    /// The gradient with respect to the embeddings, in the place of the one with respect to their directions.
    func gradientOfEmbeddings() -> Matrix {
        Kernels.unitRowsBackward(rows, lengths: lengths, gradient: gradient)
        return gradient
    }
}

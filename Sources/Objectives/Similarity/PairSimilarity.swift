import Diagnostics
import Numerics

/// How alike two embeddings are, as losses over scored pairs see it.
enum PairSimilarity {
    case cosine
    /// AnglE, arXiv 2309.12871, equations 5 to 7: an embedding's first half are real, its second imaginary parts, and
    /// the similarity is |Σ re + Σ im| of the element-wise quotient, each embedding divided by its length. That is
    /// |x · y + b · c − a · d| for the unit vectors x = (a, b) and y = (c, d), as in angle_emb's `angle_loss`.
    case angle

    /// The similarity of each first row to the second of the same index.
    func values(_ first: UnitRows, _ second: UnitRows) -> [Double] {
        switch self {
        case .cosine: Kernels.rowDots(first.rows, second.rows)
        case .angle: angles(first, second).map(abs)
        }
    }

    /// Adds what the similarities' gradient means for both sides' rows.
    func addGradient(_ gradient: [Double], _ first: UnitRows, _ second: UnitRows) {
        switch self {
        case .cosine: addDotGradient(gradient, first, second)
        case .angle:
            let signed = zip(gradient, angles(first, second)).map { $0 * ($1 > 0 ? 1 : $1 < 0 ? -1 : 0) }
            let (a, b) = first.halves
            let (c, d) = second.halves
            addDotGradient(signed, first, second)
            addDotGradient(signed, b, c)
            addDotGradient(signed.map { -$0 }, a, d)
        }
    }

    private func angles(_ first: UnitRows, _ second: UnitRows) -> [Double] {
        let (a, b) = (first.halves.0.rows, first.halves.1.rows)
        let (c, d) = (second.halves.0.rows, second.halves.1.rows)
        let (real, left, right) = (
            Kernels.rowDots(first.rows, second.rows), Kernels.rowDots(b, c), Kernels.rowDots(a, d)
        )
        return real.indices.map { real[$0] + left[$0] - right[$0] }
    }

    private func addDotGradient(_ gradient: [Double], _ first: UnitRows, _ second: UnitRows) {
        for (row, scale) in gradient.enumerated() {
            Kernels.add(second.rows, row: row, scale: Float(scale), to: first.gradient, row: row)
            Kernels.add(first.rows, row: row, scale: Float(scale), to: second.gradient, row: row)
        }
    }
}

extension UnitRows {
    /// The first and the second half of the columns, as views.
    var halves: (UnitRows, UnitRows) {
        let half = rows.columns / 2
        return (columns(0..<half), columns(half..<2 * half))
    }
}

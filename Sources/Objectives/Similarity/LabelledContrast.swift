import Numerics

/// The in-batch loss of labelled pairs: each sentence is to find its partner among all others, where its label says that
/// they belong together. angle_emb's `in_batch_negative_loss`.
struct LabelledContrast {
    /// First and second sentences in turn.
    let units: UnitRows
    /// Of each pair; a label belongs together where its integer part is not 0.
    let labels: [Double]
    let scale: Double

    /// Adds `weight` times the gradient of the mean over all sentences; those without a target count as 0.
    ///
    /// - Returns: `weight` times the mean.
    func addGradient(weight: Double) -> Double {
        let count = units.rows.rows
        let logits = Matrix(rows: count, columns: count)
        MatrixProduct.multiply(units.rows.factor, units.rows.transposed, into: logits, scale: Float(scale))
        for row in 0..<count { logits[row, row] = -.infinity }
        let targets = targets
        let found = targets.enumerated().map { row, columns in columns.map { Double(logits[row, $0]) } }
        let totals = Kernels.softmaxRows(logits)
        // Now the gradient with respect to the logits.
        Kernels.scaleRows(logits, by: targets.map { Double($0.count) }, into: logits)
        for (row, columns) in targets.enumerated() {
            for column in columns { logits[row, column] -= 1 }
        }

        let factor = Float(weight * scale / Double(count))
        for gradient in [logits.factor, logits.transposed] {
            MatrixProduct.multiply(
                gradient, units.rows.factor, into: units.gradient, scale: factor, accumulating: true)
        }
        let sum = zip(found, totals).reduce(0) { sum, row in row.0.reduce(sum) { $0 + row.1 - $1 } }
        return weight * sum / Double(count)
    }

    /// The sentences that each sentence is to find.
    ///
    /// The package compares products, index · label against partner's index · label, so with labels other than 0 and 1
    /// a sentence may find a stranger too, by accident. Numbers made with it have that in them, and so has this.
    private var targets: [[Int]] {
        let whole = labels.flatMap { label -> [Int] in
            let integer = Int(min(max(label, -1e9), 1e9))
            return [integer, integer]
        }
        var byProduct: [Int: [Int]] = [:]
        for (index, label) in whole.enumerated() where label != 0 {
            byProduct[index * label, default: []].append(index)
        }
        return whole.enumerated().map { index, label in label == 0 ? [] : byProduct[(index ^ 1) * label] ?? [] }
    }
}

import Numerics

/// Logistic regressions with an L2 penalty, many at once on the same examples: they differ in training set and penalty,
/// and share the matrix products, which is where the time goes. Or one alone, to the end.
///
/// Each minimises ½ |w|² + C Σ loss, the intercept not penalised: scikit-learn's `LogisticRegression(C)` with its default
/// solver. Weights, losses and steps are in double precision; products that are shared are in single.
struct LogisticRegression: Sendable {
    let features: CentredFeatures
    let loss: LogisticLoss

    /// One of the regressions.
    struct Problem: Sendable {
        /// For each example, whether to learn from it.
        var training: [Bool]
        /// C: the weight of the examples' loss against the penalty.
        var inversePenalty: Double
    }

    private static let tolerance = 1e-4
    private static let mostEvaluations = 1000

    /// Many classes are many directions in which the objective is almost flat: at a gradient of 10⁻⁴ two of TREC's 500
    /// test sentences can still change sides.
    private static let preciseTolerance = 1e-5
    private static let mostPreciseEvaluations = 5000

    /// Fits one alone, in double precision, and classifies every example: for the classifier that is scored.
    ///
    /// - Returns: a class an example.
    /// - Throws: `CancellationError` when the task is cancelled.
    func predictions(of problem: Problem) throws -> [Int] {
        let scale = scale(problem)
        var minimiser = LimitedMemoryBFGS(
            start: Array(repeating: 0, count: loss.logitsPerExample * scale.count), tolerance: Self.preciseTolerance)
        var evaluations = 0
        while !minimiser.isDone, evaluations < Self.mostPreciseEvaluations {
            try Task.checkCancellation()
            let (value, gradient) = evaluate(unscaled(minimiser.trial, by: scale), problem)
            minimiser.tell(value: value, gradient: unscaled(gradient, by: scale))
            evaluations += 1
        }
        return loss.predictions(logits(unscaled(minimiser.trial, by: scale)))
    }

    /// Fits, and classifies every example: to compare penalties.
    ///
    /// - Returns: for each problem, a class an example.
    /// - Throws: `CancellationError` when the task is cancelled.
    func predictions(of problems: [Problem]) throws -> [[Int]] {
        let scratch = LinearScratch()
        let scales = problems.map(scale)
        let size = loss.logitsPerExample * (features.features + 1)
        var minimisers = problems.map { _ in
            LimitedMemoryBFGS(start: Array(repeating: 0, count: size), tolerance: Self.tolerance)
        }
        var active = Array(problems.indices)
        var evaluations = 0
        while !active.isEmpty, evaluations < Self.mostEvaluations {
            try Task.checkCancellation()
            let weights = active.map { unscaled(minimisers[$0].trial, by: scales[$0]) }
            let found = evaluate(weights, active.map { problems[$0] }, scratch: scratch)
            for (slot, index) in active.enumerated() {
                let gradient = unscaled(found[slot].gradient, by: scales[index])
                minimisers[index].tell(value: found[slot].value, gradient: gradient)
            }
            active.removeAll { minimisers[$0].isDone }
            evaluations += 1
        }
        let weights = zip(minimisers, scales).map { unscaled($0.trial, by: $1) }
        let logits = logits(weights, scratch: scratch)
        return problems.indices.map { loss.predictions(logits[$0]) }
    }

    /// The square root of an estimate of the objective's second derivative by each weight of a class, the intercept's
    /// last. In units of it the minimiser sees a function of about the same curvature in every direction.
    private func scale(_ problem: Problem) -> [Double] {
        let weight = problem.inversePenalty * LogisticLoss.curvature * Double(problem.training.count { $0 })
        return features.variances.map { (1 + weight * $0).squareRoot() } + [max(weight, 1).squareRoot()]
    }

    /// Divides by the scale, which repeats for each class: weights from the minimiser's point, and its gradient from the
    /// weights'.
    private func unscaled(_ vector: [Double], by scale: [Double]) -> [Double] {
        vector.indices.map { vector[$0] / scale[$0 % scale.count] }
    }

    /// The objective and its gradient by the weights.
    private func evaluate(_ weights: [Double], _ problem: Problem) -> (value: Double, gradient: [Double]) {
        var logits = logits(weights)
        var value = problem.inversePenalty * loss.differentiate(&logits, training: problem.training)
        let products = features.gradients(Array(logits.joined()))
        let width = features.features + 1
        var gradient = [Double](repeating: 0, count: weights.count)
        for (label, residual) in logits.enumerated() {
            for feature in 0..<features.features {
                let weight = weights[label * width + feature]
                gradient[label * width + feature] =
                    problem.inversePenalty * products[label * features.features + feature] + weight
                value += weight * weight / 2
            }
            gradient[label * width + width - 1] = problem.inversePenalty * residual.reduce(0, +)
        }
        return (value, gradient)
    }

    /// - Parameter weights: for each class, the features' and the intercept.
    /// - Returns: for each class, a logit an example.
    private func logits(_ weights: [Double]) -> [[Double]] {
        let (width, classes) = (features.features + 1, loss.logitsPerExample)
        let products = features.logits((0..<classes).flatMap { weights[($0 * width)..<($0 * width + width - 1)] })
        return (0..<classes).map { label in
            let intercept = weights[label * width + width - 1]
            return products[(label * features.examples)..<((label + 1) * features.examples)].map { $0 + intercept }
        }
    }

    /// The objectives and their gradients by the weights.
    private func evaluate(
        _ weights: [[Double]], _ problems: [Problem], scratch: LinearScratch
    ) -> [(value: Double, gradient: [Double])] {
        var logits = logits(weights, scratch: scratch)
        let losses = problems.indices.map { loss.differentiate(&logits[$0], training: problems[$0].training) }
        let classes = loss.logitsPerExample
        let residuals = Matrix(rows: problems.count * classes, columns: features.examples)
        for (row, residual) in logits.joined().enumerated() { residuals.assign(row: row, from: residual) }
        let products = features.gradients(residuals, scratch: scratch)
        return problems.indices.map { index in
            let strength = problems[index].inversePenalty
            var gradient: [Double] = []
            var penalty = 0.0
            for (label, residual) in logits[index].enumerated() {
                let start = label * (features.features + 1)
                for (feature, product) in products.array(row: index * classes + label).enumerated() {
                    let weight = weights[index][start + feature]
                    gradient.append(strength * Double(product) + weight)
                    penalty += weight * weight / 2
                }
                gradient.append(strength * residual.reduce(0.0) { $0 + Double($1) })
            }
            return (strength * losses[index] + penalty, gradient)
        }
    }

    /// - Parameter weights: for each problem, for each class, the features' and the intercept.
    /// - Returns: for each problem and class, a logit an example.
    private func logits(_ weights: [[Double]], scratch: LinearScratch) -> [[[Float]]] {
        let classes = loss.logitsPerExample
        let width = features.features + 1
        let matrix = Matrix(rows: weights.count * classes, columns: features.features)
        for row in 0..<matrix.rows {
            let start = row % classes * width
            matrix.assign(row: row, from: weights[row / classes][start..<(start + width - 1)].map { Float($0) })
        }
        let products = features.logits(matrix, scratch: scratch)
        return weights.indices.map { index in
            (0..<classes).map { label in
                let intercept = Float(weights[index][label * width + width - 1])
                return products.array(row: index * classes + label).map { $0 + intercept }
            }
        }
    }
}

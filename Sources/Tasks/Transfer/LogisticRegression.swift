import Numerics
import Workers

/// Logistic regressions with an L2 penalty, many at once on the same examples: they differ in training set and penalty,
/// and share the matrix products, which is where the time goes. The one that is scored is fitted alone, to the end.
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

    /// When a fit ends.
    private struct Limits {
        var tolerance: Double
        var evaluations: Int

        static let comparing = Limits(tolerance: 1e-4, evaluations: 1000)
        /// Many classes are many directions in which the objective is almost flat: at a gradient of 10⁻⁴ two of TREC's
        /// 500 test sentences can still change sides.
        static let scoring = Limits(tolerance: 1e-5, evaluations: 5000)
    }

    /// Fits one, in double precision, and classifies every example: for the classifier that is scored.
    ///
    /// - Returns: a class an example.
    /// - Throws: `CancellationError` when the task is cancelled.
    func predictions(of problem: Problem) throws -> [Int] {
        try fit([problem], with: DoublePrecisionProducts(features: features), until: .scoring)[0]
    }

    /// Fits, in single precision, and classifies every example: to compare penalties.
    ///
    /// - Returns: for each problem, a class an example.
    /// - Throws: `CancellationError` when the task is cancelled.
    func predictions(of problems: [Problem]) throws -> [[Int]] {
        try fit(problems, with: SinglePrecisionProducts(features), until: .comparing)
    }

    private func fit(_ problems: [Problem], with products: some LogisticProducts, until limits: Limits) throws
        -> [[Int]]
    {
        let scales = problems.map(scale)
        let size = loss.logitsPerExample * (features.features + 1)
        var minimisers = problems.map { _ in
            LimitedMemoryBFGS(start: Array(repeating: 0, count: size), tolerance: limits.tolerance)
        }
        var active = Array(problems.indices)
        var evaluations = 0
        while !active.isEmpty, evaluations < limits.evaluations {
            try WorkerPool.checkCancellation()
            let weights = active.map { unscaled(minimisers[$0].trial, by: scales[$0]) }
            let found = evaluate(weights, active.map { problems[$0] }, with: products)
            for (slot, index) in active.enumerated() {
                let gradient = unscaled(found[slot].gradient, by: scales[index])
                minimisers[index].tell(value: found[slot].value, gradient: gradient)
            }
            active.removeAll { minimisers[$0].isDone }
            evaluations += 1
        }
        let weights = zip(minimisers, scales).map { unscaled($0.trial, by: $1) }
        return logits(weights, with: products).map { loss.predictions($0) }
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

    /// The objectives and their gradients by the weights.
    private func evaluate(
        _ weights: [[Double]], _ problems: [Problem], with products: some LogisticProducts
    ) -> [(value: Double, gradient: [Double])] {
        var logits = logits(weights, with: products)
        let losses = problems.indices.map { loss.differentiate(&logits[$0], training: problems[$0].training) }
        let (classes, width) = (loss.logitsPerExample, features.features)
        let sums = products.gradients(Array(logits.joined().joined()), models: problems.count * classes)
        return problems.indices.map { index in
            let strength = problems[index].inversePenalty
            var gradient: [Double] = []
            gradient.reserveCapacity(classes * (width + 1))
            var penalty = 0.0
            for (label, residual) in logits[index].enumerated() {
                let (start, row) = (label * (width + 1), (index * classes + label) * width)
                for feature in 0..<width {
                    let weight = weights[index][start + feature]
                    gradient.append(strength * Double(sums[row + feature]) + weight)
                    penalty += weight * weight / 2
                }
                gradient.append(strength * residual.reduce(0.0) { $0 + Double($1) })
            }
            return (strength * losses[index] + penalty, gradient)
        }
    }

    /// - Parameter weights: for each problem, for each class, the features' and the intercept.
    /// - Returns: for each problem and class, a logit an example.
    private func logits<Products: LogisticProducts>(
        _ weights: [[Double]], with products: Products
    ) -> [[[Products.Scalar]]] {
        let (classes, width) = (loss.logitsPerExample, features.features)
        let starts = (0..<classes).map { $0 * (width + 1) }
        let slopes = weights.flatMap { weights in
            starts.flatMap { weights[$0..<($0 + width)].map(Products.Scalar.init) }
        }
        let sums = products.logits(slopes, models: weights.count * classes)
        return weights.indices.map { index in
            (0..<classes).map { label in
                let intercept = Products.Scalar(weights[index][starts[label] + width])
                let row = (index * classes + label) * features.examples
                return sums[row..<(row + features.examples)].map { $0 + intercept }
            }
        }
    }
}

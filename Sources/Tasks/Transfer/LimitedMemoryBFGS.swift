/// Minimises a smooth convex function whose values and gradients come from outside: evaluate it at `trial`, `tell` what
/// was found, until `isDone`. So many minimisers can share one evaluation.
///
/// Source: J. Nocedal and S. J. Wright, "Numerical optimization", 2006, algorithms 7.4 and 7.5; with backtracking (3.1),
/// since for a convex function every accepted step has positive curvature.
struct LimitedMemoryBFGS: Sendable {
    /// Where the function is to be evaluated next; the minimum once `isDone`.
    private(set) var trial: [Double]
    private(set) var isDone = false

    private struct Correction {
        var step: [Double]
        var change: [Double]
        /// 1 / (step · change)
        var weight: Double
    }

    private var point: [Double] = []
    private var value = Double.infinity
    private var gradient: [Double] = []
    private var direction: [Double] = []
    private var slope = 0.0
    private var length = 1.0
    private var corrections: [Correction] = []
    private var firstNorm = 0.0
    private let tolerance: Double

    private static let memory = 10
    private static let sufficientDecrease = 1e-4
    /// Of the value: less than this is rounding.
    private static let noise = 1e-9
    private static let shortestStep = 1e-6

    /// - Parameters:
    ///   - start: the first trial.
    ///   - tolerance: done when the gradient's norm is this share of the first one's.
    init(start: [Double], tolerance: Double) {
        trial = start
        self.tolerance = tolerance
    }

    /// Takes the function's value and gradient at `trial`.
    mutating func tell(value newValue: Double, gradient newGradient: [Double]) {
        if point.isEmpty {
            firstNorm = norm(newGradient)
        } else if !(newValue <= value + Self.sufficientDecrease * length * slope + Self.noise * abs(value)) {
            return backtrack(from: newValue)
        } else {
            remember(newGradient)
        }
        (point, value, gradient) = (trial, newValue, newGradient)
        guard norm(gradient) > tolerance * firstNorm else {
            isDone = true
            return
        }
        direction = descent()
        slope = dot(direction, gradient)
        length = corrections.isEmpty ? 1 / max(1, norm(gradient)) : 1
        move()
    }

    /// A shorter step: to the minimum of the parabola through what is known, within a tenth and a half of the last.
    private mutating func backtrack(from newValue: Double) {
        let excess = newValue - value - length * slope
        let fitted = excess > 0 ? -slope * length / (2 * excess) : 0.5
        length *= min(0.5, max(0.1, fitted.isNaN ? 0.1 : fitted))
        guard length > Self.shortestStep else {
            // Rounding hides any further descent.
            trial = point
            isDone = true
            return
        }
        move()
    }

    private mutating func move() {
        for index in trial.indices { trial[index] = point[index] + length * direction[index] }
    }

    private mutating func remember(_ newGradient: [Double]) {
        let step = zip(trial, point).map { $0 - $1 }
        let change = zip(newGradient, gradient).map { $0 - $1 }
        let curvature = dot(step, change)
        guard curvature > 1e-12 * dot(change, change) else { return }
        if corrections.count == Self.memory { corrections.removeFirst() }
        corrections.append(Correction(step: step, change: change, weight: 1 / curvature))
    }

    /// The two-loop recursion: minus the approximate inverse Hessian times the gradient.
    private func descent() -> [Double] {
        var result = gradient.map { -$0 }
        guard let last = corrections.last else { return result }
        var shares: [Double] = []
        for correction in corrections.reversed() {
            let share = correction.weight * dot(correction.step, result)
            add(-share, correction.change, to: &result)
            shares.append(share)
        }
        let scale = 1 / (last.weight * dot(last.change, last.change))
        for index in result.indices { result[index] *= scale }
        for (correction, share) in zip(corrections, shares.reversed()) {
            add(share - correction.weight * dot(correction.change, result), correction.step, to: &result)
        }
        return result
    }
}

private func dot(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for index in x.indices { sum += x[index] * y[index] }
    return sum
}

private func norm(_ x: [Double]) -> Double { dot(x, x).squareRoot() }

private func add(_ scale: Double, _ x: [Double], to y: inout [Double]) {
    for index in x.indices { y[index] += scale * x[index] }
}

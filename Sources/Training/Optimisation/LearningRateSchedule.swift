import Diagnostics
import Foundation

/// The learning rate of each step, as transformers' `get_constant_schedule_with_warmup`,
/// `get_linear_schedule_with_warmup` and `get_cosine_schedule_with_warmup` compute it.
public struct LearningRateSchedule: Hashable, Sendable {
    /// What follows the warm-up.
    public enum Shape: String, CaseIterable, Hashable, Sendable {
        case constant
        /// Down to 0 in a straight line.
        case linear
        /// Down to 0 along half a cosine.
        case cosine
    }

    /// How long the rate rises from 0 to its peak.
    public enum WarmUp: Hashable, Sendable {
        case steps(Int)
        /// A share of all steps, rounded up.
        case ratio(Double)
    }

    public let shape: Shape
    /// The highest learning rate.
    public let peak: Double
    /// All steps of the training.
    public let steps: Int
    public let warmUpSteps: Int

    /// - Throws: a diagnostic for a number out of its range.
    public init(_ shape: Shape, peak: Double, steps: Int, warmUp: WarmUp = .steps(0)) throws {
        guard peak > 0, peak.isFinite else {
            throw Diagnostic.expectedNumber("learning_rate", "above 0", found: peak)
        }
        // A smaller one would be 0 in the arithmetic of the steps, and change nothing.
        guard Float(peak) >= .leastNormalMagnitude else {
            throw Diagnostic.expectedNumber(
                "learning_rate", "at least \(Float.leastNormalMagnitude), which is above 0 in single precision",
                found: peak)
        }
        guard steps > 0 else { throw Diagnostic("expected 1 step or more, found \(steps)") }
        switch warmUp {
        case .steps(let count):
            guard (0...steps).contains(count) else {
                throw Diagnostic(
                    "expected warmup to be from 0 to the \(steps) steps, found \(count)",
                    suggestion: "a number with a point, from 0.0 to 1.0, is a share of the steps", subject: "warmup")
            }
            warmUpSteps = count
        case .ratio(let ratio):
            guard (0...1).contains(ratio) else {
                throw Diagnostic.expectedNumber(
                    "warmup", "a share from 0.0 to 1.0, or a whole number of steps", found: ratio)
            }
            warmUpSteps = Int((Double(steps) * ratio).rounded(.up))
        }
        self.shape = shape
        self.peak = peak
        self.steps = steps
    }

    /// Whether some step changes anything: the first of a warm-up doesn't.
    var isEverAboveZero: Bool { warmUpSteps == 0 || steps > 1 }

    /// The learning rate of a step.
    ///
    /// - Parameter step: from 0. With a warm-up the first step's rate is 0, as in transformers; past the end it is that
    ///   of the end.
    public func rate(at step: Int) -> Double {
        guard step >= warmUpSteps else { return peak * Double(step) / Double(max(1, warmUpSteps)) }
        let progress = min(1, Double(step - warmUpSteps) / Double(max(1, steps - warmUpSteps)))
        switch shape {
        case .constant: return peak
        case .linear: return peak * (1 - progress)
        case .cosine: return peak * max(0, 0.5 * (1 + cos(Double.pi * progress)))
        }
    }
}

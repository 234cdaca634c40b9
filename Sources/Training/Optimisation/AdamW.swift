import Diagnostics
import Numerics

/// Adam with decoupled weight decay: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2, with bias correction, as
/// `torch.optim.AdamW` computes it.
public struct AdamW: Sendable {
    /// The numbers that don't change during training.
    public struct Settings: Hashable, Sendable {
        /// β₁: how much of the gradient's mean a step keeps.
        public var firstDecay = 0.9
        /// β₂: how much of its square's.
        public var secondDecay = 0.999
        /// Added to the root of the mean square.
        public var epsilon = 1e-8
        /// λ: the share of each parameter, times the learning rate, that a step takes away.
        public var weightDecay = 0.01

        /// PyTorch's defaults.
        public init() {}
    }

    public let settings: Settings
    public private(set) var state: AdamWState

    /// - Parameter counts: how many numbers each parameter has
    /// - Throws: a diagnostic for a setting out of its range.
    public init(_ settings: Settings, counts: [Int]) throws {
        let zeros = counts.map { [Float](repeating: 0, count: $0) }
        try self.init(
            settings, counts: counts, resuming: AdamWState(steps: 0, firstMoments: zeros, secondMoments: zeros))
    }

    /// - Parameter state: from a checkpoint
    /// - Throws: a diagnostic for a setting out of its range, or a state that isn't of such parameters.
    public init(_ settings: Settings, counts: [Int], resuming state: AdamWState) throws {
        try settings.validate()
        guard state.steps >= 0, state.firstMoments.map(\.count) == counts, state.secondMoments.map(\.count) == counts
        else {
            throw Diagnostic(
                "expected the optimiser's state for \(counts.count) parameters of \(counts.reduce(0, +)) numbers, found "
                    + "one for \(state.firstMoments.count) of \(state.firstMoments.reduce(0) { $0 + $1.count })")
        }
        self.settings = settings
        self.state = state
    }

    /// Changes the parameters in place.
    ///
    /// - Parameters:
    ///   - parameters: of the counts given at the start, in that order
    ///   - gradients: of the parameters' shapes
    public mutating func step(_ parameters: [Matrix], gradients: [Matrix], learningRate: Double) {
        precondition(parameters.count == state.firstMoments.count && gradients.count == parameters.count)
        state.steps += 1
        let step = Kernels.AdamWStep(
            number: state.steps, learningRate: learningRate, decays: (settings.firstDecay, settings.secondDecay),
            epsilon: settings.epsilon, weightDecay: settings.weightDecay)
        for index in parameters.indices {
            Kernels.adamW(
                parameters[index], gradient: gradients[index], first: &state.firstMoments[index],
                second: &state.secondMoments[index], step: step)
        }
    }
}

extension AdamW.Settings {
    /// Checks each number's range.
    public func validate() throws {
        for (name, decay) in [("beta1", firstDecay), ("beta2", secondDecay)] where !(decay >= 0 && decay < 1) {
            throw Diagnostic.expectedNumber(name, "from 0 to below 1", found: decay)
        }
        guard epsilon > 0, epsilon.isFinite else {
            throw Diagnostic.expectedNumber("epsilon", "above 0", found: epsilon)
        }
        guard weightDecay >= 0, weightDecay.isFinite else {
            throw Diagnostic.expectedNumber("weight_decay", "0 or above", found: weightDecay)
        }
    }
}

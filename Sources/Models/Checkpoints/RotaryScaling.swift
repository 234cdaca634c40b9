import Foundation
import Numerics

/// How rotary frequencies are stretched for texts longer than those of the pretraining.
///
/// As `modeling_rope_utils.py` of Hugging Face transformers computes them, which names the kinds in quotes.
public enum RotaryScaling: Hashable, Sendable {
    /// RoFormer's own frequencies: "default". Also "dynamic" (NTK-aware), which changes nothing up to the context length
    /// that a model states, and longer texts don't get here.
    case none
    /// All frequencies divided by the factor: "linear".
    case linear(factor: Float)
    /// Low frequencies divided, high ones kept, those between interpolated: "llama3".
    case llama3(factor: Float, lowFactor: Float, highFactor: Float, originalLength: Float)
    /// "yarn": arXiv 2309.00071, section 3.
    case yarn(YaRN)
    /// The i-th frequency divided by the i-th of the short factors, and turned vectors multiplied: "longrope", arXiv
    /// 2402.13753. The long factors are for texts longer than those of the pretraining, which don't get here: the
    /// context ends where the short ones do.
    case longRoPE(shortFactors: [Float], attentionFactor: Double)
    /// The i-th frequency divided by the i-th divisor: GGUF's `rope_freqs.weight`.
    case divided([Float])

    public struct YaRN: Hashable, Sendable {
        public var factor: Double
        public var originalLength: Double
        /// Rotations over the original length above which a frequency is kept.
        public var betaFast = 32.0
        /// Rotations below which it is divided.
        public var betaSlow = 1.0
        /// What turned vectors are multiplied by.
        public var attentionFactor: Double
        /// Whether the ramp's ends are rounded outwards to whole dimensions.
        public var truncates = true

        /// The paper's attention factor: 0.1 m ln s + 1.
        public static func attentionFactor(_ factor: Double, mscale: Double = 1) -> Double {
            factor <= 1 ? 1 : 0.1 * mscale * log(factor) + 1
        }
    }

    /// LongRoPE's attention factor: √(1 + ln s / ln L) for a context stretched s times from L.
    static func longRoPEAttentionFactor(_ factor: Double, originalLength: Double) -> Double {
        factor <= 1 ? 1 : (1 + log(factor) / log(originalLength)).squareRoot()
    }

    /// The positions' table for a model.
    ///
    /// - Parameter components: how many of each head's are turned, from the first; nil for all
    public func embedding(
        positions: Int, headDimension: Int, components: Int? = nil, base: Float
    ) -> RotaryEmbedding {
        let plain = RotaryEmbedding.frequencies(headDimension: components ?? headDimension, base: base)
        var scale: Float = 1
        let frequencies: [Float]
        switch self {
        case .none: frequencies = plain
        case .linear(let factor): frequencies = plain.map { $0 / factor }
        case .divided(let divisors): frequencies = zip(plain, divisors).map { $0 / $1 }
        case .longRoPE(let factors, let attentionFactor):
            frequencies = zip(plain, factors).map { $0 / $1 }
            scale = Float(attentionFactor)
        case .llama3(let factor, let low, let high, let length):
            frequencies = plain.map { frequency in
                let wavelength = 2 * Float.pi / frequency
                if wavelength < length / high { return frequency }
                if wavelength > length / low { return frequency / factor }
                let smooth = (length / wavelength - low) / (high - low)
                return (1 - smooth) * frequency / factor + smooth * frequency
            }
        case .yarn(let yarn):
            frequencies = yarn.scaled(plain, base: Double(base))
            scale = Float(yarn.attentionFactor)
        }
        return RotaryEmbedding(
            positions: positions, frequencies: frequencies, scale: scale, headDimension: headDimension)
    }
}

extension RotaryScaling.YaRN {
    fileprivate func scaled(_ plain: [Float], base: Double) -> [Float] {
        let dimension = Double(2 * plain.count)
        /// The dimension whose frequency makes so many rotations over the original length.
        func turning(_ rotations: Double) -> Double {
            dimension * log(originalLength / (rotations * 2 * .pi)) / (2 * log(base))
        }
        var (low, high) = (turning(betaFast), turning(betaSlow))
        if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, dimension - 1))
        if low == high { high += 0.001 }
        return plain.enumerated().map { index, frequency in
            let kept = 1 - min(max((Float(index) - Float(low)) / Float(high - low), 0), 1)
            return frequency / Float(factor) * (1 - kept) + frequency * kept
        }
    }
}

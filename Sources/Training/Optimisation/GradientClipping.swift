import Diagnostics
import Numerics

/// Keeps the length of all gradients together below a limit. Pascanu et al., arXiv 1211.5063, algorithm 1; as PyTorch's
/// `clip_grad_norm_`.
public enum GradientClipping {
    /// Scales all gradients alike, in place, where their length is above the limit.
    ///
    /// - Parameter limit: nil to measure only
    /// - Returns: the length before, summed in double precision.
    /// - Throws: a diagnostic where a gradient holds a NaN or an infinity; the gradients are as they were.
    @discardableResult
    public static func clip(_ gradients: [Matrix], to limit: Double?) throws -> Double {
        let norm = gradients.reduce(0) { $0 + Kernels.squaredNorm($1) }.squareRoot()
        guard norm.isFinite else {
            throw Diagnostic(
                "expected a finite gradient, found NaN or infinity",
                suggestion: "lower the learning rate, or lengthen the warm-up")
        }
        guard let limit else { return norm }
        let scale = limit / (norm + 1e-6)
        guard scale < 1 else { return norm }
        for gradient in gradients {
            Kernels.scaleRows(gradient, by: Array(repeating: scale, count: gradient.rows), into: gradient)
        }
        return norm
    }
}

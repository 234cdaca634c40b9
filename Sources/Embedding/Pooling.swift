import Diagnostics

/// How the hidden states of a sentence's tokens become one vector.
public enum Pooling: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// The last real token: the representative word of a prompt that ends before it.
    case last
    case mean
    /// The sum divided by the square root of the number of tokens: sentence-transformers' `mean_sqrt_len_tokens`.
    case meanSquareRoot = "mean_sqrt_len"
    /// Token i of n weighs i / (1 + 2 + … + n), i from 1. SGPT, arXiv 2202.08904, equation 2.
    case weightedMean = "weighted_mean"
    case first
    case max

    /// Other projects' names for the same.
    public static let aliases: [String: Pooling] = [
        "lasttoken": .last, "avg": .mean, "cls": .first, "weightedmean": .weightedMean,
        "mean_sqrt_len_tokens": .meanSquareRoot,
    ]

    /// Reads a name or an alias.
    public init(named name: String) throws(Diagnostic) {
        guard let pooling = Pooling(rawValue: name) ?? Self.aliases[name] else {
            throw .unknown("pooling", name, among: Pooling.allCases.map(\.rawValue))
        }
        self = pooling
    }

    public var description: String { rawValue }
}

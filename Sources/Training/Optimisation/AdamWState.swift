/// What AdamW remembers between steps: written to a checkpoint and read again, training goes on with the same bits.
public struct AdamWState: Hashable, Codable, Sendable {
    /// Steps taken.
    public var steps: Int
    /// The running mean of each parameter's gradient, row by row.
    public var firstMoments: [[Float]]
    /// The running mean of its square.
    public var secondMoments: [[Float]]

    public init(steps: Int, firstMoments: [[Float]], secondMoments: [[Float]]) {
        self.steps = steps
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
    }
}

import Diagnostics
import Numerics

/// Which examples make up each batch: seed and batch number alone say it, so that training resumes where it was.
///
/// Every epoch goes through the examples in a random order of its own. What doesn't fill a batch at an epoch's end is
/// left out of that epoch: a smaller batch would have fewer negatives.
public struct ExampleOrder: Hashable, Sendable {
    public let count: Int
    public let batchSize: Int
    public let seed: UInt64

    /// - Throws: a diagnostic where there are fewer examples than a batch takes.
    public init(count: Int, batchSize: Int, seed: UInt64) throws {
        guard batchSize > 0 else { throw Diagnostic("expected a batch of 1 example or more, found \(batchSize)") }
        guard count >= batchSize else {
            throw Diagnostic(
                "expected \(batchSize) examples for a batch, found \(count) in all",
                suggestion: "set a smaller batch size", subject: "batch_size")
        }
        self.count = count
        self.batchSize = batchSize
        self.seed = seed
    }

    public var batchesPerEpoch: Int { count / batchSize }

    /// The indices of the examples of a batch.
    ///
    /// - Parameter number: from 0, on through all epochs
    public func batch(_ number: Int) -> [Int] {
        let (epoch, index) = number.quotientAndRemainder(dividingBy: batchesPerEpoch)
        let start = index * batchSize
        return Array(permutation(ofEpoch: epoch)[start..<start + batchSize])
    }

    /// All examples in the order of an epoch, from 0.
    public func permutation(ofEpoch epoch: Int) -> [Int] {
        var random = RandomGenerator(seed: seed, for: .order, part: UInt64(epoch))
        return random.permutation(of: count)
    }
}

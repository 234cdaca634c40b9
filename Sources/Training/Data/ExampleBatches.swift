import Diagnostics
import Synchronization

/// The batches of a training, by number alone: those of `ExampleOrder`, or such that no two examples of a batch share a
/// sentence, or have sentences that the method can't tell apart: they too would be each other's false negatives.
///
/// Then an example that shares a sentence with one of the batch being filled is put off to the epoch's next batch, before
/// all that come later; what is left when nothing fills another batch is left out of that epoch, as what doesn't fill the
/// last batch always is. As sentence-transformers' `NoDuplicatesBatchSampler`.
public final class ExampleBatches: Sendable {
    private let order: ExampleOrder
    /// Each example's sentences as numbers; nil where they may repeat.
    private let sentences: [[Int]]?
    private let reached: Mutex<Epoch>

    /// The batches of an epoch, and which number the first of them has.
    private struct Epoch {
        var number = 0
        var first = 0
        var batches: [[Int]] = []
        /// Examples that came into a later batch than their turn was.
        var putOff = 0
    }

    /// - Parameter sentences: each example's as numbers, to be kept apart; nil for the plain order
    /// - Throws: where no batch can be filled.
    init(_ order: ExampleOrder, apart sentences: [[Int]]?) throws {
        self.order = order
        self.sentences = sentences
        reached = Mutex(Epoch())
        guard let sentences else { return }
        let first = Self.epoch(order.permutation(ofEpoch: 0), of: order.batchSize, sentences: sentences)
        guard !first.batches.isEmpty else {
            throw Diagnostic(
                "no \(order.batchSize) examples for a batch share no sentence (no_duplicates)",
                suggestion: "set a smaller batch size", subject: "batch_size")
        }
        reached.withLock { $0 = first }
    }

    /// How many batches an epoch counts for: those that the examples fill, whatever the seed. Where sentences are kept
    /// apart, an epoch's order may fill fewer, and the next begins the sooner.
    package var batchesPerEpoch: Int { order.batchesPerEpoch }

    /// The indices of the examples of a batch, from 0 through all epochs.
    ///
    /// - Throws: where an epoch has no batch, since its order fills none.
    public func batch(_ number: Int) throws -> [Int] {
        guard sentences != nil else { return order.batch(number) }
        return try reached.withLock { epoch in
            try Self.move(&epoch, to: number, order: order, sentences: sentences ?? [])
            return epoch.batches[number - epoch.first]
        }
    }

    /// What keeping sentences apart does to the first batches.
    public struct Separation: Hashable, Sendable, CustomStringConvertible {
        /// Examples that came into a later batch than their turn was, in all epochs together.
        public var putOff = 0
        /// Examples that an epoch left out beyond what doesn't fill a batch anyway, in all epochs together.
        public var leftOut = 0

        public init(putOff: Int = 0, leftOut: Int = 0) { (self.putOff, self.leftOut) = (putOff, leftOut) }

        public var description: String {
            "no sentence twice in a batch: \(putOff) examples put off to a later one, \(leftOut) left out of an epoch"
        }
    }

    /// Counted over the epochs that so many batches begin.
    public func separation(ofBatches count: Int) throws -> Separation {
        var found = Separation()
        guard let sentences, count > 0 else { return found }
        var epoch = Epoch()
        for number in 0..<count where number == epoch.first + epoch.batches.count {
            try Self.move(&epoch, to: number, order: order, sentences: sentences)
            found.putOff += epoch.putOff
            found.leftOut += (order.batchesPerEpoch - epoch.batches.count) * order.batchSize
        }
        return found
    }

    private static func move(_ epoch: inout Epoch, to number: Int, order: ExampleOrder, sentences: [[Int]]) throws {
        if number < epoch.first { epoch = Epoch() }
        if epoch.batches.isEmpty {
            epoch = Self.epoch(order.permutation(ofEpoch: 0), of: order.batchSize, sentences: sentences)
        }
        while number >= epoch.first + epoch.batches.count {
            let (next, first) = (epoch.number + 1, epoch.first + epoch.batches.count)
            epoch = Self.epoch(order.permutation(ofEpoch: next), of: order.batchSize, sentences: sentences)
            (epoch.number, epoch.first) = (next, first)
            guard !epoch.batches.isEmpty else {
                throw Diagnostic(
                    "epoch \(next + 1): no \(order.batchSize) examples for a batch share no sentence (no_duplicates)",
                    suggestion: "set a smaller batch size", subject: "batch_size")
            }
        }
    }

    private static func epoch(_ permutation: [Int], of size: Int, sentences: [[Int]]) -> Epoch {
        var epoch = Epoch()
        var (waiting, next) = ([Int](), 0)
        while true {
            var (batch, taken, stillWaiting) = ([Int](), Set<Int>(), [Int]())
            var place = 0
            while batch.count < size, place < waiting.count || next < permutation.count {
                let isWaiting = place < waiting.count
                let example = isWaiting ? waiting[place] : permutation[next]
                if isWaiting { place += 1 } else { next += 1 }
                if taken.isDisjoint(with: sentences[example]) {
                    batch.append(example)
                    taken.formUnion(sentences[example])
                } else {
                    if !isWaiting { epoch.putOff += 1 }
                    stillWaiting.append(example)
                }
            }
            guard batch.count == size else { return epoch }
            epoch.batches.append(batch)
            waiting = stillWaiting + waiting[place...]
        }
    }
}

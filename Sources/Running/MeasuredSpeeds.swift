import Embedding
import Files
import Numerics

/// How fast this machine multiplies matrices, each shape measured once.
package struct MeasuredSpeeds {
    private struct Products: Hashable {
        var linear: LinearMaker
        var hiddenSize: Int
    }

    let workers: Int
    private var known: [Products: Double] = [:]

    package init(workers: Int) { self.workers = workers }

    /// Floating-point operations a second of all workers together.
    mutating func speed(_ linear: LinearMaker, hiddenSize: Int) -> Double {
        let products = Products(linear: linear, hiddenSize: hiddenSize)
        // More threads than processors would only take turns: those of another machine are taken to be as fast.
        let threads = AddressSpace.workers(atMost: min(workers, ProcessFacts.processors))
        let speed =
            known[products]
            ?? MatrixProductSpeed.measure(
                linear, hiddenSize: hiddenSize, rows: Encoder.defaultChunkTokens, threads: threads)
            * Double(workers) / Double(threads)
        known[products] = speed
        return speed
    }
}

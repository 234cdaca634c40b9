import Embedding
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
        let speed =
            known[products]
            ?? MatrixProductSpeed.measure(
                linear, hiddenSize: hiddenSize, rows: Encoder.defaultChunkTokens, threads: workers)
        known[products] = speed
        return speed
    }
}

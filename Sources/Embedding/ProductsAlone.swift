import Diagnostics
import Models
import Numerics
import Workers

/// The matrix products that `Encoder.encode` does for a method, and nothing else: on as many threads, with the same packed
/// weights, over the same chunks' row counts, in the same order.
///
/// The time they take is the floor of the encoding's: what is above it goes into attention, norms, activations and
/// the hand-over between them.
package struct ProductsAlone: Sendable {
    /// One product of each chunk.
    private struct Step: Sendable {
        var product: LayerProduct
        var node: PassTree.Node

        /// The rows that go through it.
        func rows(of batch: BatchSizes) -> Int {
            product.takesAllRows ? batch.rows(in: node) : batch.queries(in: node)
        }
    }

    private let steps: [Step]
    private let chunks: [BatchSizes]
    /// The shared prefix, computed before the chunks by one thread.
    private let prefixRows: Int
    private let workers: Int

    /// - Parameter encoder: its backbone, workers, chunk length and sharing
    /// - Throws: for a backbone whose layers don't name their products.
    package init(_ encoder: Encoder, _ prompts: Prompts, method: EmbeddingMethod) throws {
        let backbone = encoder.backbone
        let readout = try ResolvedMethod(method, backbone.shape).readout(of: prompts)
        steps = try PassTree([readout]).nodes.flatMap { node in
            guard let layer = try backbone.layer(node.layer) as? any ProductListing else {
                throw Diagnostic("the products of this backbone's layers are not known")
            }
            return layer.products.map { Step(product: $0, node: node) }
        }
        let plan = ChunkPlan(
            prompts, cut: .tokens(encoder.chunkTokens), prefix: encoder.sharesBeginnings ? prompts.templatePrefix : [],
            sharesBeginnings: encoder.sharesBeginnings)
        let prefixRows = plan.sharedPrefix.count
        chunks = plan.chunks.map { $0.sizes(prefix: prefixRows) }
        self.prefixRows = prefixRows
        workers = max(1, min(encoder.workers, plan.chunks.count))
    }

    /// Floating-point operations: a multiplication and an addition for each weight and row.
    package var operations: Double {
        steps.reduce(0) { sum, step in
            let rows = chunks.reduce(prefixRows) { $0 + step.rows(of: $1) }
            return sum + 2 * Double(rows) * Double(step.product.linear.inputs) * Double(step.product.linear.outputs)
        }
    }

    /// Does the products.
    ///
    /// - Throws: `CancellationError` when the task is cancelled
    package func run() async throws {
        if prefixRows > 0 { ProductMemory().multiply(steps.map { ($0.product, prefixRows) }) }
        _ = try await WorkerPool.shared.map(chunks.count, workers: workers, makeState: { _ in ProductMemory() }) {
            memory, index in
            memory.multiply(steps.map { ($0.product, $0.rows(of: chunks[index])) })
        }
    }
}

/// A worker's inputs and outputs: of each width one, as the forward pass has them.
private final class ProductMemory {
    private var inputs: [Int: Matrix] = [:]
    private var outputs: [Int: Matrix] = [:]
    private let scratch = LinearScratch()

    func multiply(_ products: [(product: LayerProduct, rows: Int)]) {
        for (product, rows) in products {
            product.linear.apply(
                input(rows, product.linear.inputs), into: output(rows, product.linear.outputs),
                accumulating: product.isAccumulating, scratch: scratch)
        }
    }

    /// Fixed numbers in -0.5 ..< 0.5: zeros would draw less power than a model's numbers, and run faster for it.
    private func input(_ rows: Int, _ columns: Int) -> Matrix {
        if let matrix = inputs[columns], matrix.rows >= rows { return matrix[rows: 0..<rows] }
        let numbers = (0..<UInt32(rows * columns)).map { Float(($0 &* 2_654_435_761) >> 16) / 65536 - 0.5 }
        let matrix = Matrix(rows: rows, columns: columns, numbers)
        inputs[columns] = matrix
        return matrix
    }

    private func output(_ rows: Int, _ columns: Int) -> Matrix {
        if let matrix = outputs[columns], matrix.rows >= rows { return matrix[rows: 0..<rows] }
        let matrix = Matrix(rows: rows, columns: columns)
        outputs[columns] = matrix
        return matrix
    }
}

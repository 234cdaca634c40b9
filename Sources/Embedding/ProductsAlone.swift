import Diagnostics
import Models
import Numerics

/// The matrix products that `Encoder.encode` does for a causal method, and nothing else: on as many threads, with the
/// same packed weights, over the same chunks' row counts, in the same order.
///
/// The time they take is the floor of the encoding's: what is above it goes into attention, norms, activations and
/// the hand-over between them.
package struct ProductsAlone: Sendable {
    /// One product of one chunk.
    private struct Step: Sendable {
        var product: LayerProduct
        var isInHighestLayer: Bool

        /// The rows that go through it.
        func rows(of chunk: Rows) -> Int {
            isInHighestLayer && !product.takesAllRows ? chunk.queriesOfHighestLayer : chunk.count
        }
    }

    private struct Rows: Sendable {
        var count: Int
        var queriesOfHighestLayer: Int
    }

    private let steps: [Step]
    private let chunks: [Rows]
    /// The shared prefix, computed before the chunks by one thread.
    private let prefix: Rows?
    private let workers: Int

    /// - Parameters:
    ///   - encoder: its backbone, workers, chunk length and sharing
    ///   - method: with no bidirectional layers, which would give chunks other rows
    /// - Throws: for another method, and for a backbone whose layers don't name their products.
    package init(_ encoder: Encoder, _ prompts: Prompts, method: EmbeddingMethod) throws {
        let backbone = encoder.backbone
        let resolved = try ResolvedMethod(method, backbone.shape)
        guard resolved.bidirectionalLayers.isEmpty else {
            throw Diagnostic("expected a causal method, found the attention plan \(method.attention)")
        }
        let readout = resolved.readout(of: prompts)
        steps = try (0..<readout.hiddenLayer).flatMap { index in
            guard let layer = try backbone.layer(index) as? any ProductListing else {
                throw Diagnostic("the products of this backbone's layers are not known")
            }
            return layer.products.map { Step(product: $0, isInHighestLayer: index == readout.hiddenLayer - 1) }
        }
        let plan = ChunkPlan(
            prompts, cut: .tokens(encoder.chunkTokens), prefix: encoder.sharesBeginnings ? prompts.templatePrefix : [],
            sharesBeginnings: encoder.sharesBeginnings)
        chunks = plan.chunks.map { chunk in
            Rows(
                count: chunk.tokens,
                queriesOfHighestLayer: readout.rows == .last ? chunk.prompts.count : chunk.tokens)
        }
        let shared = plan.sharedPrefix.count
        prefix = shared > 0 ? Rows(count: shared, queriesOfHighestLayer: shared) : nil
        workers = max(1, min(encoder.workers, plan.chunks.count))
    }

    /// Floating-point operations: a multiplication and an addition for each weight and row.
    package var operations: Double {
        let all = chunks + [prefix].compactMap(\.self)
        return steps.reduce(0) { sum, step in
            let rows = all.reduce(0) { $0 + step.rows(of: $1) }
            return sum + 2 * Double(rows) * Double(step.product.linear.inputs) * Double(step.product.linear.outputs)
        }
    }

    /// The rows of the chunk of that number; nil behind the last.
    private func chunk(_ index: Int) -> Rows? { index < chunks.count ? chunks[index] : nil }

    /// Does the products.
    ///
    /// - Throws: `CancellationError` when the task is cancelled
    package func run() async throws {
        if let prefix { ProductMemory(rows: prefix.count).multiply(steps.map { ($0.product, $0.rows(of: prefix)) }) }
        let longest = chunks.map(\.count).max() ?? 0
        let taken = Counter()
        try await withThrowingTaskGroup { group in
            for _ in 0..<workers {
                group.addTask {
                    let memory = ProductMemory(rows: longest)
                    while let chunk = chunk(taken.next()) {
                        try Task.checkCancellation()
                        memory.multiply(steps.map { ($0.product, $0.rows(of: chunk)) })
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// A worker's inputs and outputs: of each width one, as the forward pass has them.
private final class ProductMemory {
    private let rows: Int
    private var inputs: [Int: Matrix] = [:]
    private var outputs: [Int: Matrix] = [:]
    private let scratch = LinearScratch()

    init(rows: Int) { self.rows = rows }

    func multiply(_ products: [(product: LayerProduct, rows: Int)]) {
        for (product, rows) in products {
            product.linear.apply(
                input(columns: product.linear.inputs)[rows: 0..<rows],
                into: output(columns: product.linear.outputs)[rows: 0..<rows],
                accumulating: product.isAccumulating, scratch: scratch)
        }
    }

    /// Fixed numbers in -0.5 ..< 0.5: zeros would draw less power than a model's numbers, and run faster for it.
    private func input(columns: Int) -> Matrix {
        if let matrix = inputs[columns] { return matrix }
        let numbers = (0..<UInt32(rows * columns)).map { Float(($0 &* 2_654_435_761) >> 16) / 65536 - 0.5 }
        let matrix = Matrix(rows: rows, columns: columns, numbers)
        inputs[columns] = matrix
        return matrix
    }

    private func output(columns: Int) -> Matrix {
        if let matrix = outputs[columns] { return matrix }
        let matrix = Matrix(rows: rows, columns: columns)
        outputs[columns] = matrix
        return matrix
    }
}

import Diagnostics
import Embedding
import Models
import Numerics
import Objectives

/// What adapters are merged into by what a probe measures of each: Fisher merging, RegMean.
public struct MeasuredMerge: Sendable {
    public let merge: AdapterMerge
    /// As they are read.
    public let adapters: [Adapter]
    public let modules: BackboneModules
    /// Of what comes out.
    public let configuration: AdapterConfiguration

    /// - Throws: where an adapter was made for another model, or changes more than linear maps by low-rank factors
    public init(_ merge: AdapterMerge, of adapters: [Adapter], on modules: BackboneModules) throws {
        try merge.check(adapters.count)
        (self.merge, self.adapters, self.modules) = (merge, adapters, modules)
        configuration = try merge.configuration(of: adapters, on: modules)
        measuredCount = try merge.measuredCount(of: adapters, on: modules)
    }

    /// Numbers that are measured of each adapter.
    package let measuredCount: Int
}

extension Trainer {
    /// Takes a probe's batches through the model with each of some adapters, measures, and merges. Nothing is kept on the way: it takes
    /// one pass a batch and adapter, and begins anew where it was stopped, to the same bits.
    ///
    /// - Parameters:
    ///   - backbone: of the model, with differentiable linear maps
    ///   - examples: of one kind; the recipe's steps are batches of them
    /// - Throws: `CancellationError` when the task is cancelled
    public func merge(
        _ measured: MeasuredMerge, _ model: PretrainedModel, backbone: any AdaptableBackbone,
        examples: [TrainingExample], observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws -> (merged: AdapterMerge.Merged, log: [TrainingStep]) {
        guard !examples.isEmpty else { throw Diagnostic("there are no examples to measure by") }
        guard recipe.head == nil, !recipe.hasObjectiveLayers, recipe.accumulation == 1 else {
            throw Diagnostic("a probe of a merge has no head, no objective with parameters, and batches alone")
        }
        try recipe.check(examples)
        let order = try recipe.batches(of: examples)
        let adapters = try measured.merge.measuring(measured.adapters, on: measured.modules)
        var log: [TrainingStep] = []
        var sums: [FrozenMatrix] = []
        for adapter in adapters {
            let encoder = DifferentiableEncoder(
                method, adapter: adapter.adapter, workers: workers, activationBytes: activationBytes,
                normsExits: recipe.normsExits)
            let adapted = try backbone.adapted(by: adapter.adapter)
            let sum = Matrix(rows: 1, columns: adapter.count)
            for number in 0..<recipe.steps {
                try Task.checkCancellation()
                let start = ContinuousClock.now
                let found = try await gradient(
                    of: [try order.batch(number).map { examples[$0] }], step: number, encoder: encoder,
                    model: StepModel(model: model, backbone: adapted, head: nil, objectiveHead: nil))
                let numbers = adapter.measured(found.parameters)
                switch adapter.quantity {
                case .gradient: sum.addSquares(of: numbers, share: 1 / Float(recipe.steps))
                case .gram: Kernels.add(numbers, row: 0, scale: 1 / Float(recipe.steps), to: sum, row: 0)
                }
                var step = TrainingStep(
                    number: number + 1, loss: found.loss, learningRate: 0,
                    gradientNorm: Kernels.squaredNorm(adapter.own(found.parameters)).squareRoot(),
                    tokens: found.tokens, seconds: (ContinuousClock.now - start) / .seconds(1))
                step.peakBytes = peakBytes()
                if sums.isEmpty { log.append(step) }
                observe(.step(step))
            }
            let square = Kernels.squaredNorm(sum)
            guard square.isFinite, square > 0 else {
                throw Diagnostic(
                    square.isFinite
                        ? "nothing was measured: the probe's gradient is 0 in each of \(recipe.steps) batches"
                        : "expected finite numbers of the probe, found NaN or infinity")
            }
            sums.append(FrozenMatrix(freezing: sum))
        }
        let merged = try measured.merge.merged(
            measured.adapters, on: measured.modules, probe: MergeProbe(adapters, sums: sums))
        return (merged, log)
    }
}

extension Matrix {
    /// self += share · x², number by number; both of one row.
    fileprivate func addSquares(of x: Matrix, share: Float) {
        withUnsafeMutableElements(rows: 0..<1) { sums in
            x.withUnsafeMutableElements(rows: 0..<1) { numbers in
                for index in numbers.indices { sums[index] += share * numbers[index] * numbers[index] }
            }
        }
    }
}

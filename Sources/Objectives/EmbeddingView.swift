import Diagnostics
import Models
import Numerics

/// A part of what the model says of a sentence: the pooled states of a hidden layer, or their first dimensions.
public struct EmbeddingView: Hashable, Sendable {
    /// Whose states are pooled; nil for the embedding method's own.
    public var layer: HiddenLayer?
    /// How many of the first dimensions; nil for all.
    public var dimensions: Int?

    public init(layer: HiddenLayer? = nil, dimensions: Int? = nil) {
        (self.layer, self.dimensions) = (layer, dimensions)
    }

    /// The embedding as the method has it.
    public static let whole = EmbeddingView()
}

/// What an objective may draw its views from: the step, and what there is to be read.
public struct ObjectiveStep: Hashable, Sendable {
    /// The batch's number from 0, through all steps.
    public var number: Int
    public var seed: UInt64
    /// Layers of the model.
    public var layerCount: Int
    /// Dimensions of an embedding.
    public var dimensions: Int
    /// The embedding method's hidden layer.
    public var layer: HiddenLayer

    public init(number: Int, seed: UInt64, layerCount: Int, dimensions: Int, layer: HiddenLayer = .last) {
        (self.number, self.seed, self.layerCount) = (number, seed, layerCount)
        (self.dimensions, self.layer) = (dimensions, layer)
    }

    /// Random numbers of this step alone: a training that was stopped draws the same again.
    package func random(for purpose: RandomGenerator.Purpose = .views) -> RandomGenerator {
        RandomGenerator(seed: seed, for: purpose, part: UInt64(number))
    }
}

/// The hidden layers that a step reads, and how its objective's views are cut from them.
public struct ViewPlan: Sendable {
    public let views: [EmbeddingView]
    /// Each layer that is read, once, in the order in which the views name them.
    public let layers: [HiddenLayer]
    /// For each view the index of its layer.
    private let places: [Int]

    /// - Throws: a diagnostic for a layer that the model doesn't have, or more dimensions than an embedding has.
    public init(_ objective: any Objective, _ step: ObjectiveStep) throws {
        try objective.check(sizes: step)
        views = objective.views(step)
        var layers: [HiddenLayer] = []
        var resolved: [Int] = []
        places = try views.map { view in
            if let dimensions = view.dimensions, !(1...step.dimensions).contains(dimensions) {
                throw Diagnostic(
                    "\(type(of: objective).name) reads \(dimensions) dimensions, but embeddings have \(step.dimensions)"
                )
            }
            let layer = view.layer ?? step.layer
            let index = try layer.resolved(layerCount: step.layerCount)
            if let known = resolved.firstIndex(of: index) { return known }
            layers.append(layer)
            resolved.append(index)
            return layers.count - 1
        }
        self.layers = layers
    }

    /// The embeddings that each view shows, without a copy.
    ///
    /// - Parameter embeddings: of each of `layers`, [rows, dimensions]
    public func cut(_ embeddings: [Matrix]) -> [Matrix] {
        zip(views, places).map { view, place in
            view.dimensions.map { embeddings[place][columns: 0..<$0] } ?? embeddings[place]
        }
    }

    /// The gradient for each layer's whole embedding: the sum of its views', in their order.
    ///
    /// - Parameters:
    ///   - gradients: for each view, of its shape
    ///   - embeddings: of each of `layers`, for their shapes
    public func join(_ gradients: [Matrix], of embeddings: [Matrix]) -> [Matrix] {
        layers.indices.map { layer in
            let own = gradients.indices.filter { places[$0] == layer }
            let shape = embeddings[layer]
            // A single whole view is handed on as it is: adding it to zeros would turn −0 into 0.
            if own.count == 1, gradients[own[0]].columns == shape.columns { return gradients[own[0]] }
            let sum = Matrix(rows: shape.rows, columns: shape.columns)
            for view in own {
                let part = sum[columns: 0..<gradients[view].columns]
                for row in 0..<part.rows { Kernels.add(gradients[view], row: row, scale: 1, to: part, row: row) }
            }
            return sum
        }
    }
}

import Diagnostics
import Embedding
import Models
import Numerics
import Objectives

/// What a training changes, in one flat vector: the adapter's parameters, then those of the head where there is one, then those of
/// an objective that has some.
struct TrainedParameters {
    let configuration: AdapterConfiguration
    let layout: ParameterLayout
    let headShape: HeadShape?
    /// The objective's own layers, as they begin; nil where it has none.
    let objectiveStart: Head?
    /// In place of all others; nil for an adapter's own.
    let positioning: Positioning?

    init(_ recipe: TrainingRecipe, _ backbone: any AdaptableBackbone, positioning: Positioning? = nil) throws {
        configuration = positioning?.arc.configuration ?? recipe.adapter
        layout = try backbone.parameterLayout(of: configuration)
        self.positioning = positioning
        headShape = recipe.head?.shape(inputs: backbone.hiddenSize)
        let step = ObjectiveStep(
            number: 0, seed: recipe.seed, layerCount: backbone.layerCount,
            dimensions: headShape?.outputs ?? backbone.hiddenSize)
        objectiveStart = (recipe.objective.base as? any ParametricObjective)?.firstValues(step)
    }

    private var headCount: Int { headShape?.parameterCount ?? 0 }

    var count: Int {
        positioning == nil
            ? layout.count + headCount + (objectiveStart?.shape.parameterCount ?? 0) : Positioning.count
    }

    /// - Parameter values: of all parameters
    func adapter(_ values: [Float]) -> Adapter {
        if let positioning { return positioning.arc.adapter(at: positioning.position(values)) }
        return Adapter(
            configuration: configuration, layout: layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count, values[..<layout.count])))
    }

    /// A loss, and its gradient of what is trained, from those of the adapter's and the head's parameters.
    func gradient(
        _ found: (loss: Double, parameters: Matrix), at values: [Float]
    ) -> (loss: Double, parameters: Matrix) {
        guard let positioning else { return found }
        return (
            found.loss + positioning.penalty(at: values), positioning.gradient(of: found.parameters, at: values)
        )
    }

    /// - Parameter values: of all parameters
    func head(_ values: [Float]) -> Head? {
        headShape.map { Self.head($0, values[layout.count..<layout.count + headCount]) }
    }

    /// The objective's own layers.
    ///
    /// - Parameter values: of all parameters
    func objectiveHead(_ values: [Float]) -> Head? {
        objectiveStart.map { Self.head($0.shape, values[(layout.count + headCount)...]) }
    }

    private static func head(_ shape: HeadShape, _ own: ArraySlice<Float>) -> Head {
        Head(shape, values: FrozenMatrix(freezing: Matrix(rows: 1, columns: own.count, own)))
    }

    /// What training begins with: an earlier stage's values, but for what is only there for the training, a head or an objective's
    /// own layers, which each stage draws anew; else a fresh training's.
    ///
    /// - Throws: where the earlier stage trained other parameters.
    func firstValues(
        seed: UInt64, behind start: (adapter: Adapter, head: Head?)?, _ backbone: any AdaptableBackbone
    ) throws -> [Float] {
        if let positioning { return positioning.firstValues }
        let own = objectiveStart?.values.array(row: 0) ?? []
        guard let start else { return try initialValues(seed: seed, backbone) + own }
        let head = start.head ?? headShape.map { Head($0, seed: seed) }
        guard start.adapter.layout == layout, head?.shape == headShape else {
            throw Diagnostic("the adapter or head to begin with has other parameters than the one to train")
        }
        return start.adapter.values.array(row: 0) + (head?.values.array(row: 0) ?? []) + own
    }

    /// A fresh training's: A drawn as PEFT draws it, B zero, whole maps as the backbone's, so that the adapter changes
    /// nothing; a head as PyTorch draws linear maps.
    private func initialValues(seed: UInt64, _ backbone: any AdaptableBackbone) throws -> [Float] {
        let values = Matrix(rows: 1, columns: layout.count)
        try backbone.fillWhole(values, layout)
        for (index, name) in layout.names.enumerated() where name.contains("lora_A") {
            guard let place = layout[name] else { continue }
            var random = RandomGenerator(seed: seed, for: .initialisation, part: UInt64(index))
            random.fillKaimingUniform(values.view(from: place.offset, rows: place.rows, columns: place.columns))
        }
        return values.array(row: 0) + (headShape.map { Head($0, seed: seed).values.array(row: 0) } ?? [])
    }
}

/// A head on its way through a batch: what the objective reads, and where its gradient goes.
final class HeadGradient {
    private let head: Head
    /// [1, parameters of the head]
    let parameters: Matrix

    init(_ head: Head) {
        self.head = head
        parameters = Matrix(rows: 1, columns: head.shape.parameterCount)
    }

    /// A loss of pooled states from one of what the head makes of them, layer by layer with the same parameters.
    ///
    /// - Parameter loss: gets the head's outputs and returns their gradients
    func callAsFunction(_ pooled: [Matrix], _ loss: ([Matrix]) throws -> [Matrix]) rethrows -> [Matrix] {
        let recordings = pooled.map(head.record)
        return zip(recordings, try loss(recordings.map(\.output))).map { recording, gradient in
            head.backward(recording, gradient: gradient, into: parameters)
        }
    }
}

extension Matrix {
    /// Two rows end to end: [1, columns of both].
    func followed(by other: Matrix) -> Matrix {
        let both = Matrix(rows: 1, columns: columns + other.columns)
        both[columns: 0..<columns].assign(self)
        both[columns: columns..<both.columns].assign(other)
        return both
    }
}

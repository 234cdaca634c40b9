import Models
import Numerics
import Objectives

/// A batch's value, and the gradient of each hidden layer's embeddings.
///
/// - Parameter layers: all of a model, the last one's as the embedding
func layerGradients(of objective: some Objective, _ layers: [Matrix]) throws -> ObjectiveValue {
    let step = ObjectiveStep(number: 0, seed: 1, layerCount: layers.count - 1, dimensions: layers[0].columns)
    let plan = try ViewPlan(objective, step)
    let read = try plan.layers.map { layers[try $0.resolved(layerCount: layers.count - 1)] }
    let found = try objective.value(of: plan.cut(read), .pairs, step)
    let joined = plan.join(found.gradients, of: read)
    var all = layers.map { Matrix(rows: $0.rows, columns: $0.columns) }
    for (layer, gradient) in zip(plan.layers, joined) {
        all[try layer.resolved(layerCount: layers.count - 1)] = gradient
    }
    return ObjectiveValue(value: found.value, gradients: all)
}

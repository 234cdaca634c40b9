import Diagnostics
import Foundation
import Models
import Numerics
import Objectives
import TestSupport
import Testing

@Suite("2D Matryoshka: an objective of hidden layers too")
struct AdaptiveLayersTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            var name: String
            var dimensions: [Int]
            var value: Double
            var gradients: [[Double]]
        }

        var hidden: Int
        var layers: [[Float]]
        var cases: [Case]
    }

    /// As in `dump_adaptive_layers.py`.
    private static let changes: [String: @Sendable (inout AdaptiveLayers) -> Void] = [
        "uniform": { _ in },
        "log": { ($0.weighting, $0.temperature) = (.log, 1) },
        "linear": {
            $0.weighting = .linear
            ($0.lastWeight, $0.layerWeight, $0.divergenceWeight) = (2, 0.5, 0.25)
        },
        "no divergence": { $0.temperature = 0 },
    ]

    @Test("Value and gradient of each layer are those of sentence-transformers' AdaptiveLayerLoss and Matryoshka2dLoss")
    func golden() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("adaptive_layers.json")))
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        let layers = golden.layers.map { Matrix(rows: $0.count / golden.hidden, columns: golden.hidden, $0) }
        #expect(golden.cases.count == Self.changes.count)
        for one in golden.cases {
            var objective = AdaptiveLayers()
            objective.layersPerStep = nil
            if !one.dimensions.isEmpty {
                var inner = Matryoshka()
                inner.dimensions = one.dimensions
                objective.inner = AnyObjective(inner)
            }
            let change = try #require(Self.changes[one.name])
            change(&objective)
            let found = try layerGradients(of: objective, layers)
            #expect(abs(found.value - one.value) < 1e-5 * one.value, "\(one.name): \(found.value)")
            for (layer, expected) in one.gradients.enumerated() {
                let difference = Difference(elements(found.gradients[layer]), expected)
                #expect(difference.relative < 1e-5, "\(one.name), layer \(layer): \(difference)")
            }
        }
    }

    @Test("Each weighting, with and without a gradient for the teacher, has the gradient of finite differences")
    func differences() throws {
        for weighting in AdaptiveLayers.Weighting.allCases {
            var objective = AdaptiveLayers()
            (objective.inner, objective.layersPerStep) = (AnyObjective(InBatchNegatives(temperature: 1)), nil)
            (objective.weighting, objective.divergenceWeighting) = (weighting, weighting)
            (objective.firstLayer, objective.temperature, objective.isTeacherDetached) = (1, 0.8, false)
            var seed: UInt64 = 3
            let layers = (0...3).map { _ in
                seed += 1
                var random = SeededRandom(seed: seed)
                return Matrix(rows: 4, columns: 8, random.floats(32))
            }
            let found = try layerGradients(of: objective, layers)
            #expect(elements(found.gradients[0]).allSatisfy { $0 == 0 }, "layer 0 is below first_layer")
            for layer in 1...3 {
                for (row, column) in [(0, 0), (1, 5), (3, 7)] {
                    let before = layers[layer][row, column]
                    layers[layer][row, column] = before + 0.01
                    let above = try layerGradients(of: objective, layers).value
                    layers[layer][row, column] = before - 0.01
                    let below = try layerGradients(of: objective, layers).value
                    layers[layer][row, column] = before
                    let expected = Double(found.gradients[layer][row, column])
                    #expect(abs((above - below) / 0.02 - expected) < 1e-3, "\(weighting), layer \(layer)")
                }
            }
            // Without a gradient for the teacher the layers below keep theirs.
            objective.isTeacherDetached = true
            let detached = try layerGradients(of: objective, layers)
            #expect(elements(detached.gradients[1]).bits == elements(found.gradients[1]).bits)
            #expect(elements(detached.gradients[3]).bits != elements(found.gradients[3]).bits)
        }
    }

    @Test("Layers and dimensions are drawn apart from each other, anew in each step, and the same again")
    func draws() throws {
        var inner = Matryoshka()
        (inner.dimensions, inner.dimensionsPerStep) = ([8, 6, 4, 2], 1)
        var objective = AdaptiveLayers()
        (objective.inner, objective.firstLayer) = (AnyObjective(inner), 1)
        let steps = (0..<200).map { ObjectiveStep(number: $0, seed: 1, layerCount: 5, dimensions: 8) }
        let drawn = steps.map { step in
            let views = objective.views(step)
            #expect(views == objective.views(step) && views.count == 4)
            // The embedding and the layer are cut alike, as in the paper.
            #expect(views[0].dimensions == views[2].dimensions)
            return [views[2].layer?.index ?? -1, views[0].dimensions ?? -1]
        }
        #expect(Set(drawn.map { $0[0] }) == [1, 2, 3, 4])
        #expect(Set(drawn).count == 16, "each layer meets each count of dimensions")
    }

    @Test(
        "A layer that isn't there, or a number out of its range, is refused",
        arguments: [
            (
                "first_layer", PlainValue.Content.integer(5),
                "expected first_layer to be a hidden layer below the embedding's, 0…4, found 5"
            ),
            ("first_layer", .integer(-1), "expected first_layer to be 0 or more, found -1"),
            ("layers_per_step", .integer(0), "expected layers_per_step to be 1 or more, or all, found 0"),
            ("layers_per_step", .text("every"), "expected an integer, or all"),
            ("weighting", .text("lgo"), "did you mean \"log\"?"),
            ("weighting", .integer(1), "expected one of: uniform, log, linear, inverse, growing"),
            ("weighting", .text("inverse"), "expected first_layer to be 1 or more, found 0"),
            ("last_weight", .number(0), "expected last_weight to be above 0"),
            ("divergence_weight", .number(.nan), "expected divergence_weight to be 0 or more"),
            ("temperature", .number(-1), "expected temperature to be 0 or more"),
        ])
    func refused(key: String, content: PlainValue.Content, message: String) throws {
        let error = try #require(throws: Diagnostic.self) {
            let keys = PlainValue(.mapping([(key, PlainValue(content))]))
            let objective = try ObjectiveCatalogue.objective(PlainValue(.mapping([("adaptive_layers", keys)])))
            _ = try ViewPlan(objective, ObjectiveStep(number: 0, seed: 1, layerCount: 5, dimensions: 8))
        }
        #expect(error.description.contains(message), "\(error)")
    }
}

import Diagnostics
import Foundation
import Models
import Numerics
import Objectives
import TestSupport
import Testing

@Suite("Espresso: an objective of the first dimensions of hidden layers")
struct EspressoTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            var name: String
            var dimensions: Int
            var temperature: Double
            var align: Bool
            var value: Double
            var gradients: [[Double]]
        }

        var hidden: Int
        var layers: [[Float]]
        var cases: [Case]
    }

    @Test("Value and gradient of each layer are those of angle_emb's AngleESETrainer")
    func golden() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("espresso.json")))
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        let layers = golden.layers.map { Matrix(rows: $0.count / golden.hidden, columns: golden.hidden, $0) }
        #expect(golden.cases.count == 5)
        for one in golden.cases {
            var objective = Espresso()
            (objective.dimensions, objective.isAligned) = (one.dimensions, one.align)
            objective.temperature = one.temperature
            let found = try layerGradients(of: objective, layers)
            #expect(abs(found.value - one.value) < 1e-5 * one.value, "\(one.name): \(found.value)")
            for (layer, expected) in one.gradients.enumerated() {
                let own = (0..<found.gradients[layer].rows).flatMap { found.gradients[layer].array(row: $0) }
                if expected.allSatisfy({ $0 == 0 }) {
                    #expect(layer == layers.count - 2 && own.allSatisfy { $0 == 0 }, "the layer below is no student")
                    continue
                }
                let difference = Difference(own, expected)
                #expect(difference.relative < 1e-4, "\(one.name), layer \(layer): \(difference)")
            }
        }
    }

    @Test(
        "What a model hasn't, or a number out of its range, is refused",
        arguments: [
            ("dimensions", PlainValue.Content.integer(9), "espresso reads 9 dimensions, but embeddings have 8"),
            ("dimensions", .integer(0), "expected dimensions to be 1 or more, found 0"),
            ("temperature", .number(-1), "expected temperature to be 0 or more"),
            ("temprature", .number(1), "did you mean \"temperature\"?"),
        ])
    func refused(key: String, content: PlainValue.Content, message: String) throws {
        let error = try #require(throws: Diagnostic.self) {
            let keys = PlainValue(.mapping([(key, PlainValue(content))]))
            let objective = try ObjectiveCatalogue.objective(PlainValue(.mapping([("espresso", keys)])))
            _ = try ViewPlan(objective, ObjectiveStep(number: 0, seed: 1, layerCount: 5, dimensions: 8))
        }
        #expect(error.description.contains(message), "\(error)")
        let shallow = try #require(throws: Diagnostic.self) {
            var objective = Espresso()
            objective.dimensions = 4
            _ = try ViewPlan(objective, ObjectiveStep(number: 0, seed: 1, layerCount: 1, dimensions: 8))
        }
        #expect(shallow.message.contains("reads hidden layers below the one below the embedding's"))
    }

    @Test("What reads layers below its own is refused within it, which takes layer 0 too")
    func nestedLayers() throws {
        var narrow = Espresso()
        narrow.dimensions = 2
        for inner in [AnyObjective(AdaptiveLayers()), AnyObjective(narrow)] {
            var objective = Espresso()
            (objective.inner, objective.dimensions) = (inner, 4)
            let error = try #require(throws: Diagnostic.self) {
                _ = try ViewPlan(objective, ObjectiveStep(number: 0, seed: 1, layerCount: 5, dimensions: 8))
            }
            #expect(error.message.hasPrefix("espresso takes its objective of hidden layer 0 too: "), "\(error)")
        }
    }

    @Test("Over Matryoshka each view has dimensions that the narrow embeddings have")
    func nested() throws {
        var inner = Matryoshka()
        inner.dimensions = [4, 2]
        var objective = Espresso()
        (objective.inner, objective.dimensions) = (AnyObjective(inner), 4)
        let step = ObjectiveStep(number: 0, seed: 1, layerCount: 3, dimensions: 8)
        let views = objective.views(step)
        #expect(views.map(\.dimensions) == [4, 2, 4, 2, nil, 4, 2, nil, 4, 2, nil])
        inner.dimensions = [8, 4]
        objective.inner = AnyObjective(inner)
        #expect(throws: Diagnostic.self) { _ = try ViewPlan(objective, step) }
    }
}

import Diagnostics
import Embedding
import Models
import TestSupport
import Testing

@Suite struct PoolingTests {
    private let model = TinyLlama()
    private let sentences = ["a", "", "bc", "A longer sentence of many letters.", "é", "abc def"]

    @Test("every name and alias is read; an unknown one is an error that lists the names")
    func names() throws {
        for pooling in Pooling.allCases { #expect(try Pooling(named: pooling.description) == pooling) }
        let aliases = [
            "lasttoken": Pooling.last, "avg": .mean, "cls": .first, "weightedmean": .weightedMean,
            "mean_sqrt_len_tokens": .meanSquareRoot,
        ]
        for (name, pooling) in aliases { #expect(try Pooling(named: name) == pooling) }
        let names = Pooling.allCases.map(\.rawValue).joined(separator: ", ")
        let error = try #require(throws: Diagnostic.self) { try Pooling(named: "maen") }
        #expect(
            error.description
                == "unknown pooling \"maen\"; expected one of: \(names); did you mean \"mean\"?")
    }

    @Test(
        "each pooling equals the formula, for one token and many, with a shared prefix and without one",
        arguments: ["{text}", "Say: {text}", "{text} is", "Of \"{text}\" say:"])
    func equalsFormula(text: String) async throws {
        let template = try PromptTemplate(text)
        let methods = [(AttentionPlan.none, -1), (.last(1), -1), (.layers([0]), -2), (.none, 0)].flatMap {
            plan, layer in
            Pooling.allCases.map {
                EmbeddingMethod(template: template, pooling: $0, layer: HiddenLayer(layer), attention: plan)
            }
        }
        let found = try await embed(sentences, methods, by: model.backbone())
        for (method, vectors) in zip(methods, found) {
            let bidirectional = Set(try method.attention.bidirectionalLayers(layerCount: model.layers))
            let hiddenLayer = try method.layer.resolved(layerCount: model.layers)
            for (sentence, vector) in zip(sentences, vectors) {
                let tokens = text.replacing("{text}", with: sentence).utf8.map(Int32.init)
                let states = model.hiddenStates(of: tokens, bidirectional: bidirectional)[hiddenLayer]
                let zeros = [Double](repeating: 0, count: model.hidden)
                let difference = Difference(vector, tokens.isEmpty ? zeros : pool(states, method.pooling))
                #expect(difference.relative < 1e-5, "\"\(sentence)\", \(method): \(difference)")
            }
        }
    }
}

private func pool(_ states: [[Double]], _ pooling: Pooling) -> [Double] {
    states[0].indices.map { component in
        let column = states.map { $0[component] }
        let count = Double(column.count)
        return switch pooling {
        case .first: column[0]
        case .last: column[column.count - 1]
        case .mean: column.reduce(0, +) / count
        case .meanSquareRoot: column.reduce(0, +) / count.squareRoot()
        case .max: column.reduce(-.infinity, max)
        case .weightedMean:
            column.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element } / (count * (count + 1) / 2)
        }
    }
}

import Diagnostics
import Embedding
import Files
import Models
import Numerics

extension Inspection {
    /// A text that shows an attention plan at work.
    public static let defaultText = "A dog walks in the park."

    /// What an attention plan really does: the text's last token is exchanged for another one, and each layer is asked
    /// whether the first token's state moved. Under causal attention it can't; behind a bidirectional layer it does.
    ///
    /// Measured through the same interface as embeddings are.
    /// - Throws: where the model has no such layer, or the text is a single token.
    public init(layersOf model: PretrainedModel, attention: AttentionPlan, text: String = defaultText) throws {
        try model.shape.check(attention)
        let attention = attention.settled(isEncoder: model.shape.isEncoder)
        let bidirectional = try attention.bidirectionalLayers(layerCount: model.shape.layerCount)
        let prompts = try Prompts(
            [text], template: .plain, normaliser: .none, tokenizer: model.tokenizer,
            contextLength: model.shape.contextLength)
        let tokens = prompts.tokens[0]
        guard tokens.count > 1, let last = tokens.last, let other = tokens.first(where: { $0 != last }) else {
            throw Diagnostic("expected a text of at least two different tokens, found \(tokens.count): \"\(text)\"")
        }
        let changed = Array(tokens.dropLast()) + [other]
        try AddressSpace.check(Double(model.residentBytes(LinearMaker())))
        let movements = try Movement.measured(
            from: tokens, to: changed, by: model.backbone(isStreamed: PassPlan.streams(model, linear: LinearMaker())),
            attention: attention)
        add("text", text)
        add("tokens", tokens.count)
        add("last token", "\(last), exchanged for \(other)")
        add("attention plan", attention.description)
        add("bidirectional layers", .integers(bidirectional))
        tables.append(
            Table(
                name: "movement table",
                columns: ["hidden layer", "made by", "first token moved by", "most of the others but the last"],
                rows: movements.enumerated().map { index, movement in
                    [
                        .integer(index), .text(Self.maker(index, bidirectional, of: model.shape)),
                        .number(movement.first), .number(movement.others),
                    ]
                }))
        remarks.append("moved by: the norm of the difference, relative to the state's own norm")
        remarks.append(Self.verdict(movements, bidirectional))
    }

    private static func maker(_ hiddenLayer: Int, _ bidirectional: [Int], of shape: BackboneShape) -> String {
        guard hiddenLayer > 0 else { return "the embedding layer" }
        let direction = bidirectional.contains(hiddenLayer - 1) ? "bidirectional" : "causal"
        let norm = hiddenLayer == shape.layerCount ? ", final norm" : ""
        return "layer \(hiddenLayer - 1), \(direction)\(norm)"
    }

    private static func verdict(_ movements: [Movement], _ bidirectional: [Int]) -> String {
        guard let first = movements.firstIndex(where: { $0.first > 0 }) else {
            return "the last token reaches the first token in no layer"
        }
        guard first > 0 else { return "the first token is the last one: its own embedding changed" }
        let planned = bidirectional.first.map { ", the plan's first bidirectional layer is \($0)" } ?? ""
        return "the last token reaches the first one in layer \(first - 1)\(planned)"
    }
}

/// By how much the states of one hidden layer differ between two sequences that differ in their last token.
struct Movement: Hashable, Sendable {
    /// Of the first token: ‖h′ - h‖ / ‖h‖.
    let first: Double
    /// Of the one that moved most, the first and the last not counted; 0 where there is none.
    let others: Double

    /// - Parameters:
    ///   - tokens: at least two
    ///   - changed: as many
    /// - Returns: for each hidden layer from 0.
    /// - Throws: where a state isn't finite: what moves then isn't known.
    static func measured(
        from tokens: [Int32], to changed: [Int32], by backbone: any Backbone, attention: AttentionPlan
    ) throws -> [Movement] {
        let readouts = try (0...backbone.layerCount).map { layer throws(Diagnostic) in
            try Readout(attention: attention, layer: HiddenLayer(layer), rows: .all, layerCount: backbone.layerCount)
        }
        var movements = readouts.map { _ in Movement(first: 0, others: 0) }
        var notFinite: [Int] = []
        try ForwardPass.run(
            backbone, batch: PackedBatch([tokens, changed]), readouts: readouts, workspace: Workspace()
        ) { index, states in
            if !Kernels.squaredNorm(states.rows).isFinite { notFinite.append(index) }
            let distances = (0..<tokens.count - 1).map { row in
                distance(states.rows.array(row: row), states.rows.array(row: tokens.count + row))
            }
            movements[index] = Movement(first: distances[0], others: distances.dropFirst().max() ?? 0)
        }
        if let layer = notFinite.min() {
            throw Diagnostic(
                "the states have NaN or infinity from hidden layer \(layer) on: whether they move isn't known")
        }
        return movements
    }

    private static func distance(_ a: [Float], _ b: [Float]) -> Double {
        func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let difference = norm(zip(a, b).map { Double($1) - Double($0) })
        return difference == 0 ? 0 : difference / norm(a.map(Double.init))
    }
}

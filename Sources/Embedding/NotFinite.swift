import Diagnostics
import Models
import Numerics

/// An embedding that is no vector, because a number in it is NaN or infinite: weights whose products are beyond float32.
public struct NotFinite: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which of the prompts.
    public var prompt: Int
    /// The lowest hidden layer with such a state, from 0, the embedding layer's output; nil where it is pooling that has
    /// no finite value.
    public var layer: Int?

    public init(prompt: Int, layer: Int? = nil) { (self.prompt, self.layer) = (prompt, layer) }

    public var description: String { diagnostic(of: "prompt \(prompt + 1)").description }

    /// - Parameter sentence: what the embedding is of, as a message names it
    public func diagnostic(of sentence: String) -> Diagnostic {
        let place = layer.map { $0 == 0 ? ", from the embedding layer on" : ", from layer \($0) on" } ?? ""
        return Diagnostic("the embedding of \(sentence) has NaN or infinity\(place), and is no vector")
    }

    /// A sentence as a message quotes it: its beginning, if it is long.
    package static func quoted(_ sentence: String) -> String {
        let start = sentence.prefix(60)
        return start.endIndex == sentence.endIndex ? "\"\(sentence)\"" : "\"\(start)…\""
    }

    /// - Throws: for the first row that isn't finite.
    static func check(_ rows: FrozenMatrix, of prompts: [Int]) throws(NotFinite) {
        // Squares of floats don't overflow in double precision, nor do sums of as many as there can be.
        for (row, length) in Kernels.squaredNorms(rows).enumerated() where !length.isFinite {
            throw NotFinite(prompt: prompts[row])
        }
    }
}

extension Encoder {
    /// The same error with the layer, which takes a forward pass of the prompt through every layer.
    func located(_ error: NotFinite, in prompts: Prompts, methods: [EmbeddingMethod]) -> NotFinite {
        var error = error
        let alone = prompts[error.prompt..<error.prompt + 1]
        for method in methods {
            if let layer = try? lowestNotFinite(alone, method) { error.layer = min(layer, error.layer ?? layer) }
        }
        return error
    }

    private func lowestNotFinite(_ prompt: Prompts, _ method: EmbeddingMethod) throws -> Int? {
        let highest = try ResolvedMethod(method, backbone.shape).hiddenLayer
        let readouts = try (0...highest).map { layer in
            var method = method
            method.layer = HiddenLayer(layer)
            return try ResolvedMethod(method, backbone.shape).readout.reading(.all)
        }
        var batch = PackedBatch()
        batch.append(prompt.tokens[0][...], padding: prompt.padding(0))
        var found: [Int] = []
        try ForwardPass.run(backbone, batch: batch, readouts: readouts, workspace: Workspace()) { index, states in
            if !Kernels.squaredNorm(states.rows).isFinite { found.append(index) }
        }
        return found.min()
    }
}

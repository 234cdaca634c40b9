import Diagnostics

/// The tensors that a model needs, and those that it knows and doesn't read.
public struct TensorExpectations: Sendable {
    /// What the tensors make up, such as `llama`, for messages.
    private let model: String
    private var shapes: [(name: String, shape: [Int])] = []
    private var unread: Set<String> = []

    public init(of model: String) { self.model = model }

    public mutating func require(_ name: String, _ shape: [Int]) { shapes.append((name, shape)) }

    /// Allows a tensor that may be there, of any shape, and isn't read.
    public mutating func ignore(_ name: String) { unread.insert(name) }

    /// Checks a checkpoint's names and shapes; decodes nothing.
    ///
    /// - Throws: one diagnostic that names every tensor that is missing (with the left-over one that it may be a
    ///   misspelling of), every one of another shape, and every one left over.
    public func check(_ checkpoint: some TensorSource) throws {
        let known = Set(shapes.map(\.name))
        let leftOver = checkpoint.names.filter { !known.contains($0) && !unread.contains($0) }
        var missing: [String] = []
        var misshapen: [String] = []
        for (name, shape) in shapes {
            guard let tensor = checkpoint.tensorIfPresent(name) else {
                missing.append(description(ofMissing: name, leftOver, isEarly: missing.count < Self.mostGuesses))
                continue
            }
            if tensor.shape != shape { misshapen.append("\(name) has \(tensor.shape), expected \(shape)") }
        }
        let parts = [
            ("missing", missing), ("of another shape", misshapen), ("that a \(model) model doesn't have", leftOver),
        ].filter { !$0.1.isEmpty }
        guard !parts.isEmpty else { return }
        let found = parts.map { "\($0.1.count) \($0.0): \($0.1.joined(separator: ", "))" }.joined(separator: "; ")
        throw Diagnostic(
            "expected the tensors of a \(model) model; found tensors \(found)",
            at: SourceLocation(file: checkpoint.path))
    }

    /// Guessing is quadratic in the names.
    private static let mostGuesses = 20

    private func description(ofMissing name: String, _ leftOver: [String], isEarly: Bool) -> String {
        let guess = isEarly ? nearestName(to: name, among: leftOver) : nil
        return guess.map { "\(name) (the nearest is \($0))" } ?? name
    }
}

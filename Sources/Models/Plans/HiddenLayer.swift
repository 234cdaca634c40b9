import Diagnostics

/// Whose hidden states are pooled, as Hugging Face numbers `hidden_states` of a model with L layers:
/// 0 is the embedding layer's output, k the output of the k-th layer without the final norm, and L (or -1)
/// the last layer's after the final norm. So -2 is the output of the last layer but one.
public struct HiddenLayer: Hashable, Sendable, CustomStringConvertible {
    /// As written: 0…L, or -1…-(L+1).
    public let index: Int

    public init(_ index: Int) { self.index = index }

    /// After the final norm.
    public static let last = HiddenLayer(-1)

    /// The index from 0 to `layerCount`.
    public func resolved(layerCount: Int) throws(Diagnostic) -> Int {
        let resolved = index < 0 ? layerCount + 1 + index : index
        guard (0...layerCount).contains(resolved) else {
            throw Diagnostic(
                "there is no hidden layer \(index): the model has \(layerCount) layers, "
                    + "so expected 0…\(layerCount) or -1…-\(layerCount + 1)")
        }
        return resolved
    }

    public var description: String { String(index) }
}

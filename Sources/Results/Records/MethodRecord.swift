import Embedding

/// What a run's embedding method is, as a table of runs has it: a value for each column of `MethodField.columns`.
public struct MethodRecord: Equatable, Sendable {
    /// In the columns' order.
    private var values = MethodField.columns.map(\.blank)

    /// A method of which nothing was recorded.
    public init() {}

    /// - Parameter methods: the run's, one for each of its prompts; at least one
    public init(_ methods: [ResolvedMethod]) { values = MethodField.columns.map { $0.value(methods) } }

    /// A column's value; nil for a column that isn't one of a method's.
    public subscript(column: String) -> MethodColumn.Value? { Self.places[column].map { values[$0] } }

    private mutating func set(_ value: MethodColumn.Value, of column: String) {
        if let place = Self.places[column] { values[place] = value }
    }

    private static let places = Dictionary(
        uniqueKeysWithValues: MethodField.columns.enumerated().map { ($0.element.name, $0.offset) })

    subscript(text column: String) -> String {
        get { if case .text(let text) = self[column] { text } else { "" } }
        set { set(.text(newValue), of: column) }
    }

    subscript(integer column: String) -> Int {
        get { if case .integer(let integer) = self[column] { integer } else { 0 } }
        set { set(.integer(newValue), of: column) }
    }

    subscript(number column: String) -> Double {
        get { if case .number(let number) = self[column] { number } else { 0 } }
        set { set(.number(newValue), of: column) }
    }

    subscript(integers column: String) -> [Int] {
        get { if case .integers(let integers) = self[column] { integers } else { [] } }
        set { set(.integers(newValue), of: column) }
    }
}

// What tables and reports say of every run.
extension RunRecord {
    /// The attention plan as the experiment writes it, such as `last 4`.
    public var attentionPlan: String {
        get { method[text: "attention_plan"] }
        set { method[text: "attention_plan"] = newValue }
    }

    /// The attention plan resolved: the layers with bidirectional attention, counted from 0, ascending.
    public var bidirectionalLayers: [Int] {
        get { method[integers: "bidirectional_layers"] }
        set { method[integers: "bidirectional_layers"] = newValue }
    }

    /// Token Prepending: before which layers the placeholder is replaced, such as `1..<8`; empty for none.
    public var prependLayers: String {
        get { method[text: "prepend_layers"] }
        set { method[text: "prepend_layers"] = newValue }
    }

    /// The prompt template, with `{text}`; one a line where the embeddings of several prompts are averaged.
    public var template: String {
        get { method[text: "template"] }
        set { method[text: "template"] = newValue }
    }

    /// One a line where prompts have different ones.
    public var normaliser: String {
        get { method[text: "normaliser"] }
        set { method[text: "normaliser"] = newValue }
    }

    public var pooling: String {
        get { method[text: "pooling"] }
        set { method[text: "pooling"] = newValue }
    }

    /// Whose hidden states are pooled, as the experiment writes it; -1 is after the final norm.
    public var hiddenLayer: Int {
        get { method[integer: "hidden_layer"] }
        set { method[integer: "hidden_layer"] = newValue }
    }

    /// `none`, or `visible` where bidirectional layers see what batches are padded with.
    public var padding: String {
        get { method[text: "padding"] }
        set { method[text: "padding"] = newValue }
    }
}

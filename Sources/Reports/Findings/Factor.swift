import Embedding
import Results

/// A choice that tells one embedding method from another.
struct Factor: Hashable, Sendable {
    let name: String
    private let choice: @Sendable (RunRecord) -> String

    private init(_ name: String, _ choice: @escaping @Sendable (RunRecord) -> String) {
        (self.name, self.choice) = (name, choice)
    }

    /// The choice that a run made, as a chart names it.
    func value(of run: RunRecord) -> String { choice(run) }

    /// A column of the method: in its own words where a chart has some, else by its name.
    private init(_ column: MethodColumn) {
        let words = MethodWording.all[column.name]
        self.init(words?.title ?? column.title) { run in
            words?.choice?(run) ?? "\(column.title) \(run.method[column.name]?.text ?? "")"
        }
    }

    static func == (one: Factor, other: Factor) -> Bool { one.name == other.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    static let prompt = Factor("prompt") { $0.prompt.isEmpty ? label(of: $0.template) : $0.prompt }
    static let normaliser = ofMethod("normaliser")
    static let hiddenLayer = ofMethod("hidden_layer")
    static let attention = ofMethod("attention_plan")
    static let dimensions = Factor("dimensions") { "\($0.dimensions) dimensions" }

    /// A template is its prompt's, and the bidirectional layers are the attention plan's.
    static let all: [Factor] =
        [
            Factor("backbone") { $0.backbone }, Factor("adapter") { $0.adapter.isEmpty ? "no adapter" : $0.adapter },
            Factor("precision") { $0.precision }, prompt,
        ] + MethodField.columns.filter { !["template", "bidirectional_layers"].contains($0.name) }.map(Factor.init) + [
            Factor("post-processing") { ["", "none"].contains($0.postprocessing) ? "as pooled" : $0.postprocessing },
            dimensions,
        ]

    private static func ofMethod(_ column: String) -> Factor {
        MethodField.columns.first { $0.name == column }.map(Factor.init) ?? Factor(column) { _ in "" }
    }

    /// A template that has no name, or several of which the embeddings are averaged, on one line.
    private static func label(of template: String) -> String {
        let templates = template.split(separator: "\n", omittingEmptySubsequences: false)
        guard templates.count > 1 else { return template }
        return "\(templates.count) prompts: \(templates.joined(separator: " | "))"
    }

    /// The factors in which the runs differ. A normaliser that comes with the prompt is none of its own.
    static func varying(among runs: [RunRecord]) -> [Factor] {
        let varying = all.filter { factor in Set(runs.map(factor.value(of:))).count > 1 }
        let comesWithPrompt = Dictionary(grouping: runs, by: prompt.value(of:)).values.allSatisfy { runs in
            Set(runs.map(normaliser.value(of:))).count == 1
        }
        return varying.filter { $0 != normaliser || !comesWithPrompt }
    }
}

/// How reports word a column of the method that its name and value alone would not say well.
struct MethodWording: Sendable {
    /// In the place of the column's name.
    var title: String?
    /// What a table has in the place of the value.
    var cell: (@Sendable (RunRecord) -> String)?
    /// What a chart has, where the value alone says nothing.
    var choice: (@Sendable (RunRecord) -> String)?

    static let all: [String: MethodWording] = [
        "normaliser": MethodWording(choice: { $0.normaliser }),
        "pooling": MethodWording(choice: { $0.pooling }),
        "hidden_layer": MethodWording(choice: { "hidden layer \($0.hiddenLayer)" }),
        "attention_plan": MethodWording(choice: { $0.bidirectionalLayers.isEmpty ? "causal" : $0.attentionPlan }),
        "bidirectional_layers": MethodWording(
            cell: { $0.bidirectionalLayers.isEmpty ? "none" : MethodSection.ranges($0.bidirectionalLayers) }),
        "prepend_layers": MethodWording(
            title: "prepended layers", cell: { $0.prependLayers.isEmpty ? "none" : $0.prependLayers },
            choice: { $0.prependLayers.isEmpty ? "nothing prepended" : "prepended \($0.prependLayers)" }),
        "padding": MethodWording(
            cell: { $0.padding.isEmpty ? "none" : $0.padding },
            choice: { $0.padding == "visible" ? "visible padding" : "no padding" }),
    ]
}

import Results

/// A choice that tells one embedding method from another.
enum Factor: String, CaseIterable, Sendable {
    case backbone, adapter, precision, prompt, normaliser
    case prepending = "prepended layers"
    case pooling
    case attention = "bidirectional layers"
    case hiddenLayer = "hidden layer"
    case padding
    case postprocessing = "post-processing"
    case dimensions

    /// The choice that a run made, as a chart names it.
    func value(of run: RunRecord) -> String {
        switch self {
        case .backbone: run.backbone
        case .adapter: run.adapter.isEmpty ? "no adapter" : run.adapter
        case .precision: run.precision
        case .prompt: run.prompt.isEmpty ? Self.label(of: run.template) : run.prompt
        case .normaliser: run.normaliser
        case .prepending: run.prependLayers.isEmpty ? "nothing prepended" : "prepended \(run.prependLayers)"
        case .pooling: run.pooling
        case .attention: run.bidirectionalLayers.isEmpty ? "causal" : run.attentionPlan
        case .hiddenLayer: "hidden layer \(run.hiddenLayer)"
        case .padding: run.padding == "visible" ? "visible padding" : "no padding"
        case .postprocessing: ["", "none"].contains(run.postprocessing) ? "as pooled" : run.postprocessing
        case .dimensions: "\(run.dimensions) dimensions"
        }
    }

    /// A template that has no name, or several of which the embeddings are averaged, on one line.
    private static func label(of template: String) -> String {
        let templates = template.split(separator: "\n", omittingEmptySubsequences: false)
        guard templates.count > 1 else { return template }
        return "\(templates.count) prompts: \(templates.joined(separator: " | "))"
    }

    /// The factors in which the runs differ. A normaliser that comes with the prompt is none of its own.
    static func varying(among runs: [RunRecord]) -> [Factor] {
        let varying = allCases.filter { factor in Set(runs.map(factor.value)).count > 1 }
        let comesWithPrompt = Dictionary(grouping: runs, by: Factor.prompt.value).values.allSatisfy { runs in
            Set(runs.map(Factor.normaliser.value)).count == 1
        }
        return varying.filter { $0 != .normaliser || !comesWithPrompt }
    }
}

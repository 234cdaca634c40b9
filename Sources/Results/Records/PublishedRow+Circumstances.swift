import Tasks

extension PublishedRow {
    /// In what the row's measurement was another than the result's, as far as the two records tell: backbone, training,
    /// text.
    ///
    /// It looks at the run that the row stands beside, or at all of them where it stands beside none.
    package func circumstances(in result: ExperimentResult) -> [String] {
        let beside = result.runs.filter { $0.name == run }
        let runs = beside.isEmpty ? result.runs : beside
        var facts: [String] = []
        if !runs.contains(where: { $0.backbone.lowercased() == backbone.lowercased() }) {
            facts.append("another backbone" + (backbone.isEmpty ? "" : ": \(backbone)"))
        }
        if trained == "none" {
            facts.append("not trained")
        } else if !trained.isEmpty {
            facts.append("trained on \(trained)")
        }
        let texts = inFirstOrder(result.datasets.map(\.textVariant)).filter { !$0.isEmpty }
        if !text.isEmpty, !texts.isEmpty, texts != [text] {
            facts.append("text \(text), here \(texts.joined(separator: " and "))")
        }
        let unknown = result.datasets.filter {
            $0.textVariant == TextVariant.unknown.rawValue && score(of: $0.task) != nil
        }
        if !unknown.isEmpty, text.isEmpty {
            let tasks = inFirstOrder(unknown.map(\.task)).joined(separator: ", ")
            facts.append("here unknown content under the name \(tasks)")
        }
        if let limit = result.value(of: ProvenanceEntry.firstPairsKey) {
            facts.append("here only the first \(limit) pairs")
        } else if let limit = result.limit {
            facts.append("here only \(limit) pairs a task")
        }
        return facts
    }
}

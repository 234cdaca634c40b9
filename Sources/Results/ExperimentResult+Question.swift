import Yams

// What pages say first of a result.
extension ExperimentResult {
    /// The experiment's own words about what it asks; empty where it has none.
    package var question: String {
        guard let text = value(of: ProvenanceEntry.experimentKey), let root = try? Yams.compose(yaml: text),
            let words = root["description"]?.string
        else { return "" }
        return words.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// When it was written, such as `2026-11-27 17:15 UTC`; empty where the file doesn't say.
    package var created: String {
        guard let text = value(of: ProvenanceEntry.createdKey) else { return "" }
        guard let moment = text.wholeMatch(of: /(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ/) else { return text }
        return "\(moment.1) \(moment.2) UTC"
    }

    /// The program and version that wrote it.
    package var program: String { value(of: ProvenanceEntry.programKey) ?? "" }
}

import Diagnostics
import Objectives

// Keys of a recipe that another key's choice makes the only ones: of a loss, of an objective, of the data.

extension ConfigNode {
    /// What this recipe says over another. Where one says an `objective`, the loss keys of the other don't count. Where this
    /// says a loss, data, or the kind of a head, neither do the other's keys of another loss, of WordNet, or its head.
    func merged(withRecipe own: ConfigNode) -> ConfigNode {
        let said = own.entries.map(\.key).filter(ObjectiveDraft.keys.contains)
        var replaced: [String] = []
        if said.contains("objective") {
            replaced = ObjectiveDraft.keys
        } else if !said.isEmpty {
            replaced = ["objective"]
        }
        if let name = own["loss"]?.plainText { replaced += ObjectiveDraft.keys(foreignTo: name) ?? [] }
        if let data = own["data"]?.plainText, data != TrainingKey.wordNetName { replaced += TrainingKey.ofWordNet }
        if own["head"]?["kind"] != nil { replaced.append("head") }
        let kept = entries.filter { !replaced.contains($0.key) }
        return ConfigNode(.mapping(kept), at: location, folder: folder).merged(with: own, as: .recipe)
    }

    private var plainText: String? { if case .text(let text) = content { text } else { nil } }

    /// What can't stand together in a recipe: keys of an objective or of data that isn't chosen would say nothing.
    func choiceProblems() -> [Diagnostic] {
        var problems: [Diagnostic] = []
        if self["objective"] != nil {
            problems += entries.filter { $0.key != "objective" && ObjectiveDraft.keys.contains($0.key) }.map {
                Diagnostic(
                    "expected either objective or \($0.key), found both", at: $0.location,
                    suggestion: "write the numbers of an objective within it: {in_batch_negatives: {temperature: 0.05}}"
                )
            }
            return problems
        }
        let loss = self["loss"].map(\.plainText) ?? InBatchNegatives.name
        if let loss, let foreign = ObjectiveDraft.keys(foreignTo: loss) {
            let own = ObjectiveDraft.ownKeys(of: loss)
            problems += entries.filter { foreign.contains($0.key) }.map { entry in
                Diagnostic(
                    "\(entry.key) is a key of the loss \(ObjectiveDraft.losses(with: entry.key).joined(separator: " or ")), "
                        + "found the loss \(loss)", at: entry.location,
                    suggestion: "\(loss) has " + (own.isEmpty ? "no keys" : own.joined(separator: ", ")))
            }
        }
        if let data = self["data"]?.plainText, data != TrainingKey.wordNetName {
            problems += entries.filter { TrainingKey.ofWordNet.contains($0.key) }.map {
                Diagnostic(
                    "\($0.key) is a key of the data \(TrainingKey.wordNetName), found the data \(data)", at: $0.location
                )
            }
        }
        return problems
    }
}

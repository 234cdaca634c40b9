import Diagnostics
import Objectives

// Keys of a recipe that another key's choice makes the only ones: of a loss, of an objective, of the data.

extension ConfigNode {
    /// The keys of another recipe that don't count where this one is laid over it: where this says an `objective`, loss keys;
    /// where it says a loss, data, no development set, targets or the kind of a head, the keys of another loss, of WordNet, of
    /// evaluations, of low-rank factors, the other head; where this chooses an objective without a teacher, the other's.
    ///
    /// - Parameter other: the recipe that this one is laid over
    func keysReplaced(in other: ConfigNode) -> [String] {
        let said = entries.map(\.key).filter(ObjectiveDraft.keys.contains)
        var replaced: [String] = []
        if said.contains("objective") {
            replaced = ObjectiveDraft.keys.filter { $0 != "objective" }
        } else if said.contains("loss") {
            replaced = ["objective"]
        }
        if let name = self["loss"]?.plainText { replaced += ObjectiveDraft.keys(foreignTo: name) ?? [] }
        if let data = self["data"]?.plainText, data != TrainingKey.wordNetName { replaced += TrainingKey.ofWordNet }
        replaced += TrainingKey.keys(foreignToTargets: self["targets"]?.plainText)
        if self["development"]?.content == .text("none") { replaced += TrainingKey.ofDevelopment }
        if let kind = self["head"]?["kind"]?.plainText, kind != other["head"]?["kind"]?.plainText {
            replaced.append("head")
        }
        if let chosen = chosenObjective, !chosen.needsTeacher, self[TrainingKey.teacherName] == nil {
            replaced.append(TrainingKey.teacherName)
        }
        return replaced
    }

    /// The objective that it chooses; nil where it chooses none, or none that there is.
    private var chosenObjective: (any Objective)? {
        guard let value = self["objective"] ?? self["loss"] else { return nil }
        return try? ObjectiveCatalogue.objective(value.plainValue)
    }

    /// Whether it is what layers or whole modules are where nothing is said of them.
    private var isWhole: Bool { content == .text("all") || content == .text("none") }

    private var plainText: String? { if case .text(let text) = content { text } else { nil } }

    /// What can't stand together in a recipe: keys of an objective or of data that isn't chosen would say nothing.
    func choiceProblems() -> [Diagnostic] {
        var problems: [Diagnostic] = []
        if let targets = self["targets"]?.plainText {
            let foreign = TrainingKey.keys(foreignToTargets: targets)
            problems += entries.filter { foreign.contains($0.key) && !$0.value.isWhole }.map {
                Diagnostic(
                    "\($0.key) says nothing beside targets: \(targets), which \(targets == "full" ? "trains the whole model" : "has no low-rank factors")",
                    at: $0.location, suggestion: "leave out \($0.key), or choose other targets")
            }
        }
        if self["objective"] != nil {
            problems += entries.filter { $0.key != "objective" && ObjectiveDraft.keys.contains($0.key) }.map {
                Diagnostic(
                    "expected either objective or \($0.key), found both", at: $0.location,
                    suggestion: "write the numbers of an objective within it: {in_batch_negatives: {temperature: 0.05}}"
                )
            }
        }
        let loss = self["objective"] == nil ? self["loss"].map(\.plainText) ?? InBatchNegatives.name : nil
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

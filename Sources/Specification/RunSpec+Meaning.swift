import Diagnostics
import Embedding
import Models

extension [RunSpec] {
    /// Refuses combinations of a matrix that mean the same in the model: they would compute the same numbers under two
    /// names.
    ///
    /// - Parameter shape: of a run's model; nil where it isn't known, and the run isn't compared
    /// - Throws: `ConfigProblems`, at the lines that say the second of each.
    package func checkMeanings(_ shape: (RunSpec) throws -> BackboneShape?) throws {
        var problems = ConfigProblems()
        var seen: [Meaning: RunSpec] = [:]
        for run in self where !run.matrixKeys.isEmpty {
            guard let shape = try shape(run), let meaning = try? run.meaning(on: shape) else { continue }
            guard let twin = seen.updateValue(run, forKey: meaning) else { continue }
            let key = run.matrixKeys.first { run.locations[$0] != twin.locations[$0] }
            problems.add(
                Diagnostic(
                    "the runs \"\(twin.name)\" and \"\(run.name)\" mean the same in a model of \(shape.layerCount) layers",
                    at: key.flatMap { run.locations[$0] } ?? run.location))
        }
        try problems.throwIfAny()
    }
}

private struct Meaning: Hashable {
    var location: SourceLocation
    var others: [String]
    var methods: [EmbeddingMethod]
}

extension RunSpec {
    /// All that decides its numbers in a model of that shape, and where it is declared.
    fileprivate func meaning(on shape: BackboneShape) throws -> Meaning {
        let others = RunKey.ofSettings.filter { !MethodField.names.contains($0.name) }.map { key in
            "\(key.name) \(key.write(self).map(String.init(describing:)) ?? "")"
        }
        return Meaning(
            location: location, others: others, methods: try methods.map { try ResolvedMethod($0, shape).countedOut })
    }
}

import Diagnostics
import Hub

/// A model or an adapter of the hub that an experiment names, and where the cache has it.
public struct HubReference: Hashable, Sendable {
    public let id: HubID
    public let selection: HubSelection
    /// What the revision meant, and the folder; nil for what isn't downloaded yet, or not whole.
    public let snapshot: HubSnapshot?
    /// What is read: a folder, or a GGUF file in it; nil where there is no snapshot.
    public let path: String?

    /// Looks into the cache; the hub isn't asked.
    ///
    /// - Throws: where a link in it leads out of it.
    init(_ id: HubID, _ selection: HubSelection, in cache: HubCache) throws(Diagnostic) {
        (self.id, self.selection) = (id, selection)
        let snapshot = try cache.snapshot(of: id)
        path = selection == .adapter ? snapshot?.adapterPath : snapshot?.modelPath
        self.snapshot = path == nil ? nil : snapshot
    }

    /// What a resolved experiment says: the commit, once it is known, so that a result says which weights it had.
    package var spelling: String { snapshot?.pinned ?? id.description }

    /// - Throws: where it isn't downloaded yet, with the command that does it.
    @discardableResult package func existingPath(at location: SourceLocation?) throws(Diagnostic) -> String {
        if let path { return path }
        let verb = selection == .adapter ? "adapter" : "model"
        throw Diagnostic(
            "the \(verb) \(id) is not downloaded yet: there is no such folder here, and the hub's cache has it not",
            at: location, suggestion: "run bellm fetch \(verb) \(id), or bellm run, which downloads what is missing")
    }
}

extension ExperimentSpec {
    /// What its runs name on the hub and the cache has not, each once, with where it is named.
    public var missingFromHub: [(reference: HubReference, location: SourceLocation?)] {
        var missing: [(reference: HubReference, location: SourceLocation?)] = []
        for run in runs {
            let adapters = (run.adapter?.hubReferences ?? []).map { (HubReference?.some($0), run.locations["adapter"]) }
            let models = ([run] + run.teacherModels).map { ($0.model.hub, $0.model.location) }
            let references = models + adapters
            for case (let reference?, let location) in references
            where reference.path == nil && !missing.contains(where: { $0.reference == reference }) {
                missing.append((reference, location))
            }
        }
        return missing
    }

    /// What its runs have from the hub, with the commits: `org/name@commit`.
    package var hubSources: [String] {
        let adapters = runs.flatMap { $0.adapter?.hubReferences ?? [] }
        let models = runs.flatMap { [$0] + $0.teacherModels }.compactMap(\.model.hub)
        return Set((models + adapters).compactMap { $0.snapshot?.pinned }).sorted()
    }
}

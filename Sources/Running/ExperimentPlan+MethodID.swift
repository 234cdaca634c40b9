import Embedding
import Files
import Specification

extension ExperimentPlan {
    /// What decides a run's scores but the seed.
    ///
    /// - Parameter adapterSHA256: of an adapter that the run doesn't train, or of one that it has trained; nil for none
    func methodID(
        of run: RunSpec, on model: PretrainedModel, weightsSHA256: String, adapterSHA256: String?
    ) throws -> SHA256Digest {
        run.methodID(
            besides: spec.catalogue.ownNames, weightsSHA256: weightsSHA256, adapterSHA256: adapterSHA256,
            learntFrom: stages(of: run).map(\.learntFrom),
            more: try model.idFacts(of: run.methods) + fittingContent(of: run))
    }

    /// That of each run by name, before anything is computed; reads the weights' files.
    func methodIDs() throws -> [String: String] {
        var weights: [String: String] = [:]
        var ids: [String: String] = [:]
        for pass in passes {
            let digest = try weights[pass.model.path] ?? pass.model.weightsSHA256().description
            weights[pass.model.path] = digest
            for run in pass.runs {
                let folder = stages(of: run).isEmpty ? adapterFolder(of: run) : nil
                ids[run.name] =
                    try methodID(
                        of: run, on: pass.model, weightsSHA256: digest,
                        adapterSHA256: folder.map { try AdapterFolder($0).sha256().description }
                    ).description
            }
        }
        return ids
    }

    /// The sentences of a named task that post-processing is fitted to.
    private func fittingContent(of run: RunSpec) -> [String] {
        guard case .task(let name) = run.postprocessing.fit?.data,
            let task = data.allTasks.first(where: { $0.name == name })
        else { return [] }
        let texts = task.content.texts.map(\.text).joined(separator: "\u{1E}")
        return ["fitted to \(SHA256Digest(of: texts))"]
    }
}

import Embedding
import Files
import Models
import Running
import Specification

extension ExperimentPlan {
    /// The names of all declared runs' parts, computed by that arithmetic.
    func partIDs(by arithmetic: String) throws -> [(run: String, id: String)] {
        var digests: [String: String] = [:]
        return try spec.runs.filter { rowsOfRun[$0.name] != nil }.map { run in
            (run.name, try partID(of: run, restricted(to: run.name), arithmetic, digests: &digests))
        }
    }

    /// A digest of all that a run's records and numbers depend on: program, weights, adapter, data, method, and in which order
    /// its passes are summed up, by which arithmetic. Not in it is what else the experiment has, and where it is computed.
    ///
    /// - Parameters:
    ///   - plan: of this run alone
    ///   - arithmetic: that of the machine that submits: one setting mustn't find what another computed
    ///   - digests: of model files, known from other runs
    private func partID(
        of run: RunSpec, _ plan: ExperimentPlan, _ arithmetic: String, digests: inout [String: String]
    ) throws -> String {
        let passes = plan.passes.map { pass in
            pass.methods.map {
                "\($0.templates.description)\u{1F}\($0.normaliser.rawValue)\u{1F}\($0.padding.rawValue)"
            }
            .joined(separator: "\u{1E}")
        }
        var weights = run.model.sha256
        if weights == nil, let model = plan.passes.first?.model {
            let digest = try digests[model.path] ?? model.weightsSHA256().description
            (digests[model.path], weights) = (digest, digest)
        }
        let adapter: String
        switch run.adapter {
        case nil: adapter = "none"
        case .folder, .hub, .run, .merged:
            adapter = try plan.adapterFolder(of: run).map { try AdapterFolder($0).sha256().description } ?? ""
        case .trained: adapter = "trained \(plan.trainings.map(\.identity.description).joined())"
        }
        let tasks = data.allTasks.map { task in
            ([task.description.resolvedYAML, task.textVariant.rawValue] + task.files.map(\.sha256)).joined(
                separator: " ")
        }
        let digest = SHA256Digest(
            of: """
                bellm part, version 2
                program \(EncoderCache.programSHA256)
                machine \(arithmetic)
                name \(run.name)
                prompt \(run.promptName ?? "")
                \(run.resolvedYAML)
                weights \(weights ?? "")
                adapter \(adapter)
                passes \(passes.joined(separator: "\u{1D}"))
                tasks \(tasks.joined(separator: ", "))
                scored \(data.tasks.count), left out \(data.leftOut.map(\.name))
                limit \(data.limit.map(String.init) ?? "none")
                """)
        return String(digest.description.prefix(24))
    }
}

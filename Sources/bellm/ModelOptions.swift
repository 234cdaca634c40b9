import ArgumentParser
import Diagnostics
import Embedding
import Specification

/// Which backbone: shared by the commands that work without an experiment.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A name from configs/models, such as smollm2-135m, a path to a .gguf file or a model folder, or a repository "
                + "of the hub, such as org/name."))
    var model: String

    /// Opens the model; one of the hub that isn't in the cache is downloaded first.
    func open() throws -> PretrainedModel { try Self.reference(model).open() }

    /// What a name, a path or a repository of the hub means, here or downloaded.
    static func reference(_ model: String) throws -> ModelReference {
        let catalogue = ModelCatalogue(configs: try ConfigFolder.find(for: "."))
        let reference = try catalogue.model(model)
        guard let hub = reference.hub, hub.path == nil else { return reference }
        try HubDownload(knownNames: catalogue.names).fetch(hub)
        return try catalogue.model(model)
    }

    /// The adapter that a model of the catalogue has of its own, here or downloaded; nil for none.
    static func ownAdapter(of model: ModelReference) throws -> AdapterReference? {
        let catalogue = ModelCatalogue(configs: try ConfigFolder.find(for: "."))
        guard let adapter = try catalogue.adapter(of: model) else { return nil }
        for hub in adapter.hubReferences where hub.path == nil { try HubDownload().fetch(hub) }
        return try catalogue.adapter(of: model)
    }

    /// The folder of an adapter, or of a repository of the hub, here or downloaded.
    static func adapterFolder(_ adapter: String) throws -> String {
        let catalogue = ModelCatalogue(configs: try ConfigFolder.find(for: "."))
        switch try catalogue.adapter(adapter) {
        case .hub(let hub): return try hub.path ?? HubDownload().fetch(hub).folder
        case .run:
            throw Diagnostic(
                "--adapter takes a folder, or a repository of the hub; found a run", suggestion: "--method \(adapter)")
        default: return adapter
        }
    }
}

import ArgumentParser
import Embedding
import Experiments

/// Which backbone: shared by the commands that work without an experiment.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A name from configs/models, such as smollm2-135m, or a path to a .gguf file or a model folder."))
    var model: String

    func open() throws -> PretrainedModel {
        let catalogue = ModelCatalogue(configs: try ConfigFolder.find(for: "."))
        return try PretrainedModel(path: try catalogue.model(model).existingFile())
    }
}

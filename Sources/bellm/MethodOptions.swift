import ArgumentParser
import Diagnostics
import Embedding
import Models
import Numerics
import Running

/// An embedding method on the command line: in options, or a run of an experiment.
struct MethodOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The whole method of a run: model, adapter, prompt, attention, pooling and the rest. Without it, --model is "
                + "needed, and a decoder needs --pooling.", valueName: "experiment.yaml:run"))
    var method: String?

    @Option(
        help: ArgumentHelp(
            "A name from configs/models, such as smollm2-135m, or a path to a .gguf file or a model folder."))
    var model: String?

    @Option(help: ArgumentHelp("An adapter to merge into the weights: a folder as PEFT writes it.", valueName: "dir"))
    var adapter: String?

    @OptionGroup var fields: MethodFieldOptions

    @Option(help: ArgumentHelp("Keep only the first k dimensions.", valueName: "k"))
    var dimensions: Int?

    @Option(help: ArgumentHelp("What linear maps multiply: float32 or bfloat16. Default: float32.", valueName: "name"))
    var precision: Precision?

    @Option(
        help: ArgumentHelp(
            "With --method: the benchmarks that its post-processing is fitted to, where it is fitted.", valueName: "dir"
        ))
    var data: String?

    func validate() throws {
        guard let method else {
            guard model != nil else { throw ValidationError("Missing expected argument '--model <model>'") }
            if data != nil { throw ValidationError("--data needs --method") }
            return
        }
        if let said = saidBesides.first {
            throw ValidationError("\(said) and --method contradict each other: \(method) says the whole method")
        }
    }

    /// Options that are given and say a part of a method.
    private var saidBesides: [String] {
        let ends = [("--dimensions", dimensions != nil), ("--precision", precision != nil)]
        return ([("--model", model != nil), ("--adapter", adapter != nil)].filter(\.1).map(\.0)) + fields.given
            + ends.filter(\.1).map(\.0)
    }

    /// What the options mean, checked against the model.
    func recipe() throws -> EmbeddingRecipe {
        if let method {
            let reference = MethodReference(method)
            for (missing, location) in try reference.missingFromHub() { try HubDownload().fetch(missing, at: location) }
            return try reference.recipe(data: data)
        }
        // What is wrong with them shows before the model is opened.
        var methods = try fields.methods()
        let reference = try ModelOptions.reference(model ?? "")
        let pretrained = try reference.open()
        // What its config says comes before what its folder says.
        let released = reference.method
        let saysPooling = fields.isGiven("pooling") || released?.says("pooling") == true
        let own = try saysPooling ? nil : pretrained.ownMethod()
        guard saysPooling || own != nil else {
            throw Diagnostic(
                "the model has no pooling of its own; expected --pooling with one of: "
                    + Pooling.allCases.map(\.rawValue).joined(separator: ", "))
        }
        func isSaid(_ field: String) -> Bool { fields.isGiven(field) || released?.says(field) == true }
        for index in methods.indices {
            try released?.complete(&methods[index], keeping: fields.isGiven)
            own?.complete(&methods[index], keeping: isSaid)
        }
        if let released {
            Console.message(released.note { fields.isGiven($0) || ($0 == "adapter" && adapter != nil) })
        }
        if let own { Console.message("as the model's modules.json says: \(own)") }
        let adapterFolder =
            try adapter.map(ModelOptions.adapterFolder)
            ?? ModelOptions.ownAdapter(of: reference)?.folder(on: pretrained, at: reference.location)
        return try EmbeddingRecipe(
            reference: reference, model: pretrained, methods: methods,
            linear: LinearMaker(precision: precision ?? .float32),
            adapterFolder: adapterFolder, dimensions: dimensions,
            isNormalised: own?.isNormalised == true || released?.isNormalised == true)
    }
}

extension Precision: ExpressibleByArgument {}

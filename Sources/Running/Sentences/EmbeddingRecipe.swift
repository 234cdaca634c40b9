import Diagnostics
import Embedding
import Files
import HDF5
import Models
import Numerics
import Results
import Specification

/// Everything that decides which vectors sentences get outside of a benchmark: backbone, adapter, methods, and what is
/// done with the embeddings.
public struct EmbeddingRecipe: Sendable {
    /// What an embedding method's template and the like were taken from, for the record; nil for options.
    public let source: String?
    public let reference: ModelReference
    public let model: PretrainedModel
    /// At least one; their embeddings are averaged. They differ in their prompts alone.
    public let methods: [EmbeddingMethod]
    public let linear: LinearMaker
    /// An adapter to merge into the weights, as PEFT writes it; perhaps with a head.
    public let adapterFolder: String?
    /// What makes embeddings of pooled states; nil where those are the embeddings.
    let head: Head?
    /// The first so many dimensions are kept; nil for all.
    public let dimensions: Int?
    /// Whether embeddings are brought to length 1 at the end.
    public let isNormalised: Bool
    /// A transform, and the sentences that it is fitted to.
    let fit: SentenceFit?

    /// A transform of finished embeddings, to be fitted.
    struct SentenceFit: Sendable {
        let fit: Postprocessing.Fit
        let sentences: [String]
    }

    /// - Throws: where the model has no such layer, attention or dimension.
    public init(
        reference: ModelReference, model: PretrainedModel, methods: [EmbeddingMethod], linear: LinearMaker,
        adapterFolder: String? = nil, dimensions: Int? = nil, isNormalised: Bool = false
    ) throws {
        let methods = try methods.map { method throws(Diagnostic) in try ResolvedMethod(method, model.shape).method }
        for method in methods {
            try method.check(layerCount: model.shape.layerCount)
            try method.check(model.shape)
        }
        let trained = try adapterFolder.flatMap { try AdapterFolder($0).head() }
        let isProjected = methods.first?.projection == .folder
        guard !isProjected || trained == nil else {
            throw Diagnostic("expected --projection none, for the adapter has a head of its own")
        }
        head = try isProjected ? model.sentenceTransformer?.head() : trained
        guard !isProjected || head != nil else {
            throw Diagnostic(
                "--projection folder needs a folder of sentence-transformers with modules such as Dense behind its Pooling"
            )
        }
        try head?.shape.check(fits: model.shape.hiddenSize)
        let whole = head?.shape.outputs ?? model.shape.hiddenSize
        if let dimensions, !(1...whole).contains(dimensions) {
            let owner = head == nil ? "model" : "head"
            throw Diagnostic("--dimensions: expected 1 to the \(owner)'s \(whole), found \(dimensions)")
        }
        source = nil
        (self.reference, self.model, self.methods, self.linear) = (reference, model, methods, linear)
        (self.adapterFolder, self.dimensions, self.isNormalised, fit) = (adapterFolder, dimensions, isNormalised, nil)
    }

    /// A run of an experiment, checked already.
    init(
        source: String, run: RunSpec, model: PretrainedModel, adapterFolder: String?, fit: SentenceFit?
    ) throws {
        self.source = source
        (reference, self.model, methods, linear) = (run.model, model, run.methods, run.linear)
        (self.adapterFolder, self.fit, isNormalised) = (adapterFolder, fit, false)
        dimensions = run.postprocessing.dimensions.first
        head = try run.head(from: adapterFolder.map(AdapterFolder.init), on: model.shape)
    }

    /// The numbers of a vector.
    public var columns: Int { dimensions ?? head?.shape.outputs ?? model.shape.hiddenSize }

    /// What made the embeddings, for their file; a template a line.
    func attributes(weightsSHA256: String, adapterSHA256: String?) -> [HDF5Attribute] {
        let method = MethodField.all.map { $0.attribute(methods) }
        let processing = [("method", source), ("postprocess", fit?.fit.description)].compactMap { name, value in
            value.map { HDF5Attribute(name, .text($0)) }
        }
        let heads = head.map { [HDF5Attribute("head", .text($0.shape.title))] } ?? []
        return method + processing + heads + [
            HDF5Attribute("normalised", .text(isNormalised ? "yes" : "no")),
            HDF5Attribute("precision", .text(linear.precision.rawValue)),
            HDF5Attribute("weights_sha256", .text(weightsSHA256)),
            HDF5Attribute("adapter_sha256", .text(adapterSHA256 ?? "")),
            HDF5Attribute("program", .text(ProgramVersion.description)),
        ]
    }
}

extension MethodField {
    /// A line a prompt where each has its own, else what all have in common.
    fileprivate func attribute(_ methods: [EmbeddingMethod]) -> HDF5Attribute {
        let values = (scope == .prompt ? methods : Array(methods.prefix(1))).map(value)
        switch values.first?.content {
        case .integer(let integer) where scope != .prompt: return HDF5Attribute(name, .integer(integer))
        case .number(let number) where scope != .prompt: return HDF5Attribute(name, .real(number))
        default: break
        }
        return HDF5Attribute(name, .text(values.map(\.plain).joined(separator: "\n")))
    }
}

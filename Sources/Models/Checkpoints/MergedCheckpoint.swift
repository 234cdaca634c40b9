import Diagnostics
import Files
import Numerics
import Weights

/// A backbone as transformers' `AutoModel` reads it: a `config.json`, and the parameters of all modules by the names that they have
/// in a model without a head, with an adapter merged into them.
public struct MergedCheckpoint: Sendable {
    /// `config.json`.
    public let configuration: String
    private let checkpoint: TransformerCheckpoint
    /// Tensors that no hidden state depends on, and that the library misses where they aren't there: BERT's pooler.
    private let further: [(name: String, tensor: StoredTensor)]

    fileprivate init(
        configuration: String, checkpoint: TransformerCheckpoint, further: [(name: String, tensor: StoredTensor)]
    ) {
        (self.configuration, self.checkpoint, self.further) = (configuration, checkpoint, further)
    }

    /// All tensors, whose numbers are made when they are written.
    ///
    /// - Parameter type: `f32`, `f16` or `bf16`
    public func tensors(as type: StorageType) -> [SafetensorsWriter.Tensor] {
        let own = checkpoint.blueprint.modules.all.flatMap { placed -> [SafetensorsWriter.Tensor] in
            let (module, checkpoint) = (placed.module, checkpoint)
            let shape = module.kind == .norm ? [module.columns] : [module.rows, module.columns]
            let weight = SafetensorsWriter.Tensor(placed.path + ".weight", shape: shape, as: type) {
                try Task.checkCancellation()
                return try checkpoint.merged(placed).weight.numbers
            }
            guard module.hasBias else { return [weight] }
            let outputs = module.kind == .norm ? module.columns : module.outputs
            return [
                weight,
                SafetensorsWriter.Tensor(placed.path + ".bias", shape: [outputs], as: type) {
                    try checkpoint.merged(placed).bias?.numbers ?? []
                },
            ]
        }
        return own
            + further.map { name, tensor in
                SafetensorsWriter.Tensor(name, shape: tensor.shape, as: type) { try tensor.decoded() }
            }
    }
}

extension Checkpoint {
    /// The backbone with an adapter merged into it, to be written in Hugging Face's layout.
    ///
    /// - Parameters:
    ///   - isBidirectional: whether all layers attend in both directions, whatever the backbone's own plan is
    ///   - padToken: what batches are padded with, where the checkpoint doesn't say it in its `config.json`
    ///   - type: of the tensors, as `config.json` says it
    /// - Throws: where transformers has no configuration that says what the backbone's layers do, or the adapter was made for
    ///   another model.
    public func merged(
        with adapter: Adapter?, isBidirectional: Bool, padToken: Int?, as type: StorageType
    ) throws -> MergedCheckpoint {
        let blueprint = try blueprint()
        var wanted = blueprint.design
        wanted.isEncoder = wanted.isEncoder || isBidirectional
        let configuration = try configuration(of: blueprint, saying: wanted, padToken: padToken, type: type)
        let loading = Transformer.Loading(linear: LinearMaker(), isResident: false, adapter: adapter)
        let prefix = blueprint.tensors.storage.prefix
        let poolers = tensors.names.filter { $0.hasPrefix(prefix + "pooler.") && !blueprint.tensors.storage.isGGUF }
        return MergedCheckpoint(
            configuration: configuration,
            checkpoint: try TransformerCheckpoint(self, blueprint: blueprint, loading: loading),
            further: try poolers.map { (String($0.dropFirst(prefix.count)), try tensors.tensor(named: $0)) })
    }

    /// A configuration that is read back as the same layers, under the same names.
    private func configuration(
        of blueprint: TransformerBlueprint, saying wanted: TransformerDesign, padToken: Int?, type: StorageType
    ) throws -> String {
        // A decoder's says that it isn't causal where it attends in both directions; an encoder's has no need to.
        for isCausal in wanted.isEncoder ? [nil, false] : [nil] {
            let text = try writtenConfiguration(blueprint, isCausal: isCausal, padToken: padToken, type: type)
            let file = FilePath.join(path, "config.json")
            let root = try JSONDocument(Array(text.utf8), file: file, notesReading: true).root
            let read = try Checkpoint(describedBy: root, weights: NoTensors(path: path)).blueprint()
            var design = read.design
            design.family = wanted.family
            if design == wanted, read.modules.withoutHead == blueprint.modules.withoutHead { return text }
        }
        throw error(
            "no config.json of transformers is known here that says what the layers of this \(wanted.family) model do")
    }
}

/// A checkpoint whose weights aren't there yet.
private struct NoTensors: TensorSource {
    let path: String
    let files: [MappedFile] = []
    let names: [String] = []

    func tensorIfPresent(_ name: String) -> StoredTensor? { nil }
}

extension Matrix {
    /// All, row after row.
    fileprivate var numbers: [Float] {
        var numbers: [Float] = []
        numbers.reserveCapacity(rows * columns)
        for row in 0..<rows { numbers += array(row: row) }
        return numbers
    }
}

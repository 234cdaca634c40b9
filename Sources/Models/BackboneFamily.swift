import Diagnostics
import Numerics

/// An architecture family: which checkpoints are of it, and how they are read. One file a family has its entry.
public struct BackboneFamily: Sendable {
    /// The values of `model_type` (Hugging Face) and `general.architecture` (GGUF) that mean this family.
    let architectures: [String]
    /// What its layers do and where their weights lie, from the checkpoint's description alone.
    let blueprint: @Sendable (Checkpoint) throws -> TransformerBlueprint

    /// How a backbone is made of a checkpoint.
    struct Loading: Sendable {
        /// The precision of the linear maps.
        let linear: LinearMaker
        /// Whether all layers are decoded now, or each when it is asked for.
        let isResident: Bool
        /// Merged into the weights.
        let adapter: Adapter?
    }

    /// All families that this program knows.
    private static let all: [BackboneFamily] = [
        .llama, .mistral, .qwen2, .qwen3, .gemma2, .gemma3, .phi3, .gpt2, .opt, .gptNeoX, .bert,
    ]

    /// The architectures of all families, as checkpoints name them.
    public static var architectures: [String] { all.flatMap(\.architectures) }

    /// The family of a checkpoint.
    ///
    /// - Throws: for an unknown one, with those supported.
    static func family(of checkpoint: Checkpoint) throws -> BackboneFamily {
        let architecture = try checkpoint.architecture()
        if let family = all.first(where: { $0.architectures.contains(architecture) }) { return family }
        throw checkpoint.error(
            "the architecture \"\(architecture)\" is not supported; expected one of: "
                + architectures.joined(separator: ", "))
    }
}

extension Checkpoint {
    private func blueprint() throws -> TransformerBlueprint { try BackboneFamily.family(of: self).blueprint(self) }

    /// The backbone's sizes.
    public func shape() throws -> BackboneShape { try blueprint().design.shape }

    /// The modules that training can change, by name.
    public func modules() throws -> BackboneModules { try blueprint().modules }

    /// The backbone with its weights.
    ///
    /// - Parameters:
    ///   - linear: the precision of the linear maps
    ///   - isResident: whether all layers are decoded now, or each when it is asked for
    ///   - adapter: merged into the weights
    /// - Throws: where a tensor is missing, left over, or has another shape than the description says, or where the
    ///   adapter was made for another model.
    public func backbone(
        _ linear: LinearMaker, isResident: Bool = true, merging adapter: Adapter? = nil
    ) throws -> any AdaptableBackbone {
        let loading = BackboneFamily.Loading(linear: linear, isResident: isResident, adapter: adapter)
        return try Transformer(self, blueprint: blueprint(), loading: loading)
    }
}

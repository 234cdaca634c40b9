import Diagnostics
import Files
import Numerics

/// An architecture family: which checkpoints are of it, and how they are read. One file a family has its entry.
public struct BackboneFamily: Sendable {
    /// The values of `model_type` (Hugging Face) and `general.architecture` (GGUF) that mean this family.
    let architectures: [String]
    /// What its `config.json` may leave out, and what it means then, as JSON: the defaults of transformers 5.23's
    /// configuration class, and of keys that the class hasn't what its layers do. Null is a value there: of a size it means
    /// that others give it, of a window or a cap that there is none.
    ///
    /// Source: `configuration_*.py` of github.com/huggingface/transformers. `make check-models` holds them against it.
    let defaults: String
    /// What its layers do and where their weights lie, from the checkpoint's description alone.
    let blueprint: @Sendable (Checkpoint) throws -> TransformerBlueprint

    /// All families that this program knows.
    private static let all: [BackboneFamily] = [
        .llama, .mistral, .qwen2, .qwen3, .gemma2, .gemma3, .phi3, .gpt2, .opt, .gptNeoX, .bert, .roberta, .xlmRoberta,
        .distilBERT, .mpnet, .nomicBERT, .euroBERT, .modernBERT,
        .smolLM3, .nvEmbed, .t5, .mt5, .bloom, .gte,
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
    func blueprint() throws -> TransformerBlueprint { try BackboneFamily.family(of: self).blueprint(self) }

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
        let loading = Transformer.Loading(linear: linear, isResident: isResident, adapter: adapter)
        return try Transformer(self, blueprint: blueprint(), loading: loading)
    }
}

extension BackboneFamily {
    /// A family whose layers are `TransformerBlock`s.
    ///
    /// - Parameters:
    ///   - defaults: what its `config.json` may leave out; a key that is read and stands in neither is an error
    ///   - read: what a checkpoint says of itself; throws for what the family's layers don't do
    static func transformer(
        _ architectures: [String], defaults: String,
        read: @escaping @Sendable (Checkpoint) throws -> TransformerBlueprint
    ) -> BackboneFamily {
        BackboneFamily(
            architectures: architectures, defaults: defaults,
            blueprint: { checkpoint in
                if case .huggingFace(let config) = checkpoint.description {
                    try (config["text_config"] ?? config).refuseQuantisation()
                }
                var blueprint = try read(checkpoint)
                try blueprint.check(checkpoint)
                switch checkpoint.description {
                case .huggingFace(let config): try config.close(&blueprint, ignoring: checkpoint.keys)
                case .gguf(let metadata): try GGUFSizes(metadata, of: checkpoint).close(&blueprint)
                }
                return blueprint
            })
    }
}

extension JSONNode {
    /// `is_causal`, as transformers takes it in any family's configuration: a decoder's layers attend in both directions where
    /// it is false.
    ///
    /// - Throws: for null in a decoder and true in an encoder, with which a sentence has other vectors there alone than beside
    ///   shorter ones: which mask is made depends on the padding
    private func isCausal(isEncoder: Bool) throws -> Bool {
        guard let node = member("is_causal") else { return !isEncoder }
        if isEncoder {
            guard try node.isNull || !node.flag() else {
                throw node.expected(
                    "false in an encoder: with true its vectors depend on the padding of a batch in transformers")
            }
            return false
        }
        guard !node.isNull else {
            throw node.expected("true or false: with null vectors depend on the padding of a batch in transformers")
        }
        return try node.flag()
    }

    /// Refuses weights that are stored as something else than floating-point numbers.
    fileprivate func refuseQuantisation() throws {
        guard let node = self["quantization_config"] else { return }
        throw node.error("quantised safetensors are not supported; expected float32, float16 or bfloat16 weights")
    }

    /// Refuses layers that have a window by `layer_types` where no window is in force.
    private func expectFullAttention() throws {
        guard let types = self["layer_types"] else { return }
        for type in try types.elements() where try type.string() != "full_attention" {
            throw type.expected("\"full_attention\": the configuration has no sliding window in force")
        }
    }

    /// Reads what any family's `config.json` may say, and refuses what nobody has read.
    fileprivate func close(_ blueprint: inout TransformerBlueprint, ignoring policy: KeyPolicy) throws {
        let config = self["text_config"] ?? self
        if blueprint.design.windows.allSatisfy({ $0 == nil }) { try config.expectFullAttention() }
        if try !config.isCausal(isEncoder: blueprint.design.isEncoder), !blueprint.design.isEncoder {
            guard blueprint.attendInBothDirections() else {
                throw error("expected is_causal: true, or no sliding window: \(TransformerBlueprint.windowReason)")
            }
        }
        // Its factors for longer texts are read nowhere: where it is known, the context ends before those.
        if blueprint.design.usesLongRoPE, blueprint.design.family != "phi3" {
            throw error("rotary scaling \"longrope\" is not supported in a \(blueprint.design.family) model")
        }
        // Null is off there.
        if let node = self["is_encoder_decoder"], try node.flag(), !blueprint.design.hasUnreadDecoder {
            throw node.expected("false: a decoder of an encoder is not supported")
        }
        let file = "the config.json of a \(blueprint.design.family) model"
        let known = KeysWithoutEffect.config.orOff(KeysWithoutEffect.off(in: blueprint.design))
        try refuseUnread(known.of(file), ignoring: policy)
    }
}

extension GGUFSizes {
    /// Reads what any family's metadata may say, and refuses what nobody has read. The tokenizer's keys are its reader's.
    fileprivate func close(_ blueprint: inout TransformerBlueprint) throws {
        try expectModel()
        if try metadata.flagIfPresent("\(architecture).attention.causal") == false {
            guard blueprint.attendInBothDirections() else {
                throw checkpoint.error(
                    "\(architecture).attention.causal: expected true, or no sliding window: "
                        + TransformerBlueprint.windowReason)
            }
        }
        let known = KeysWithoutEffect.gguf(architecture).of("the metadata of a \(blueprint.design.family) model")
        try metadata.refuseUnread(known, where: { !$0.hasPrefix("tokenizer.") }, ignoring: checkpoint.keys)
    }
}

extension TransformerBlueprint {
    fileprivate static let windowReason =
        "which tokens a window shows in both directions is not the same in every program"

    /// Makes every layer attend in both directions, as a model's own files say.
    ///
    /// - Returns: whether that is possible: not with a window of a decoder's
    fileprivate mutating func attendInBothDirections() -> Bool {
        guard design.isEncoder || design.windows.allSatisfy({ $0 == nil }) else { return false }
        design.isEncoder = true
        return true
    }
}

import Diagnostics
import Numerics

/// An architecture family: which checkpoints are of it, and how they are read. One file a family has its entry.
public struct BackboneFamily: Sendable {
    /// The values of `model_type` (Hugging Face) and `general.architecture` (GGUF) that mean this family.
    let architectures: [String]
    /// The sizes, from the checkpoint's description alone.
    let shape: @Sendable (Checkpoint) throws -> BackboneShape
    /// The backbone; its layers are decoded now where `isResident`, else when they are asked for.
    let backbone: @Sendable (Checkpoint, LinearMaker, _ isResident: Bool) throws -> any Backbone

    /// All families that this program knows.
    private static let all: [BackboneFamily] = [.llama]

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
    /// The backbone's sizes.
    public func shape() throws -> BackboneShape { try BackboneFamily.family(of: self).shape(self) }

    /// The backbone with its weights.
    ///
    /// - Parameters:
    ///   - linear: the precision of the linear maps
    ///   - isResident: whether all layers are decoded now, or each when it is asked for
    /// - Throws: where a tensor is missing, left over, or has another shape than the description says.
    public func backbone(_ linear: LinearMaker, isResident: Bool = true) throws -> any Backbone {
        try BackboneFamily.family(of: self).backbone(self, linear, isResident)
    }
}

import Diagnostics
import Weights

/// A backbone as a family's file describes it: what its layers do, and where their weights lie.
struct TransformerBlueprint: Sendable {
    var design: TransformerDesign
    var tensors: TransformerTensors

    /// Checks what no family's reading checks: that the sizes go together.
    func check(_ checkpoint: Checkpoint) throws {
        let sizes = design.sizes
        guard sizes.heads.isMultiple(of: sizes.keyValueHeads) else {
            throw checkpoint.error(
                "expected the \(sizes.heads) heads to be a multiple of the \(sizes.keyValueHeads) key-value heads")
        }
        guard (1...512).contains(sizes.headDimension) else {
            throw checkpoint.error("expected a head dimension up to 512, found \(sizes.headDimension)")
        }
        for case .some(let rotary) in Set(design.rotaries) {
            guard rotary.components.isMultiple(of: 2), (2...sizes.headDimension).contains(rotary.components) else {
                throw checkpoint.error(
                    "expected rotary positions on an even number of the \(sizes.headDimension) head dimensions, "
                        + "found \(rotary.components)")
            }
            if case .divided(let divisors) = rotary.scaling, divisors.count != rotary.components / 2 {
                throw checkpoint.error(
                    "tensor \"rope_freqs.weight\": expected \(rotary.components / 2) numbers, found \(divisors.count)")
            }
        }
    }
}

extension BackboneFamily {
    /// A family whose layers are `TransformerBlock`s.
    ///
    /// - Parameter read: what a checkpoint says of itself; throws for what the family's layers don't do
    static func transformer(
        _ architectures: [String], read: @escaping @Sendable (Checkpoint) throws -> TransformerBlueprint
    ) -> BackboneFamily {
        BackboneFamily(
            architectures: architectures,
            shape: { checkpoint in
                let blueprint = try read(checkpoint)
                try blueprint.check(checkpoint)
                return blueprint.design.shape
            },
            backbone: { checkpoint, loading in
                let blueprint = try read(checkpoint)
                try blueprint.check(checkpoint)
                return try Transformer(checkpoint, blueprint: blueprint, loading: loading)
            })
    }
}

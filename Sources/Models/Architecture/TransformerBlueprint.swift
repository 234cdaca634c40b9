import Diagnostics
import Files
import Numerics
import Weights

/// A backbone as a family's file describes it: what its layers do, and where their weights lie.
struct TransformerBlueprint: Sendable {
    var design: TransformerDesign
    let tensors: TransformerTensors
    /// What training can change.
    let modules: BackboneModules

    init(design: TransformerDesign, tensors: TransformerTensors) {
        (self.design, self.tensors) = (design, tensors)
        self.design.normsHeads = tensors.layer.queryNorm != nil
        var modules = BackboneModules(design, tensors)
        if design.latentAttention != nil {
            modules.untrainable = "the gradient of its attention to trained vectors is not known here"
        }
        self.modules = modules
    }

    /// Checks what no family's reading checks: that the sizes go together.
    func check(_ checkpoint: Checkpoint) throws {
        let sizes = design.sizes
        guard sizes.heads.isMultiple(of: sizes.keyValueHeads) else {
            throw checkpoint.error(
                "expected the \(sizes.heads) heads to be a multiple of the \(sizes.keyValueHeads) key-value heads")
        }
        // Families divide the hidden size by the number of heads, and not all say what the maps have.
        let outputs = [tensors.layer.query, tensors.layer.keysValues].map { parts in
            parts.flatMap(\.rows).reduce(0) { $0 + $1.count }
        }
        let inputs = tensors.layer.output.map(\.map.inputs)
        guard outputs == [sizes.queryColumns, 2 * sizes.keyColumns], inputs.allSatisfy({ $0 == sizes.queryColumns })
        else {
            throw checkpoint.error(
                "expected the hidden size, \(sizes.hiddenSize), to be a multiple of the \(sizes.heads) heads")
        }
        let largestHead = Attention.largestHeadDimension
        guard (1...largestHead).contains(sizes.headDimension) else {
            throw checkpoint.error("expected a head dimension up to \(largestHead), found \(sizes.headDimension)")
        }
        if let (name, number) = design.numbers.first(where: { !($0.number > 0 && $0.number.isFinite) }) {
            throw checkpoint.error("expected \(name) to be above 0 and within float32, found \(number)")
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

extension TransformerBlueprint {
    /// The names and shapes of all stored tensors.
    func expectations() -> TensorExpectations {
        var expected = TensorExpectations(of: design.family)
        let suffixes = tensors.storage.normSuffixes
        func require(_ module: BackboneModules.Module, layer: Int?) {
            let name = tensors.storedName(module.path, layer: layer)
            switch module.kind {
            case .table: expected.require(name + ".weight", [module.rows, module.columns])
            case .norm:
                expected.require(name + suffixes.weight, [module.columns])
                if module.hasBias { expected.require(name + suffixes.bias, [module.columns]) }
            case .linear(let isTransposed):
                let isStoredTransposed = isTransposed && !tensors.storage.isGGUF
                let shape = [module.outputs, module.inputs]
                expected.require(name + ".weight", isStoredTransposed ? shape.reversed() : shape)
                if module.hasBias { expected.require(name + ".bias", [module.outputs]) }
            }
        }
        for module in modules.embeddings + modules.end { require(module, layer: nil) }
        for layer in 0..<design.sizes.layerCount {
            for module in modules.layer where module.firstLayer <= layer { require(module, layer: layer) }
        }
        if let sizes = design.latentAttention {
            for (name, shape) in LatentAttention.tensors(sizes, hiddenSize: design.sizes.hiddenSize) {
                expected.require(name, shape)
            }
        }
        tensors.unread.forEach { expected.ignore($0) }
        return expected
    }
}

extension BackboneModules {
    init(_ design: TransformerDesign, _ tensors: TransformerTensors) {
        let (hidden, head) = (design.sizes.hiddenSize, design.sizes.headDimension)
        func norm(_ path: String?, _ columns: Int, from firstLayer: Int = 0) -> [Module] {
            path.map {
                [
                    Module(
                        path: $0, rows: 1, columns: columns, hasBias: design.norm.hasBias, kind: .norm,
                        firstLayer: firstLayer)
                ]
            } ?? []
        }
        func table(_ table: TransformerTensors.Table?, actsInLayers: Bool = false) -> [Module] {
            table.map {
                [
                    Module(
                        path: $0.path, rows: $0.rows, columns: $0.columns ?? hidden, kind: .table,
                        actsInLayers: actsInLayers)
                ]
            } ?? []
        }
        let names = tensors.layer
        let maps = names.maps.map { map in
            Module(
                path: map.path, rows: map.isTransposed ? map.inputs : map.outputs,
                columns: map.isTransposed ? map.outputs : map.inputs, hasBias: map.hasBias,
                kind: .linear(isTransposed: map.isTransposed))
        }
        self.init(
            layerCount: design.sizes.layerCount, prefixes: tensors.prefixes, layersPath: tensors.layers,
            embeddings: table(.init(path: tensors.tokens, rows: design.sizes.vocabularySize))
                + table(tensors.positions) + table(tensors.tokenTypes) + norm(tensors.embeddingNorm, hidden)
                + table(tensors.relativePositions, actsInLayers: true),
            layer: norm(names.attentionNorm, hidden, from: tensors.firstAttentionNorm) + norm(names.queryNorm, head)
                + norm(names.keyNorm, head)
                + norm(names.attentionOutputNorm, hidden) + norm(names.mlpNorm, hidden)
                + norm(names.mlpOutputNorm, hidden) + maps,
            end: norm(tensors.finalNorm, hidden))
    }
}

import Diagnostics
import Models
import Numerics
import TestSupport
import Testing

@Suite struct ForwardPassTests {
    private let model = TinyLlama()
    private let backbone: any AdaptableBackbone
    private let workspace = Workspace()
    private let batch = sequences([5, 1, 17, 2, 33])

    init() throws { backbone = try model.backbone() }

    private func readout(_ plan: AttentionPlan, _ layer: Int, _ rows: RowSelection) throws -> Readout {
        try Readout(attention: plan, layer: HiddenLayer(layer), rows: rows, layerCount: model.layers)
    }

    /// Every plan, hidden layer and selection of rows.
    private func everyReadout() throws -> [Readout] {
        try plans.flatMap { plan in
            try (0...model.layers).flatMap { layer in
                try [RowSelection.all, .last].map { try readout(plan, layer, $0) }
            }
        }
    }

    @Test("every hidden layer under every attention plan equals plain loops in double precision", arguments: plans)
    func equalsNaive(plan: AttentionPlan) throws {
        let bidirectional = Set(try plan.bidirectionalLayers(layerCount: model.layers))
        let expected = batch.map { model.hiddenStates(of: $0, bidirectional: bidirectional) }
        for layer in 0...model.layers {
            let all = try read([readout(plan, layer, .all)], of: batch, by: backbone, workspace)[0]
            let last = try read([readout(plan, layer, .last)], of: batch, by: backbone, workspace)[0]
            for index in batch.indices {
                let difference = Difference(all[index], expected[index][layer].flatMap(\.self))
                #expect(difference.relative < 1e-5, "layer \(layer), sequence \(index): \(difference)")
                let ofLast = Difference(last[index], expected[index][layer].last ?? [])
                #expect(ofLast.relative < 1e-5, "layer \(layer), last token of sequence \(index): \(ofLast)")
            }
        }
    }

    @Test("bfloat16 stays within a percent of double precision")
    func bfloat16() throws {
        let rounded = try model.backbone(LinearMaker(precision: .bfloat16))
        let found = try read([readout(.all, -1, .all)], of: batch, by: rounded, workspace)[0]
        for index in batch.indices {
            let expected = model.hiddenStates(of: batch[index], bidirectional: [0, 1, 2])[model.layers]
            let difference = Difference(found[index], expected.flatMap(\.self))
            #expect(difference.relative < 3e-2, "\(difference)")
        }
    }

    @Test("many readouts at once give each the bits that it gets alone")
    func togetherAndAlone() throws {
        let readouts = try everyReadout()
        let together = try read(readouts, of: batch, by: backbone, workspace)
        for (index, readout) in readouts.enumerated() {
            let alone = try read([readout], of: batch, by: backbone, workspace)[0]
            #expect(together[index].map(\.bits) == alone.map(\.bits), "\(readout)")
        }
    }

    @Test("a sequence's bits don't depend on its neighbours")
    func neighbours() throws {
        let readouts = try everyReadout()
        let together = try read(readouts, of: batch, by: backbone, workspace)
        let reversed = try read(readouts, of: batch.reversed(), by: backbone, workspace)
        for index in batch.indices {
            let alone = try read(readouts, of: [batch[index]], by: backbone, workspace)
            for readout in readouts.indices {
                #expect(together[readout][index].bits == alone[readout][0].bits, "\(readouts[readout])")
                #expect(reversed[readout][batch.count - 1 - index].bits == alone[readout][0].bits)
            }
        }
    }

    @Test("a shared prefix gives the bits of whole sequences, whatever is read", arguments: [1, 5, 16])
    func sharedPrefix(length: Int) throws {
        let prefix = sequences([length], seed: 8)[0]
        let readouts = try everyReadout()
        let shared = try read(readouts, of: batch, after: prefix, by: backbone, workspace)
        let whole = try read(readouts, of: batch.map { prefix + $0 }, by: backbone, workspace)
        for readout in readouts.indices {
            #expect(shared[readout].map(\.bits) == whole[readout].map(\.bits), "\(readouts[readout])")
        }
    }

    @Test("sequences that share what they begin with have the bits of whole ones, whatever is read", arguments: [0, 3])
    func sharedBeginnings(prefixLength: Int) throws {
        let prefix = sequences([prefixLength], seed: 8)[0]
        let (a, b, c) = (sequences([9], seed: 1)[0], sequences([4], seed: 2)[0], sequences([1], seed: 3)[0])
        // Beginnings of beginnings, one that is another's whole, none, a repeated one.
        let batch = [a, a + b, a + b + c, Array(a.prefix(5)) + c, c, c + a, c + a, b]
        let readouts = try everyReadout()
        let shared = try read(readouts, of: batch, after: prefix, sharing: true, by: backbone, workspace)
        let whole = try read(readouts, of: batch, after: prefix, by: backbone, workspace)
        for readout in readouts.indices {
            #expect(shared[readout].map(\.bits) == whole[readout].map(\.bits), "\(readouts[readout])")
        }
    }

    @Test("layers read from the checkpoint when they are needed give the bits of those in memory")
    func notResident() throws {
        let readouts = try everyReadout()
        let streamed = try model.backbone(isResident: false)
        let found = try read(readouts, of: batch, by: streamed, workspace)
        let expected = try read(readouts, of: batch, by: backbone, workspace)
        #expect(found.map { $0.map(\.bits) } == expected.map { $0.map(\.bits) })
    }

    @Test("OpenBLAS and oneDNN agree")
    func libraries() throws {
        let reference = try model.backbone(LinearMaker(library: .openBLAS))
        let readouts = try [readout(.last(2), -1, .all)]
        let found = try read(readouts, of: batch, by: backbone, workspace)[0].flatMap(\.self)
        let difference = Difference(found, try read(readouts, of: batch, by: reference, workspace)[0].flatMap(\.self))
        #expect(difference.relative < 1e-5, "\(difference)")
    }

    @Test("a token that the vocabulary doesn't have is an error")
    func unknownToken() throws {
        let readouts = try [readout(.none, 1, .all)]
        #expect(throws: Diagnostic("there is no token 256: the vocabulary has 256")) {
            try read(readouts, of: [[3, 256]], by: backbone, workspace)
        }
    }

    @Test("a layer that the model doesn't have is an error before anything is computed")
    func unknownLayer() {
        #expect(throws: Diagnostic.self) { try readout(.none, 4, .all) }
        #expect(throws: Diagnostic.self) { try readout(.from(3), 0, .all) }
    }
}

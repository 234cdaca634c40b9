import Diagnostics
import Numerics

/// A forward pass over a packed batch that keeps what its gradient needs: for one readout, or for several of one method
/// that differ in the hidden layer, whose gradients go back in one way down.
///
/// The states of beginnings that sequences share are computed once while attention is causal, and gather the gradients
/// of all sequences. Where the plan turns bidirectional each sequence gets rows of its own for them. No layer above the
/// highest hidden layer is computed.
public struct RecordedPass {
    private let backbone: any AdaptableBackbone
    private let readouts: [Readout]
    /// The one of the highest hidden layer.
    private let highest: Readout
    private let normsExits: Bool
    private let trainsEmbeddings: Bool
    private let tape: Tape
    private var steps: [Step] = []
    /// [rows, hiddenSize]: the residual stream behind the last layer, before the final norm.
    private var rows: Matrix
    private var layout: RowLayout
    /// What the readouts read, in their order.
    private var views: [View] = []
    private let tokens: [Int32]
    private let positions: [Int32]

    /// The states of a hidden layer, as the pass came by.
    private struct View {
        /// [rows, hiddenSize], without the final norm: kept, or for the highest layer those of the pass.
        var rows: Matrix
        var layout: RowLayout
        /// Of a layer below the highest, which of its rows are read; nil for all, or where `rows` are those already.
        var selected: [Int]?
    }

    /// A layer as it was applied.
    private struct Step {
        var layer: any DifferentiableLayer
        var attention: LayerAttention
        /// Which row each of the layer's rows was a copy of; nil where they are the rows of the layer below.
        var copied: [Int]?
        var rowsBelow: Int
        /// Placeholders' rows, and the last tokens' whose states took their place before the layer.
        var prepended: [(placeholder: Int, last: Int)]
    }

    /// What the passes of one worker or batch write to, kept from one to the next.
    public final class Tape {
        private var layers: [SlotMemory] = []
        fileprivate let ends = SlotMemory()
        /// Of readouts, in their order.
        private var readouts: [SlotMemory] = []

        public init() {}

        fileprivate func layer(_ index: Int) -> SlotMemory { Self.memory(index, of: &layers) }

        fileprivate func readout(_ index: Int) -> SlotMemory { Self.memory(index, of: &readouts) }

        private static func memory(_ index: Int, of all: inout [SlotMemory]) -> SlotMemory {
            while all.count <= index { all.append(SlotMemory()) }
            return all[index]
        }
    }

    /// Runs the pass.
    ///
    /// - Parameters:
    ///   - readouts: at least one; of one attention plan, and of the same rows
    ///   - lowestTrained: the first layer with trained parameters: nothing is kept of those below
    ///   - trainsEmbeddings: whether the embedding layer is trained too; then the lowest trained layer is 0, and hidden
    ///     layer 0 may be read
    ///   - normsExits: whether the final norm is applied to each hidden layer that is read, or to the last layer alone, as
    ///     Hugging Face's `hidden_states` have it
    /// - Throws: where a layer's gradient isn't known, or a token doesn't exist.
    public init(
        _ backbone: any AdaptableBackbone, batch: PackedBatch, readouts: [Readout], lowestTrained: Int = 0,
        trainsEmbeddings: Bool = false, normsExits: Bool = false, on tape: Tape, workspace: Workspace
    ) throws {
        guard let highest = readouts.max(by: { $0.hiddenLayer < $1.hiddenLayer }) else {
            throw Diagnostic("expected a hidden layer to train by, found none")
        }
        guard highest.hiddenLayer > lowestTrained || (highest.hiddenLayer == 0 && trainsEmbeddings) else {
            throw Diagnostic(
                "nothing to train: hidden layer \(highest.hiddenLayer) is read, and the lowest trained layer is "
                    + "layer \(lowestTrained), whose output is hidden layer \(lowestTrained + 1)")
        }
        guard let path = PassTree(readouts).path, readouts.allSatisfy({ $0.rows == highest.rows }) else {
            preconditionFailure("readouts of several attention plans")
        }
        (self.backbone, self.readouts, self.highest, self.tape) = (backbone, readouts, highest, tape)
        (self.normsExits, self.trainsEmbeddings) = (normsExits, trainsEmbeddings)
        layout = RowLayout(
            starts: batch.starts, sharedCounts: batch.sharedCounts, prefixLength: 0, paddings: batch.paddings)
        (tokens, positions) = (batch.tokens, layout.positions)
        rows = tape.ends.matrix(.layerInput, rows: layout.rowCount, columns: backbone.hiddenSize)
        try backbone.embed(tokens[...], at: positions[...], into: rows)
        var kept: [Int: View] = [:]
        if path.isEmpty { keepViews(ofHiddenLayer: 0, &kept) }
        for node in path {
            keepViews(ofHiddenLayer: node.layer, &kept)
            try apply(node, batch: batch, isRecorded: node.layer >= lowestTrained, workspace: workspace)
        }
        workspace.recording = nil
        if highest.rows == .last, !path.isEmpty {
            // Until now in the workspace, where the next pass would overwrite them.
            let selected = tape.ends.matrix(.selectedResidual, rows: rows.rows, columns: rows.columns)
            selected.assign(rows)
            rows = selected
        }
        views = readouts.indices.map { kept[$0] ?? View(rows: rows, layout: layout) }
    }

    /// Keeps the states of a hidden layer below the highest, which the next layer overwrites.
    private func keepViews(ofHiddenLayer layer: Int, _ kept: inout [Int: View]) {
        for (index, readout) in readouts.enumerated() where readout.hiddenLayer == layer {
            let selected = readout.rows == .last ? layout.lastRows : nil
            let own = tape.readout(index).matrix(
                .layerInput, rows: selected?.count ?? rows.rows, columns: rows.columns)
            if let selected {
                for (row, source) in selected.enumerated() { own.assign(row: row, from: rows, row: source) }
            } else {
                own.assign(rows)
            }
            let ownLayout =
                selected.map { RowLayout(starts: Array(0...$0.count), prefixLength: 0) } ?? layout
            kept[index] = View(rows: own, layout: ownLayout, selected: selected)
        }
    }

    private mutating func apply(
        _ node: PassTree.Node, batch: PackedBatch, isRecorded: Bool, workspace: Workspace
    ) throws {
        guard let layer = try backbone.layer(node.layer) as? any DifferentiableLayer else {
            throw Diagnostic(
                "the gradient of layer \(node.layer) is not known: models of this family cannot be trained")
        }
        let rowsBelow = rows.rows
        var copied: [Int]?
        if node.expands, layout.isShared { copied = expand() }
        let prepended = node.prepends ? prepend(batch) : []
        let attention = LayerAttention(layout: layout, bidirectional: node.isBidirectional, selecting: node.rows)
        workspace.recording = isRecorded ? tape.layer(node.layer) : nil
        rows = layer.apply(to: rows, attention: attention, workspace: workspace)
        if node.rows == .last { layout = RowLayout(starts: attention.queryStarts, prefixLength: 0) }
        if isRecorded {
            steps.append(
                Step(
                    layer: layer, attention: attention, copied: copied, rowsBelow: rowsBelow, prepended: prepended))
        }
    }

    /// Gives each sequence rows of its own for what it shared: in a bidirectional layer their states depend on the rest.
    private mutating func expand() -> [Int] {
        let sources = layout.sources().compactMap(\.self)
        rows = Self.gathered(rows, sources, into: .middle, of: tape.ends)
        layout = layout.expanded()
        return sources
    }

    /// Puts each sequence's last state in its placeholder's place. Token Prepending, arXiv 2412.11556, section 3.
    private func prepend(_ batch: PackedBatch) -> [(placeholder: Int, last: Int)] {
        let places = layout.placeholders(of: batch)
        for (placeholder, last) in places { rows.assign(row: placeholder, from: rows, row: last) }
        return places
    }

    private func isNormed(_ readout: Readout) -> Bool { normsExits || readout.hiddenLayer == backbone.layerCount }

    /// The states that a readout asks for, each sequence's: [rows, hiddenSize].
    public func states(of index: Int = 0) -> HiddenStates {
        let (view, memory) = (views[index], tape.readout(index))
        let states = memory.matrix(.readout, rows: view.rows.rows, columns: view.rows.columns)
        if isNormed(readouts[index]) {
            backbone.applyFinalNorm(to: view.rows, into: states)
        } else {
            states.assign(view.rows)
        }
        guard view.layout.isShared else { return hiddenStates(states, of: index) }
        let sources = view.layout.sources().compactMap(\.self)
        return hiddenStates(Self.gathered(states, sources, into: .normed, of: memory), of: index)
    }

    /// Zeros in the states' places, to be filled with their gradient.
    public func statesGradient(of index: Int = 0) -> HiddenStates {
        let (layout, rows) = (views[index].layout, views[index].rows)
        let count = layout.isShared ? layout.expanded().rowCount : rows.rows
        let gradient = tape.readout(index).matrix(.gradient(of: .normed), rows: count, columns: rows.columns)
        gradient.fill(0)
        return hiddenStates(gradient, of: index)
    }

    private func hiddenStates(_ rows: Matrix, of index: Int) -> HiddenStates {
        HiddenStates(
            rows: rows, starts: views[index].layout.expanded().starts, isLastOnly: readouts[index].rows == .last,
            sharedPrefix: nil)
    }

    private static func gathered(
        _ rows: Matrix, _ sources: [Int], into slot: Workspace.Slot, of memory: SlotMemory
    ) -> Matrix {
        let gathered = memory.matrix(slot, rows: sources.count, columns: rows.columns)
        for (row, source) in sources.enumerated() { gathered.assign(row: row, from: rows, row: source) }
        return gathered
    }

    /// The transpose of `gathered`: each row's gradient is the sum of its copies'.
    private static func scattered(
        _ gradient: Matrix, _ sources: [Int], count: Int, into slot: Workspace.Slot, of memory: SlotMemory
    ) -> Matrix {
        let sums = memory.matrix(.gradient(of: slot), rows: count, columns: gradient.columns)
        sums.fill(0)
        for (row, source) in sources.enumerated() { Kernels.add(gradient, row: row, scale: 1, to: sums, row: source) }
        return sums
    }
}

extension RecordedPass {
    /// Adds the parameters' gradients, given those of the states.
    ///
    /// - Parameter statesGradients: of each readout what `statesGradient` returned, filled
    public func backward(_ statesGradients: [HiddenStates], into gradients: Gradients, workspace: Workspace) {
        precondition(statesGradients.count == readouts.count)
        var above: Matrix?
        /// Adds what the readouts of a hidden layer say of its rows.
        func addReadouts(of hiddenLayer: Int, to gradient: Matrix) {
            for (index, readout) in readouts.enumerated() where readout.hiddenLayer == hiddenLayer {
                let own = rowsGradient(of: index, statesGradients[index].rows, gradients)
                for row in 0..<own.rows {
                    let place = views[index].selected?[row] ?? row
                    Kernels.add(own, row: row, scale: 1, to: gradient, row: place)
                }
            }
        }
        if highest.hiddenLayer == 0 {
            let gradient = tape.ends.matrix(.gradient(of: .layerInput), rows: rows.rows, columns: rows.columns)
            gradient.fill(0)
            addReadouts(of: 0, to: gradient)
            backbone.embedBackward(gradient, tokens: tokens[...], at: positions[...], gradients: gradients)
            return
        }
        // The first of the highest layer's readouts is the gradient that the others are added to.
        for (index, readout) in readouts.enumerated() where readout.hiddenLayer == highest.hiddenLayer {
            let own = rowsGradient(of: index, statesGradients[index].rows, gradients)
            if let above { Kernels.add(own, to: above) } else { above = own }
        }
        guard var gradient = above else { return }
        let lowest = highest.hiddenLayer - steps.count
        for (index, step) in steps.enumerated().reversed() {
            let number = lowest + index
            if number + 1 < highest.hiddenLayer { addReadouts(of: number + 1, to: gradient) }
            let recorded = RecordedStep(
                attention: step.attention, tape: tape.layer(number),
                needsInputGradient: index > 0 || trainsEmbeddings)
            guard
                var below = step.layer.backward(
                    gradient, step: recorded, gradients: gradients, workspace: workspace)
            else { return }
            for (placeholder, last) in step.prepended {
                Kernels.add(below, row: placeholder, scale: 1, to: below, row: last)
                below[rows: placeholder..<placeholder + 1].fill(0)
            }
            if let copied = step.copied {
                below = Self.scattered(below, copied, count: step.rowsBelow, into: .middle, of: tape.ends)
            }
            gradient = below
        }
        guard trainsEmbeddings, lowest == 0 else { return }
        addReadouts(of: 0, to: gradient)
        backbone.embedBackward(gradient, tokens: tokens[...], at: positions[...], gradients: gradients)
    }

    /// The gradient of a view's rows, given that of the states that were made of them.
    private func rowsGradient(of index: Int, _ statesGradient: Matrix, _ gradients: Gradients) -> Matrix {
        let (view, memory) = (views[index], tape.readout(index))
        var gradient = statesGradient
        if view.layout.isShared {
            gradient = Self.scattered(
                gradient, view.layout.sources().compactMap(\.self), count: view.layout.rowCount, into: .readout,
                of: memory)
        }
        guard isNormed(readouts[index]) else { return gradient }
        let below = memory.matrix(.gradient(of: .layerInput), rows: view.rows.rows, columns: view.rows.columns)
        below.fill(0)
        backbone.applyFinalNormBackward(to: view.rows, gradient: gradient, into: below, gradients: gradients)
        return below
    }
}

import Diagnostics
import Numerics

/// A forward pass over a packed batch for one readout that keeps what its gradient needs.
///
/// The states of beginnings that sequences share are computed once while attention is causal, and gather the gradients
/// of all sequences. Where the plan turns bidirectional each sequence gets rows of its own for them.
public struct RecordedPass {
    private let backbone: any AdaptableBackbone
    private let readout: Readout
    private let tape: Tape
    private var steps: [Step] = []
    /// [rows, hiddenSize]: the residual stream behind the last layer, before the final norm.
    private var rows: Matrix
    private var layout: RowLayout

    /// A layer as it was applied.
    private struct Step {
        var layer: any DifferentiableLayer
        var attention: LayerAttention
        /// Which row each of the layer's rows was a copy of; nil where they are the rows of the layer below.
        var copied: [Int]?
        var rowsBelow: Int
    }

    /// What the passes of one worker or batch write to, kept from one to the next.
    public final class Tape {
        private var layers: [SlotMemory] = []
        fileprivate let ends = SlotMemory()

        public init() {}

        fileprivate func layer(_ index: Int) -> SlotMemory {
            while layers.count <= index { layers.append(SlotMemory()) }
            return layers[index]
        }
    }

    /// Runs the pass.
    ///
    /// - Parameters:
    ///   - lowestTrained: the first layer with trained parameters: nothing is kept of those below
    /// - Throws: where a layer's gradient isn't known, or a token doesn't exist.
    public init(
        _ backbone: any AdaptableBackbone, batch: PackedBatch, readout: Readout, lowestTrained: Int = 0,
        on tape: Tape, workspace: Workspace
    ) throws {
        guard readout.hiddenLayer > lowestTrained else {
            throw Diagnostic(
                "nothing to train: hidden layer \(readout.hiddenLayer) is read, and the lowest trained layer is "
                    + "layer \(lowestTrained), whose output is hidden layer \(lowestTrained + 1)")
        }
        self.backbone = backbone
        self.readout = readout
        self.tape = tape
        layout = RowLayout(starts: batch.starts, sharedCounts: batch.sharedCounts, prefixLength: 0)
        rows = tape.ends.matrix(.layerInput, rows: layout.rowCount, columns: backbone.hiddenSize)
        try backbone.embed(batch.tokens[...], at: layout.positions[...], into: rows)
        for index in 0..<readout.hiddenLayer {
            try apply(index, isRecorded: index >= lowestTrained, workspace: workspace)
        }
        workspace.recording = nil
        if readout.rows == .last {
            // Until now in the workspace, where the next pass would overwrite them.
            let kept = tape.ends.matrix(.selectedResidual, rows: rows.rows, columns: rows.columns)
            kept.assign(rows)
            rows = kept
        }
    }

    private mutating func apply(_ index: Int, isRecorded: Bool, workspace: Workspace) throws {
        guard let layer = try backbone.layer(index) as? any DifferentiableLayer else {
            throw Diagnostic("this family of models cannot be trained yet; expected a LLaMA model")
        }
        let treatment = readout.treatment(of: index)
        guard !treatment.prepends else {
            throw Diagnostic("Token Prepending cannot be trained: it is a method without training")
        }
        let isHighest = readout.hiddenLayer == index + 1 && readout.rows == .last
        let rowsBelow = rows.rows
        var copied: [Int]?
        if treatment.isBidirectional, !isHighest, layout.isShared { copied = expand() }
        let attention = LayerAttention(
            layout: layout, bidirectional: treatment.isBidirectional, selecting: isHighest ? .last : .all)
        workspace.recording = isRecorded ? tape.layer(index) : nil
        rows = layer.apply(to: rows, attention: attention, workspace: workspace)
        if isHighest { layout = RowLayout(starts: attention.queryStarts, prefixLength: 0) }
        if isRecorded {
            steps.append(Step(layer: layer, attention: attention, copied: copied, rowsBelow: rowsBelow))
        }
    }

    /// Gives each sequence rows of its own for what it shared: in a bidirectional layer their states depend on the rest.
    private mutating func expand() -> [Int] {
        let sources = layout.sources().compactMap(\.self)
        rows = gathered(rows, sources, into: .middle)
        layout = layout.expanded()
        return sources
    }

    /// The states that the readout asks for, each sequence's: [rows, hiddenSize].
    public func states() -> HiddenStates {
        let states = tape.ends.matrix(.readout, rows: rows.rows, columns: rows.columns)
        if readout.hiddenLayer == backbone.layerCount {
            backbone.applyFinalNorm(to: rows, into: states)
        } else {
            states.assign(rows)
        }
        guard layout.isShared else { return view(of: states) }
        return view(of: gathered(states, layout.sources().compactMap(\.self), into: .normed))
    }

    /// Zeros in the states' places, to be filled with their gradient.
    public func statesGradient() -> HiddenStates {
        let count = layout.isShared ? layout.expanded().rowCount : rows.rows
        let gradient = tape.ends.matrix(.gradient(of: .normed), rows: count, columns: rows.columns)
        gradient.fill(0)
        return view(of: gradient)
    }

    private func view(of rows: Matrix) -> HiddenStates {
        HiddenStates(
            rows: rows, starts: layout.expanded().starts, isLastOnly: readout.rows == .last, sharedPrefix: nil)
    }

    private func gathered(_ rows: Matrix, _ sources: [Int], into slot: Workspace.Slot) -> Matrix {
        let gathered = tape.ends.matrix(slot, rows: sources.count, columns: rows.columns)
        for (row, source) in sources.enumerated() { gathered.assign(row: row, from: rows, row: source) }
        return gathered
    }

    /// The transpose of `gathered`: each row's gradient is the sum of its copies'.
    private func scattered(_ gradient: Matrix, _ sources: [Int], count: Int, into slot: Workspace.Slot) -> Matrix {
        let sums = tape.ends.matrix(.gradient(of: slot), rows: count, columns: gradient.columns)
        sums.fill(0)
        for (row, source) in sources.enumerated() { Kernels.add(gradient, row: row, scale: 1, to: sums, row: source) }
        return sums
    }

    /// Adds the parameters' gradients, given that of the states.
    ///
    /// - Parameter statesGradient: what `statesGradient` returned, filled
    public func backward(_ statesGradient: HiddenStates, into gradients: Gradients, workspace: Workspace) {
        var gradient = statesGradient.rows
        if layout.isShared {
            gradient = scattered(
                gradient, layout.sources().compactMap(\.self), count: layout.rowCount, into: .readout)
        }
        if readout.hiddenLayer == backbone.layerCount {
            let below = tape.ends.matrix(.gradient(of: .layerInput), rows: rows.rows, columns: rows.columns)
            below.fill(0)
            backbone.applyFinalNormBackward(to: rows, gradient: gradient, into: below, gradients: gradients)
            gradient = below
        }
        for (index, step) in steps.enumerated().reversed() {
            let number = readout.hiddenLayer - steps.count + index
            let recorded = RecordedStep(
                attention: step.attention, tape: tape.layer(number), needsInputGradient: index > 0)
            guard
                var below = step.layer.backward(
                    gradient, step: recorded, gradients: gradients, workspace: workspace)
            else { return }
            if let copied = step.copied {
                below = scattered(below, copied, count: step.rowsBelow, into: .middle)
            }
            gradient = below
        }
    }
}

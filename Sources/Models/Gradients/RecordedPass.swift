import Diagnostics
import Numerics

/// A forward pass over a packed batch for one readout that keeps what its gradient needs.
///
/// The states of a causal prefix that all sequences share are computed once, as the batch's leading rows, and gather
/// the gradients of all sequences. Where the plan turns bidirectional each sequence gets rows of its own for it.
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
    ///   - batch: each sequence's tokens behind the prefix
    ///   - prefix: the tokens before each sequence; may be empty
    ///   - lowestTrained: the first layer with trained parameters: nothing is kept of those below
    /// - Throws: where a layer's gradient isn't known, or a token doesn't exist.
    public init(
        _ backbone: any AdaptableBackbone, batch: PackedBatch, prefix: [Int32], readout: Readout,
        lowestTrained: Int = 0,
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
        layout = RowLayout(starts: batch.starts.map { $0 + prefix.count }, sharedPrefix: prefix.count)
        rows = tape.ends.matrix(.layerInput, rows: layout.rowCount, columns: backbone.hiddenSize)
        try backbone.embed((prefix + batch.tokens)[...], at: layout.positions[...], into: rows)
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
        if treatment.isBidirectional, !isHighest, layout.leadingRows > 0 { copied = expand(index) }
        let attention = LayerAttention(
            layout: layout, bidirectional: treatment.isBidirectional, selecting: isHighest ? .last : .all)
        workspace.recording = isRecorded ? tape.layer(index) : nil
        rows = layer.apply(to: rows, attention: attention, workspace: workspace)
        if isHighest { layout = RowLayout(starts: attention.queryStarts, sharedPrefix: 0) }
        if isRecorded {
            steps.append(Step(layer: layer, attention: attention, copied: copied, rowsBelow: rowsBelow))
        }
    }

    /// Gives each sequence rows of its own for the prefix: in a bidirectional layer its states depend on the sentence.
    private mutating func expand(_ index: Int) -> [Int] {
        let sources = (0..<layout.sequenceCount).flatMap { sequence in
            Array(0..<layout.leadingRows) + Array(layout.starts[sequence]..<layout.starts[sequence + 1])
        }
        let expanded = tape.ends.matrix(.middle, rows: sources.count, columns: rows.columns)
        for (row, source) in sources.enumerated() { expanded.assign(row: row, from: rows, row: source) }
        layout = layout.expanded()
        rows = expanded
        return sources
    }

    /// The states that the readout asks for: [rows, hiddenSize], the shared prefix' among them where there is one.
    public func states() -> HiddenStates {
        let states = tape.ends.matrix(.readout, rows: rows.rows, columns: rows.columns)
        if readout.hiddenLayer == backbone.layerCount {
            backbone.applyFinalNorm(to: rows, into: states)
        } else {
            states.assign(rows)
        }
        return view(of: states)
    }

    /// Zeros in the states' places, to be filled with their gradient.
    public func statesGradient() -> HiddenStates {
        let gradient = tape.ends.matrix(.gradient(of: .readout), rows: rows.rows, columns: rows.columns)
        gradient.fill(0)
        return view(of: gradient)
    }

    private func view(of rows: Matrix) -> HiddenStates {
        HiddenStates(
            rows: rows, starts: layout.starts, isLastOnly: readout.rows == .last,
            sharedPrefix: layout.leadingRows > 0 ? rows[rows: 0..<layout.leadingRows] : nil)
    }

    /// Adds the parameters' gradients, given that of the states.
    ///
    /// - Parameter statesGradient: what `statesGradient` returned, filled
    public func backward(_ statesGradient: HiddenStates, into gradients: Gradients, workspace: Workspace) {
        var gradient = statesGradient.rows
        if readout.hiddenLayer == backbone.layerCount {
            let below = tape.ends.matrix(.gradient(of: .layerInput), rows: rows.rows, columns: rows.columns)
            below.fill(0)
            backbone.applyFinalNormBackward(to: rows, gradient: gradient, into: below)
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
                let gathered = tape.ends.matrix(.gradient(of: .middle), rows: step.rowsBelow, columns: below.columns)
                gathered.fill(0)
                for (row, source) in copied.enumerated() {
                    Kernels.add(below, row: row, scale: 1, to: gathered, row: source)
                }
                below = gathered
            }
            gradient = below
        }
    }
}
